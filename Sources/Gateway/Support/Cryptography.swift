package import MailTypes

/// What Gateway needs of a cryptographic library; the appliance hands in libcrypto.
package protocol Cryptography: Sendable {
    /// HMAC-SHA-256.
    func authenticationCode(key: [UInt8], message: [UInt8]) -> [UInt8]
    /// A SHA-256 that is fed in pieces.
    func makeDigest() -> any ContentDigest
    /// Unpredictable octets.
    func randomOctets(_ count: Int) -> [UInt8]
}

/// A digest that is fed in pieces.
package protocol ContentDigest: AnyObject {
    func update(_ octets: UnsafeRawBufferPointer)
    /// Ends the digest; 32 octets.
    func finalize() -> [UInt8]
}

/// Where the time comes from: the system's clock, or a test's.
package protocol WallClock: Sendable {
    var now: Timestamp { get }
}
