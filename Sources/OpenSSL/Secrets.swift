internal import COpenSSL

/// Unpredictable octets from libcrypto's generator, for keys, salts and tokens.
package func randomBytes(_ count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { target, written in
        // Without entropy there is no key to work with and nothing to fall back to.
        guard let length = Int32(exactly: count), RAND_bytes(target.baseAddress, length) == 1 else {
            preconditionFailure("libcrypto has no entropy")
        }
        written = count
    }
}

/// Whether two arrays are equal, in a time that tells their length but not where they differ.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in
            guard let a = left.baseAddress, let b = right.baseAddress else { return true }
            return CRYPTO_memcmp(a, b, left.count) == 0
        }
    }
}

/// Password-based key derivation (RFC 8018 §5.2).
package enum PBKDF2 {
    /// PBKDF2 with HMAC-SHA-256; `count` is the length of the derived key. Runs for as long as `iterations` says: on a
    /// thread that may wait, never on an event loop.
    package static func hmacSHA256(password: [UInt8], salt: [UInt8], iterations: Int, count: Int = 32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { target, written in
            let result = password.withUnsafeBytes { password in
                PKCS5_PBKDF2_HMAC(
                    password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count), salt,
                    Int32(salt.count), Int32(iterations), EVP_sha256(), Int32(count), target.baseAddress)
            }
            precondition(result == 1, "a derivation has at least one round and one octet")
            written = count
        }
    }
}
