import Foundation
import Glibc

/// Asks a running server.
struct ControlClient {
    let path: String

    /// Whether a server listens.
    var isAnswered: Bool {
        guard let descriptor = connected() else { return false }
        close(descriptor)
        return true
    }

    /// `nil` where no server answers.
    func send(_ request: ControlRequest) throws -> ControlResponse? {
        guard let descriptor = connected() else { return nil }
        defer { close(descriptor) }
        let line = try JSONEncoder().encode(request) + [0x0A]
        try line.withUnsafeBytes { octets in
            var sent = 0
            while sent < octets.count {
                let count = Glibc.send(
                    descriptor, octets.baseAddress?.advanced(by: sent), octets.count - sent, Int32(truncatingIfNeeded: MSG_NOSIGNAL))
                guard count > 0 else { throw CommandFailure(.temporaryFailure, "the server hung up") }
                sent += count
            }
        }
        var answer = Data()
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer.append(contentsOf: buffer[..<count])
        }
        guard let response = try? JSONDecoder().decode(ControlResponse.self, from: answer) else {
            throw CommandFailure(.temporaryFailure, "the server gave no answer that can be read")
        }
        return response
    }

    /// An open connection.
    private func connected() -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let shortPath = SocketPath(path)
        let octets = Array(shortPath.text.utf8)
        // Still too long: the directory is not there, and no server in it.
        guard octets.count < MemoryLayout.size(ofValue: address.sun_path) else {
            close(descriptor)
            return nil
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        withExtendedLifetime(shortPath) {}
        guard isConnected else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
