internal import COpenSSL

/// The PEM files of one certificate: the certificate with its intermediates, and its private key.
package struct CertificateFiles: Sendable, Hashable {
    /// The path of the certificate, followed in the same file by the intermediate ones.
    package var certificate: String
    /// The path of the private key; it may be the same file.
    package var key: String

    /// A pair of paths.
    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// What the certificate says, after checking that both files can be read and belong together.
    package func summary() throws(CertificateFailure) -> CertificateSummary {
        try load().chain.summary
    }

    func load() throws(CertificateFailure) -> (chain: CertificateChain, key: PrivateKey) {
        let chain = try CertificateChain(file: certificate)
        let key = try PrivateKey(file: key)
        guard X509_check_private_key(chain.leaf, key.key) == 1 else {
            ERR_clear_error()
            throw CertificateFailure(file: self.key, reason: .keyMismatch(certificate: certificate))
        }
        return (chain, key)
    }
}

/// What many TLS sessions share: certificates, protocol versions, ciphers (`SSL_CTX`). TLS 1.2 is the oldest version
/// (RFC 8996), every key exchange has forward secrecy (RFC 9325 §4.1), renegotiation and compression are off.
///
/// `@unchecked Sendable`: everything is set in `init` and only read afterwards, and libssl counts references to an
/// `SSL_CTX` and locks what its sessions change in it.
package final class TLSContext: @unchecked Sendable {
    /// Whose certificate a client insists on.
    package enum Verification: Sendable {
        /// Anybody's: encryption against listeners only (RFC 7435). The outcome is noted in `TLSDetails.isVerified`.
        case opportunistic
        /// The named host's, by the certification authorities of the system or of a PEM file.
        case required
    }

    /// Whether sessions of this context accept connections or make them.
    package let isServer: Bool
    let verification: Verification
    /// The context that sessions begin with; for a server that of the first certificate.
    let pointer: OpaquePointer
    /// A server's contexts by the names of their certificates, for the choice by SNI (RFC 6066 §3).
    private var contexts: [String: OpaquePointer] = [:]
    private var owned: [OpaquePointer]

    /// A server's context. The first certificate is shown to clients that name no host or an unknown one; the others,
    /// wildcards included, to those that name theirs. Certificates for the same names with keys of different kinds
    /// (ECDSA and RSA) are offered together. Session tickets (RFC 5077, RFC 8446 §4.6.1) are sealed with keys that live
    /// as long as the context.
    package init(certificates: [CertificateFiles], sessionTickets: Bool = true) throws(CertificateFailure) {
        guard !certificates.isEmpty else { throw CertificateFailure(file: "", reason: .noneGiven) }
        var groups: [(names: [String], kinds: [Int32], context: OpaquePointer)] = []
        do {
            for files in certificates {
                let (chain, key) = try files.load()
                let names = chain.summary.dnsNames
                let kind = EVP_PKEY_get_base_id(key.key)
                var index = groups.firstIndex { Set($0.names) == Set(names) && !$0.kinds.contains(kind) }
                if index == nil {
                    groups.append((names, [], Self.makeContext(isServer: true, sessionTickets: sessionTickets)))
                    index = groups.count - 1
                }
                guard let index else { continue }
                groups[index].kinds.append(kind)
                try Self.use(chain, key, from: files, in: groups[index].context)
            }
        } catch {
            for group in groups { SSL_CTX_free(group.context) }
            throw error
        }
        isServer = true
        verification = .opportunistic
        pointer = groups[0].context
        owned = groups.map(\.context)
        for group in groups {
            for name in group.names where contexts[name] == nil { contexts[name] = group.context }
        }
        if groups.count > 1 {
            // Not retained: a session holds its TLSContext, and only sessions call back.
            let argument = Unmanaged.passUnretained(self).toOpaque()
            stempel_SSL_CTX_set_servername_callback(pointer, Self.chooseCertificate, argument)
        }
    }

    /// A client's context. `authorities` is a PEM file of certification authorities in place of the system's.
    package init(verification: Verification, authorities: String? = nil) throws(CertificateFailure) {
        let context = Self.makeContext(isServer: false, sessionTickets: false)
        ERR_clear_error()
        if let authorities {
            guard SSL_CTX_load_verify_file(context, authorities) == 1 else {
                SSL_CTX_free(context)
                // Reading it as certificates names the reason better than the store does.
                _ = try CertificateChain(file: authorities)
                throw CertificateFailure(file: authorities, reason: .noCertificate)
            }
        } else {
            // Not SSL_CTX_set_default_verify_paths: its third source reads the whole directory for each issuer unknown.
            SSL_CTX_set_default_verify_file(context)
            SSL_CTX_set_default_verify_dir(context)
        }
        let allowsDANE = SSL_CTX_dane_enable(context) == 1
        precondition(allowsDANE, "libssl knows the digests of RFC 6698")
        ERR_clear_error()
        isServer = false
        self.verification = verification
        pointer = context
        owned = [context]
    }

    deinit {
        for context in owned { SSL_CTX_free(context) }
    }

    /// The context for a host that a client named: its own, else that of the wildcard above it, else the first.
    private func context(for host: String) -> OpaquePointer {
        let host = host.lowercased()
        if let context = contexts[host] { return context }
        return wildcardName(of: host).flatMap { contexts[$0] } ?? pointer
    }

    private static let chooseCertificate:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?
        ) -> Int32 = { session, _, argument in
            guard let session, let argument, let name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name) else {
                return SSL_TLSEXT_ERR_NOACK
            }
            let context = Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
            SSL_set_SSL_CTX(session, context.context(for: String(cString: name)))
            return SSL_TLSEXT_ERR_OK
        }

    private static func use(
        _ chain: CertificateChain, _ key: PrivateKey, from files: CertificateFiles, in context: OpaquePointer
    ) throws(CertificateFailure) {
        ERR_clear_error()
        guard SSL_CTX_use_certificate(context, chain.leaf) == 1,
            chain.intermediates.allSatisfy({ stempel_SSL_CTX_add1_chain_cert(context, $0) == 1 })
        else { throw CertificateFailure(file: files.certificate, reason: .refused(takeLibraryError().words)) }
        guard SSL_CTX_use_PrivateKey(context, key.key) == 1 else {
            throw CertificateFailure(file: files.key, reason: .refused(takeLibraryError().words))
        }
    }

    private static func makeContext(isServer: Bool, sessionTickets: Bool) -> OpaquePointer {
        guard let context = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            preconditionFailure("libssl has no memory for a context")
        }
        var accepted = stempel_SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1
        // Forward secrecy first, authenticated encryption before the block modes that older mail servers still need.
        let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:!aNULL:!eNULL:!PSK"
        accepted = SSL_CTX_set_cipher_list(context, ciphers) == 1 && accepted
        accepted = stempel_SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 && accepted
        precondition(accepted, "libssl knows TLS 1.2, these ciphers and these groups")
        var options = stempel_SSL_OP_common
        if isServer {
            options |= stempel_SSL_OP_server
            if !sessionTickets { options |= stempel_SSL_OP_NO_TICKET }
            SSL_CTX_set_num_tickets(context, sessionTickets ? 1 : 0)
        }
        SSL_CTX_set_options(context, options)
        // A cache of sessions would hold memory for each connection; tickets make the client keep them.
        stempel_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        stempel_SSL_CTX_set_mode(
            context,
            Int(SSL_MODE_RELEASE_BUFFERS) | Int(SSL_MODE_ENABLE_PARTIAL_WRITE)
                | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)
                | Int(SSL_MODE_AUTO_RETRY))
        return context
    }
}
