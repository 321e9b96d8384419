internal import COpenSSL

/// SHA-256 (FIPS 180-4), incremental and in one call. A value without heap memory: copying it forks the computation.
///
/// `SHA256.digest(of: Array("abc".utf8))` begins with `ba 78 16 bf`.
package struct SHA256: Sendable {
    /// The octets of a digest.
    package static let digestCount = 32

    private var state = SHA256_CTX()

    /// Begins an empty computation.
    package init() { SHA256_Init(&state) }

    /// Adds octets to what is hashed.
    package mutating func update(_ octets: UnsafeRawBufferPointer) {
        guard let base = octets.baseAddress else { return }
        SHA256_Update(&state, base, octets.count)
    }

    /// As above, from an array.
    package mutating func update(_ octets: [UInt8]) {
        octets.withUnsafeBytes { update($0) }
    }

    /// The digest of all octets so far; more may follow.
    package func digest() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.digestCount) { target, count in
            write(into: target)
            count = Self.digestCount
        }
    }

    /// The digest of one array.
    package static func digest(of octets: [UInt8]) -> [UInt8] {
        octets.withUnsafeBytes { digest(of: $0) }
    }

    /// As above, from memory.
    package static func digest(of octets: UnsafeRawBufferPointer) -> [UInt8] {
        var hash = SHA256()
        hash.update(octets)
        return hash.digest()
    }

    /// Writes the 32 octets of the digest.
    func write(into target: UnsafeMutableBufferPointer<UInt8>) {
        precondition(target.count >= Self.digestCount, "a digest needs 32 octets of room")
        var final = state
        SHA256_Final(target.baseAddress, &final)
    }
}
