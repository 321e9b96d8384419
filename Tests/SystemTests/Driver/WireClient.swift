import Glibc
import OpenSSL

/// A blocking connection to loopback that reads lines and octets, in the clear or under TLS.
///
/// Belongs to one test at a time; not `Sendable`.
final class WireClient {
    private let descriptor: Int32
    /// Where octets go if not to the same socket.
    private let writing: Int32?
    private var received: [UInt8] = []
    private var consumed = 0
    private var tls: TLSSession?
    private let patience: Duration

    /// Connects, to and from an address of loopback; with `tls`, speaks TLS from the first octet.
    init(
        port: Int, at host: String = "127.0.0.1", tls: Bool = false, from source: String? = nil,
        patience: Duration = Patience.default
    ) throws {
        self.patience = patience
        writing = nil
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if let source { try Self.bind(descriptor, to: source) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw WaitedInVain("cannot connect to port \(port): \(reason)")
        }
        if tls { try startTLS() }
    }

    private static func bind(_ descriptor: Int32, to source: String) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr(source)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else { throw WaitedInVain("cannot send from \(source): \(String(cString: strerror(errno)))") }
    }

    /// Speaks to a program over its standard output and input, and closes both in the end.
    init(reading: Int32, writing: Int32, patience: Duration = Patience.default) {
        (descriptor, self.writing, self.patience) = (reading, writing, patience)
    }

    deinit {
        Glibc.close(descriptor)
        if let writing { Glibc.close(writing) }
    }

    // MARK: - TLS

    /// Speaks TLS from here on, whoever the server is.
    func startTLS(serverName: String? = nil) throws {
        let session = try TLSSession(client: TLSContext(verification: .opportunistic), serverName: serverName)
        while true {
            let result = session.handshake()
            try sendRaw(session.takeCiphertext())
            switch result {
            case .completed:
                tls = session
                return
            case .needsInput:
                let octets = try receiveRaw()
                if octets.isEmpty { session.receivedEnd() } else { session.receive(octets) }
            case .failed(let failure): throw WaitedInVain("TLS: \(failure)")
            }
        }
    }

    // MARK: - Sending

    /// Sends octets as they are.
    func send(_ octets: [UInt8]) throws {
        guard let tls else { return try sendRaw(octets) }
        try tls.write(octets)
        try sendRaw(tls.takeCiphertext())
    }

    /// Sends a line and CRLF.
    func send(line: String) throws { try send(Array(line.utf8) + [0x0D, 0x0A]) }

    private func sendRaw(_ octets: [UInt8]) throws {
        var sent = 0
        while sent < octets.count {
            let count = octets.withUnsafeBytes { bytes in
                let (start, left) = (bytes.baseAddress?.advanced(by: sent), octets.count - sent)
                if let writing { return Glibc.write(writing, start, left) }
                return Glibc.send(descriptor, start, left, Int32(truncatingIfNeeded: MSG_NOSIGNAL))
            }
            guard count > 0 else { throw WaitedInVain("the server hung up: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Says that nothing more comes.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    // MARK: - Receiving

    /// The next octets from the socket; none at its end.
    private func receiveRaw() throws -> [UInt8] {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, Int32(patience.components.seconds * 1000)) > 0 else {
            throw WaitedInVain("the server says nothing; unread: \(String(decoding: received[consumed...], as: UTF8.self))")
        }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// Gets more; false at the end of the connection.
    private func fill() throws -> Bool {
        if consumed > 1 << 16 {
            received.removeFirst(consumed)
            consumed = 0
        }
        guard let tls else {
            let octets = try receiveRaw()
            received += octets
            return !octets.isEmpty
        }
        var plaintext = [UInt8](repeating: 0, count: 16384)
        while true {
            switch plaintext.withUnsafeMutableBytes({ tls.read(into: $0) }) {
            case .octets(let count):
                received += plaintext[..<count]
                return true
            case .needsInput:
                let octets = try receiveRaw()
                if octets.isEmpty { tls.receivedEnd() } else { tls.receive(octets) }
            case .closed, .truncated: return false
            case .failed(let failure): throw WaitedInVain("TLS: \(failure)")
            }
        }
    }

    /// The next line without its CRLF; `nil` at the end of the connection.
    func readLine() throws -> String? {
        var searched = consumed
        while true {
            if let end = received[searched...].firstIndex(of: 0x0A) {
                var line = received[consumed..<end]
                if line.last == 0x0D { line.removeLast() }
                consumed = end + 1
                return String(decoding: line, as: UTF8.self)
            }
            let offset = received.count - consumed
            guard try fill() else { return nil }
            searched = consumed + offset
        }
    }

    /// Exactly so many octets.
    func read(count: Int) throws -> [UInt8] {
        while received.count - consumed < count {
            guard try fill() else { throw WaitedInVain("the connection ended within \(count) octets") }
        }
        defer { consumed += count }
        return Array(received[consumed..<consumed + count])
    }

    /// Whether the server closes the connection without another word.
    func isAtEnd() throws -> Bool {
        if consumed < received.count { return false }
        return try !fill()
    }
}
