package import Gateway
import OpenSSL

/// libcrypto behind Gateway's port.
package struct Libcrypto: Cryptography {
    package init() {}

    package func authenticationCode(key: [UInt8], message: [UInt8]) -> [UInt8] {
        HMACSHA256.code(of: message, key: key)
    }

    package func makeDigest() -> any ContentDigest { Digest() }

    package func randomOctets(_ count: Int) -> [UInt8] { randomBytes(count) }

    private final class Digest: ContentDigest {
        private var state = SHA256()
        func update(_ octets: UnsafeRawBufferPointer) { state.update(octets) }
        func finalize() -> [UInt8] { state.digest() }
    }
}
