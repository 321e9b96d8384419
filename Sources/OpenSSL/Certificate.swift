internal import COpenSSL

/// What a report on a certificate says (RFC 5280).
package struct CertificateSummary: Sendable, Hashable {
    /// The host names it is for: the dNSNames of subjectAltName (§4.2.1.6) in lower case, wildcards as `*.example.org`;
    /// the subject's common name only where there are none.
    package let dnsNames: [String]
    /// The first second of its validity, since 1970 UTC.
    package let notBefore: Int64
    /// The last second of its validity, since 1970 UTC.
    package let notAfter: Int64
    /// Whether subject and issuer are the same.
    package let isSelfIssued: Bool
    /// SHA-256 of the SubjectPublicKeyInfo, as TLSA records with `3 1 1` have it (RFC 6698 §2.1).
    package let publicKeyDigest: [UInt8]

    /// Reads the first certificate of a PEM file.
    package init(file: String) throws(CertificateFailure) {
        self = try CertificateChain(file: file).summary
    }

    init(certificate: OpaquePointer) {
        dnsNames = Self.dnsNames(of: certificate)
        notBefore = Self.seconds(X509_get0_notBefore(certificate))
        notAfter = Self.seconds(X509_get0_notAfter(certificate))
        var octets: UnsafeMutablePointer<UInt8>?
        let count = Int(max(0, i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &octets)))
        publicKeyDigest = SHA256.digest(of: UnsafeRawBufferPointer(start: octets, count: octets == nil ? 0 : count))
        CRYPTO_free(octets, "", 0)
        isSelfIssued =
            X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0
    }

    /// Whether the certificate is for this host: one of its names, or a wildcard for its first label (RFC 9525 §6.3).
    package func covers(_ host: String) -> Bool {
        let host = host.lowercased()
        if dnsNames.contains(host) { return true }
        guard let wildcard = wildcardName(of: host) else { return false }
        return dnsNames.contains(wildcard)
    }

    private static func dnsNames(of certificate: OpaquePointer) -> [String] {
        var names: [String] = []
        if let extended = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) {
            let general = OpaquePointer(extended)
            defer { GENERAL_NAMES_free(general) }
            for index in 0..<max(0, stempel_GENERAL_NAME_count(general)) {
                guard let name = stempel_GENERAL_NAME_dns(stempel_GENERAL_NAME_at(general, index)),
                    let text = Self.hostName(name), !names.contains(text)
                else { continue }
                names.append(text)
            }
        }
        if names.isEmpty, let subject = X509_get_subject_name(certificate) {
            let index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
            if index >= 0, let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)),
                let text = Self.hostName(value)
            {
                names.append(text)
            }
        }
        return names
    }

    /// The octets as a host name; `nil` for anything that cannot be one, such as a name with a NUL in it.
    private static func hostName(_ text: UnsafePointer<ASN1_STRING>) -> String? {
        guard let start = ASN1_STRING_get0_data(text) else { return nil }
        let octets = UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(text)))
        guard !octets.isEmpty, octets.count <= 253, octets.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        return String(decoding: octets, as: UTF8.self).lowercased()
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        let epoch = ASN1_TIME_set(nil, 0)
        defer { ASN1_STRING_free(epoch) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard let time, ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return 0 }
        return Int64(days) * 86400 + Int64(seconds)
    }
}

/// The wildcard that would stand for a host: `*.example.org` for `mx.example.org`; none for a name of one label.
func wildcardName(of host: String) -> String? {
    guard let dot = host.utf8.firstIndex(of: UInt8(ascii: ".")), dot != host.startIndex else { return nil }
    return "*" + host[dot...]
}

/// A certificate with the intermediate ones that follow it in its file. Owns what libcrypto allotted.
final class CertificateChain {
    let leaf: OpaquePointer
    private(set) var intermediates: [OpaquePointer] = []

    init(file: String) throws(CertificateFailure) {
        let input = try openPEM(file)
        defer { BIO_free(input) }
        guard let leaf = PEM_read_bio_X509_AUX(input, nil, refusePassphrase, nil) else {
            throw CertificateFailure(file: file, reason: readFailure(else: .noCertificate))
        }
        self.leaf = leaf
        while let next = PEM_read_bio_X509(input, nil, refusePassphrase, nil) { intermediates.append(next) }
        let error = takeLibraryError()
        // The end of the file shows as "no start line"; anything else is a broken certificate further down.
        guard error.library == ERR_LIB_PEM, error.reason == PEM_R_NO_START_LINE else {
            throw CertificateFailure(file: file, reason: .noCertificate)
        }
    }

    /// What the certificate itself says.
    var summary: CertificateSummary { CertificateSummary(certificate: leaf) }

    deinit {
        X509_free(leaf)
        for certificate in intermediates { X509_free(certificate) }
    }
}

/// A private key from a PEM file. Owns what libcrypto allotted.
final class PrivateKey {
    let key: OpaquePointer

    init(file: String) throws(CertificateFailure) {
        let input = try openPEM(file)
        defer { BIO_free(input) }
        guard let key = PEM_read_bio_PrivateKey(input, nil, refusePassphrase, nil) else {
            throw CertificateFailure(file: file, reason: readFailure(else: .noKey))
        }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }
}

/// The most octets of a certificate or key file; the largest store of authorities in use has a quarter of that.
private let maximumFileOctets = 1 << 20

/// A file's octets as a memory BIO. Read as a whole first, since libcrypto's PEM reader takes a failed read for the end.
private func openPEM(_ file: String) throws(CertificateFailure) -> OpaquePointer {
    ERR_clear_error()
    guard let input = BIO_new_file(file, "r"), let memory = BIO_new(BIO_s_mem()) else {
        throw CertificateFailure(file: file, reason: readFailure(else: .unreadable("unknown reason")))
    }
    defer { BIO_free(input) }
    var reason: CertificateFailure.Reason?
    var buffer = [UInt8](repeating: 0, count: 4096)
    var total = 0
    while reason == nil {
        let count = BIO_read(input, &buffer, Int32(buffer.count))
        if count == 0, ERR_peek_error() == 0 { break }
        if count > 0 { total += Int(BIO_write(memory, buffer, count)) }
        if count <= 0 { reason = readFailure(else: .unreadable("unknown reason")) }
        if total > maximumFileOctets { reason = .unreadable("File too large") }
    }
    buffer.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }  // it held a key
    if let reason {
        BIO_free(memory)
        throw CertificateFailure(file: file, reason: reason)
    }
    return memory
}

/// Sorts the errors that libcrypto queued while a file was read, and empties the queue.
private func readFailure(else other: CertificateFailure.Reason) -> CertificateFailure.Reason {
    var reason = other
    while case let code = ERR_get_error(), code != 0 {
        if stempel_ERR_system_error(code) != 0 {
            reason = .unreadable(ERR_reason_error_string(code).map { String(cString: $0) } ?? systemWords(code))
            break
        }
        if stempel_ERR_GET_LIB(code) == ERR_LIB_PEM, stempel_ERR_GET_REASON(code) == PEM_R_BAD_PASSWORD_READ {
            reason = .encryptedKey
        }
    }
    ERR_clear_error()
    return reason
}

/// libcrypto has no words for numbers of the system.
private func systemWords(_ code: UInt) -> String {
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &text, text.count)
    let octets = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    // "error:80000002:system library::No such file or directory"
    return octets.split(separator: UInt8(ascii: ":")).last.map { String(decoding: $0, as: UTF8.self) } ?? "system error"
}

/// Without a callback of ours libcrypto would ask for a passphrase on the terminal.
private func refusePassphrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { -1 }
