internal import COpenSSL

/// A certificate and key made for a test, in PEM files of a temporary directory.
package struct TestCertificate: Sendable {
    /// The kind of key.
    package enum Key: Sendable { case ecdsa, rsa, weakRSA }

    /// The path of the certificate.
    package let certificate: String
    /// The path of the private key.
    package let key: String
    private let keys: Keys

    /// Makes a certificate for these names, valid from an hour ago for `days`, self-signed unless another one signs it.
    /// The first name is the common name too. `file` names the files.
    package init(
        _ names: [String], key kind: Key = .ecdsa, days: Int = 30, signedBy authority: TestCertificate? = nil,
        in directory: TemporaryDirectory, file: String
    ) {
        keys = Keys(kind)
        certificate = directory.file(file + ".pem")
        key = directory.file(file + ".key")
        let made = X509_new()
        X509_set_version(made, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(made), Int.random(in: 1...Int(Int32.max)))
        X509_gmtime_adj(X509_getm_notBefore(made), -3600)
        X509_gmtime_adj(X509_getm_notAfter(made), days * 86400)
        Self.setName(X509_get_subject_name(made), names.first ?? "authority.example")
        X509_set_issuer_name(
            made, authority.map { X509_get_subject_name($0.keys.certificate) } ?? X509_get_subject_name(made))
        X509_set_pubkey(made, keys.key)
        if names.isEmpty {
            Self.extend(made, NID_basic_constraints, "critical,CA:TRUE")
        } else {
            Self.extend(made, NID_subject_alt_name, names.map { "DNS:" + $0 }.joined(separator: ","))
        }
        X509_sign(made, authority?.keys.key ?? keys.key, EVP_sha256())
        keys.certificate = made
        let output = BIO_new_file(certificate, "w")
        PEM_write_bio_X509(output, made)
        BIO_free(output)
        let keyOutput = BIO_new_file(key, "w")
        PEM_write_bio_PrivateKey(keyOutput, keys.key, nil, nil, 0, nil, nil)
        BIO_free(keyOutput)
    }

    /// Writes the private key once more, encrypted with a passphrase.
    package func writeEncryptedKey(to path: String) {
        let output = BIO_new_file(path, "w")
        PEM_write_bio_PKCS8PrivateKey(output, keys.key, EVP_aes_128_cbc(), "secret", 6, nil, nil)
        BIO_free(output)
    }

    /// The certificate as DER.
    package func der() -> [UInt8] {
        var octets: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(keys.certificate, &octets)
        defer { CRYPTO_free(octets, #file, #line) }
        return Array(UnsafeBufferPointer(start: octets, count: Int(max(0, count))))
    }

    private static func setName(_ subject: OpaquePointer?, _ name: String) {
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, Array(name.utf8), -1, -1, 0)
    }

    private static func extend(_ certificate: OpaquePointer?, _ kind: Int32, _ value: String) {
        let made = X509V3_EXT_conf_nid(nil, nil, kind, value)
        X509_add_ext(certificate, made, -1)
        X509_EXTENSION_free(made)
    }

    /// `@unchecked Sendable`: set while the certificate is made, only read afterwards.
    private final class Keys: @unchecked Sendable {
        let key: OpaquePointer?
        var certificate: OpaquePointer?

        init(_ kind: Key) {
            let maker = EVP_PKEY_CTX_new_id(kind == .ecdsa ? EVP_PKEY_EC : EVP_PKEY_RSA, nil)
            defer { EVP_PKEY_CTX_free(maker) }
            EVP_PKEY_keygen_init(maker)
            switch kind {
            case .ecdsa: EVP_PKEY_CTX_set_ec_paramgen_curve_nid(maker, NID_X9_62_prime256v1)
            case .rsa: EVP_PKEY_CTX_set_rsa_keygen_bits(maker, 2048)
            case .weakRSA: EVP_PKEY_CTX_set_rsa_keygen_bits(maker, 1024)
            }
            var made: OpaquePointer?
            EVP_PKEY_keygen(maker, &made)
            key = made
        }

        deinit {
            EVP_PKEY_free(key)
            X509_free(certificate)
        }
    }
}
