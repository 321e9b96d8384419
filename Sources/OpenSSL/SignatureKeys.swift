internal import COpenSSL

/// Which signatures a key makes.
package enum SignatureKind: Hashable, Sendable {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2), and the length of the modulus.
    case rsa(bits: Int)
    /// PureEdDSA on Curve25519 (RFC 8032 §5.1), over the SHA-256 digest as DKIM has it (RFC 8463 §3).
    case ed25519

    fileprivate init?(_ key: OpaquePointer) {
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: self = .rsa(bits: Int(EVP_PKEY_get_bits(key)))
        case EVP_PKEY_ED25519: self = .ed25519
        default: return nil
        }
    }
}

/// A public key that checks signatures over SHA-256 digests.
package final class VerificationKey: @unchecked Sendable {
    // Sendable: key and context never change after init; the context is only copied, and libcrypto's reference counts and
    // uses of a key are thread-safe.
    private let key: OpaquePointer
    package let kind: SignatureKind
    /// A verification that is begun, to be copied: finding the algorithm takes libcrypto a while. RSA only.
    private let prepared: OpaquePointer?

    /// Longer moduli only cost time.
    package static let longestModulus = 8192

    private init?(owning key: OpaquePointer?) {
        guard let key else {
            ERR_clear_error()
            return nil
        }
        guard let kind = SignatureKind(key) else {
            EVP_PKEY_free(key)
            return nil
        }
        (self.key, self.kind) = (key, kind)
        if case .rsa = kind { prepared = Self.prepare(key) } else { prepared = nil }
    }

    private static func prepare(_ key: OpaquePointer) -> OpaquePointer? {
        guard let context = EVP_PKEY_CTX_new(key, nil) else { return nil }
        guard EVP_PKEY_verify_init(context) == 1, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1,
            EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1
        else {
            EVP_PKEY_CTX_free(context)
            return nil
        }
        return context
    }

    deinit {
        EVP_PKEY_CTX_free(prepared)
        EVP_PKEY_free(key)
    }

    /// An RSA key in DER: SubjectPublicKeyInfo as DKIM's records have it, or a bare RSAPublicKey (RFC 6376 §3.6.1).
    package convenience init?(rsa der: [UInt8]) {
        guard let count = Int(exactly: der.count), count > 0, count <= 4096 else { return nil }
        let key: OpaquePointer? = der.withUnsafeBufferPointer { octets in
            var start = octets.baseAddress
            if let key = d2i_PUBKEY(nil, &start, count) { return key }
            start = octets.baseAddress
            return d2i_PublicKey(EVP_PKEY_RSA, nil, &start, count)
        }
        self.init(owning: key)
        guard case .rsa(let bits) = kind, bits <= Self.longestModulus else { return nil }
    }

    /// An Ed25519 key, its 32 octets.
    package convenience init?(ed25519 octets: [UInt8]) {
        guard octets.count == 32 else { return nil }
        self.init(owning: EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, octets, octets.count))
    }

    /// Whether the signature is this key's over the digest.
    package func verifies(_ signature: [UInt8], digest: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        switch kind {
        case .rsa:
            guard let prepared, let context = EVP_PKEY_CTX_dup(prepared) else { return false }
            defer { EVP_PKEY_CTX_free(context) }
            return EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
        case .ed25519:
            guard let context = EVP_MD_CTX_new() else { return false }
            defer { EVP_MD_CTX_free(context) }
            return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
                && EVP_DigestVerify(context, signature, signature.count, digest, digest.count) == 1
        }
    }
}

/// A private key that signs SHA-256 digests.
package final class SigningKey: @unchecked Sendable {
    // Sendable: the key never changes after init, and libcrypto's reference counts and uses of a key are thread-safe.
    private let key: OpaquePointer
    package let kind: SignatureKind

    private init(owning key: OpaquePointer, kind: SignatureKind) { (self.key, self.kind) = (key, kind) }

    deinit { EVP_PKEY_free(key) }

    /// Reads a PEM file with an RSA or Ed25519 key.
    package convenience init(file: String) throws(CertificateFailure) {
        let read = try PrivateKey(file: file)
        guard let kind = SignatureKind(read.key) else {
            throw CertificateFailure(file: file, reason: .refused("neither an RSA nor an Ed25519 key"))
        }
        EVP_PKEY_up_ref(read.key)
        self.init(owning: read.key, kind: kind)
    }

    /// Makes a new RSA key.
    package static func generateRSA(bits: Int = 2048) -> SigningKey {
        guard let length = UInt32(exactly: bits), let key = stempel_EVP_RSA_gen(length) else {
            preconditionFailure("libcrypto makes no key")
        }
        return SigningKey(owning: key, kind: .rsa(bits: bits))
    }

    /// Makes a new Ed25519 key.
    package static func generateEd25519() -> SigningKey {
        guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, randomBytes(32), 32) else {
            preconditionFailure("libcrypto makes no key")
        }
        return SigningKey(owning: key, kind: .ed25519)
    }

    /// The signature over a digest.
    package func signature(digest: [UInt8]) -> [UInt8] {
        var count = Int(EVP_PKEY_get_size(key))
        return [UInt8](unsafeUninitializedCapacity: count) { target, written in
            let isSigned: Bool
            switch kind {
            case .rsa:
                let context = EVP_PKEY_CTX_new(key, nil)
                defer { EVP_PKEY_CTX_free(context) }
                isSigned =
                    EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
                    && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1
                    && EVP_PKEY_sign(context, target.baseAddress, &count, digest, digest.count) == 1
            case .ed25519:
                let context = EVP_MD_CTX_new()
                defer { EVP_MD_CTX_free(context) }
                isSigned =
                    EVP_DigestSignInit(context, nil, nil, nil, key) == 1
                    && EVP_DigestSign(context, target.baseAddress, &count, digest, digest.count) == 1
            }
            precondition(isSigned, "libcrypto signs with its own key")
            written = count
        }
    }

    /// The public half as DKIM publishes it: SubjectPublicKeyInfo in DER for RSA, 32 octets for Ed25519.
    package var publicKey: [UInt8] {
        switch kind {
        case .rsa:
            let count = Int(max(0, i2d_PUBKEY(key, nil)))
            return [UInt8](unsafeUninitializedCapacity: count) { target, written in
                var start = target.baseAddress
                written = Int(max(0, i2d_PUBKEY(key, &start)))
            }
        case .ed25519:
            var count = 32
            return [UInt8](unsafeUninitializedCapacity: count) { target, written in
                precondition(
                    EVP_PKEY_get_raw_public_key(key, target.baseAddress, &count) == 1, "the key has a public half")
                written = count
            }
        }
    }

    /// The private key as PEM (PKCS #8). Not for a log.
    package var pem: String { pemText { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) } }
}
