import Glibc

/// A socket on loopback that takes questions and never answers.
final class SilentServer: Sendable {
    let address: String
    private let descriptor: Int32

    struct Unavailable: Error {}

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        self.descriptor = descriptor
        address = "127.0.0.1@\(UInt16(bigEndian: name.sin_port))"
        guard isBound else { throw Unavailable() }
    }

    deinit { close(descriptor) }
}
