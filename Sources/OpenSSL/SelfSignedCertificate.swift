internal import COpenSSL

/// A certificate that nobody vouches for, to begin with: ECDSA on P-256, ten years, one host name (RFC 5280).
package struct SelfSignedCertificate: Sendable {
    /// PEM.
    package let certificate: String
    /// PEM (PKCS #8). Not for a log.
    package let privateKey: String

    /// Makes a key and signs a certificate for `hostname` with it.
    package init(hostname: String) {
        guard let key = stempel_EVP_EC_gen("P-256"), let x509 = X509_new() else {
            preconditionFailure("libcrypto makes no key")
        }
        defer {
            EVP_PKEY_free(key)
            X509_free(x509)
        }
        X509_set_version(x509, 2)
        let serial = randomBytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial)
        X509_gmtime_adj(X509_getm_notBefore(x509), -3600)
        X509_time_adj_ex(X509_getm_notAfter(x509), 3650, 0, nil)
        X509_set_pubkey(x509, key)
        let name = X509_get_subject_name(x509)
        // The common name holds 64 octets; the name that counts is the dNSName below.
        let commonName = Array(hostname.utf8.prefix(64))
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, commonName, Int32(commonName.count), -1, 0)
        X509_set_issuer_name(x509, name)
        if let names = X509V3_EXT_conf_nid(nil, nil, NID_subject_alt_name, "DNS:\(hostname)") {
            X509_add_ext(x509, names, -1)
            X509_EXTENSION_free(names)
        }
        precondition(X509_sign(x509, key, EVP_sha256()) > 0, "libcrypto signs with its own key")
        certificate = pemText { PEM_write_bio_X509($0, x509) }
        privateKey = pemText { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }
    }
}

/// What libcrypto writes as PEM.
func pemText(_ write: (OpaquePointer) -> Int32) -> String {
    guard let memory = BIO_new(BIO_s_mem()) else { preconditionFailure("libcrypto has no memory") }
    defer { BIO_free(memory) }
    precondition(write(memory) == 1, "libcrypto writes to memory")
    var octets = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(memory)))
    let count = BIO_read(memory, &octets, Int32(octets.count))
    return String(decoding: octets.prefix(Int(max(0, count))), as: UTF8.self)
}
