import OpenSSL

/// A client's and a server's session whose wires are connected.
struct SessionPair {
    let client: TLSSession
    let server: TLSSession

    /// Carries ciphertext both ways, in pieces of `size` octets, until nobody has more; true once both are through.
    func shakeHands(inPiecesOf size: Int = .max) -> Bool {
        var isDone = (client: client.handshake() == .completed, server: false)
        while client.hasCiphertext || server.hasCiphertext {
            for piece in pieces(client.takeCiphertext(), size) {
                server.receive(piece)
                isDone.server = server.handshake() == .completed
            }
            for piece in pieces(server.takeCiphertext(), size) {
                client.receive(piece)
                isDone.client = client.handshake() == .completed
            }
        }
        return isDone == (true, true)
    }

    /// Carries everything from the one to the other and reads it there.
    static func carry(from sender: TLSSession, to receiver: TLSSession, inPiecesOf size: Int = .max) -> [UInt8] {
        var plaintext: [UInt8] = []
        for piece in pieces(sender.takeCiphertext(), size) {
            receiver.receive(piece)
            plaintext += readAll(receiver).plaintext
        }
        return plaintext
    }

    /// Reads until there is nothing to read, and says how that showed.
    static func readAll(_ session: TLSSession) -> (plaintext: [UInt8], end: TLSSession.ReadResult) {
        var plaintext: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 5000)
        while true {
            let result = buffer.withUnsafeMutableBytes { session.read(into: $0) }
            guard case .octets(let count) = result else { return (plaintext, result) }
            plaintext += buffer.prefix(count)
        }
    }
}

private func pieces(_ octets: [UInt8], _ size: Int) -> [[UInt8]] {
    guard octets.count > size else { return octets.isEmpty ? [] : [octets] }
    return stride(from: 0, to: octets.count, by: size).map { Array(octets[$0..<min($0 + size, octets.count)]) }
}
