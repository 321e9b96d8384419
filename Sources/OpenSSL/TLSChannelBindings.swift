internal import COpenSSL

/// What a login can be bound to: data that only the two ends of a TLS connection have (RFC 5056). Somebody between the
/// two, with a certificate of their own, has other data, and the login fails.
package struct TLSChannelBindings: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// `tls-exporter` (RFC 9266).
    package var exporter: [UInt8]?
    /// `tls-server-end-point` (RFC 5929 §4): the digest of our certificate.
    package var serverEndPoint: [UInt8]?

    package init(exporter: [UInt8]? = nil, serverEndPoint: [UInt8]? = nil) {
        (self.exporter, self.serverEndPoint) = (exporter, serverEndPoint)
    }

    /// The data of a binding by its registered name; `nil` for what this connection does not have. `tls-unique` is not
    /// offered: it is undefined for TLS 1.3 and unsafe without the extended master secret (RFC 9266 §3).
    package func data(for name: String) -> [UInt8]? {
        switch name {
        case "tls-exporter": exporter
        case "tls-server-end-point": serverEndPoint
        default: nil
        }
    }

    /// Says what it is, not what is in it.
    package var description: String { "TLS channel bindings" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension TLSSession {
    /// What a login over this connection can be bound to; `nil` before the handshake, or if there is nothing. For a
    /// server's session.
    package var channelBindings: TLSChannelBindings? {
        let bindings = TLSChannelBindings(exporter: channelExporter, serverEndPoint: serverEndPoint)
        return bindings == TLSChannelBindings() ? nil : bindings
    }

    /// Before TLS 1.3 the exporter names the connection only with the extended master secret (RFC 9266 §4.1, RFC 7627).
    private var channelExporter: [UInt8]? {
        guard SSL_version(session) >= TLS1_3_VERSION || stempel_SSL_get_extms_support(session) == 1 else { return nil }
        return exportKeyingMaterial()
    }

    /// The digest of the certificate that we showed, by the digest of its signature, but SHA-256 for MD5 and SHA-1 (RFC
    /// 5929 §4.1). A signature without one digest, as of Ed25519, has no such binding.
    private var serverEndPoint: [UInt8]? {
        guard exportKeyingMaterial(count: 1) != nil, let certificate = SSL_get_certificate(session) else { return nil }
        var digest: Int32 = 0
        guard X509_get_signature_info(certificate, &digest, nil, nil, nil) == 1, digest != NID_undef else { return nil }
        if digest == NID_md5 || digest == NID_sha1 { digest = NID_sha256 }
        guard let algorithm = stempel_EVP_get_digestbynid(digest) else { return nil }
        var octets = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, algorithm, &octets, &count) == 1 else { return nil }
        return Array(octets.prefix(Int(count)))
    }
}
