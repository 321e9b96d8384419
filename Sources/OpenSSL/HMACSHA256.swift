/// HMAC (RFC 2104) with SHA-256 under one key. Both padded key blocks are hashed once at `init`, so that a value kept for
/// a key authenticates a short message with two or three rounds of the hash function.
package struct HMACSHA256: Sendable, CustomStringConvertible {
    private static let blockCount = 64
    private var inner = SHA256()
    private var outer = SHA256()

    /// Prepares a key of any length.
    package init(key: [UInt8]) {
        self = key.withUnsafeBytes { HMACSHA256(key: $0) }
    }

    /// As above, from memory.
    package init(key: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.blockCount) { block in
            block.initialize(repeating: 0)
            if key.count > Self.blockCount {
                var hash = SHA256()
                hash.update(key)
                hash.write(into: block)
            } else {
                UnsafeMutableRawBufferPointer(block).copyMemory(from: key)
            }
            for index in block.indices { block[index] ^= 0x36 }
            inner.update(UnsafeRawBufferPointer(block))
            for index in block.indices { block[index] ^= 0x36 ^ 0x5C }
            outer.update(UnsafeRawBufferPointer(block))
            block.update(repeating: 0)
        }
    }

    /// The code of a message, 32 octets.
    package func code(of message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { code(of: $0) }
    }

    /// As above, from memory.
    package func code(of message: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: SHA256.digestCount) { target, count in
            write(codeOf: message, into: target)
            count = SHA256.digestCount
        }
    }

    /// The code of one message under a key that is not used again.
    package static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        HMACSHA256(key: key).code(of: message)
    }

    /// Whether the message has this code, or a code that begins with these octets (RFC 2104 §5 allows half the code and
    /// no less); takes the same time wherever they differ.
    package func verifies(_ code: [UInt8], of message: [UInt8]) -> Bool {
        guard (SHA256.digestCount / 2...SHA256.digestCount).contains(code.count) else { return false }
        return constantTimeEqual(code, Array(self.code(of: message).prefix(code.count)))
    }

    /// Writes the code of a message; the target may be the message's own memory.
    func write(codeOf message: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<UInt8>) {
        var hash = inner
        hash.update(message)
        hash.write(into: target)
        hash = outer
        hash.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[..<SHA256.digestCount]))
        hash.write(into: target)
    }

    /// Says what it is and nothing of the key.
    package var description: String { "HMACSHA256" }
}
