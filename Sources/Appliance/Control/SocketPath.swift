import Glibc

/// The path of a local socket, short enough for its address (unix(7): 107 octets) however deep its directory lies: a long
/// one goes through the opened directory, `/proc/self/fd/N/control.sock`. Hold it until bind or connect has happened.
final class SocketPath: Sendable {
    let text: String
    private let directory: Int32?

    init(_ path: String) {
        let isShort = path.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        guard !isShort, let slash = path.lastIndex(of: "/"),
            case let descriptor = open(String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC), descriptor >= 0
        else {
            (text, directory) = (path, nil)
            return
        }
        (text, directory) = ("/proc/self/fd/\(descriptor)\(path[slash...])", descriptor)
    }

    deinit { if let directory { close(directory) } }
}
