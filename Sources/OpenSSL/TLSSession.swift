internal import COpenSSL

/// What the two ends of a TLS connection agreed on: for trace fields (RFC 5321 §4.4) and the log.
package struct TLSDetails: Sendable, Hashable {
    /// `TLSv1.3` or `TLSv1.2`.
    package var version: String
    /// The cipher suite by its registered or OpenSSL name, such as `TLS_AES_256_GCM_SHA384`.
    package var cipher: String
    /// The strength of the cipher in bits.
    package var cipherBits: Int
    /// The host that the client named (SNI, RFC 6066 §3), as it wrote it.
    package var serverName: String?
    /// Whether the peer showed a certificate that passed verification, name included.
    package var isVerified: Bool
    /// Whether an earlier session was resumed by ticket.
    package var isResumed: Bool
}

/// One TLS connection without its wire: ciphertext and plaintext go in and out as octets in memory.
///
/// `receive` what the network brought, then call `handshake` until it completes, afterwards `read` until it needs input.
/// Whatever was called last, `takeCiphertext` and send it. `close` says close_notify (RFC 8446 §6.1), `receivedEnd` that
/// the network will bring no more. Belongs to one event loop; a failed session stays failed.
///
/// What is not yet consumed of the input, and not yet taken of the output, is all that it buffers: after `read` needs
/// input, nothing, so an idle session holds no record buffers (SSL_MODE_RELEASE_BUFFERS).
package final class TLSSession {
    /// What became of a handshake so far.
    package enum HandshakeResult: Equatable { case completed, needsInput, failed(TLSFailure) }
    /// What came of a read: plaintext, nothing yet, the peer's close_notify, the wire's end without it, or a failure.
    package enum ReadResult: Equatable { case octets(Int), needsInput, closed, truncated, failed(TLSFailure) }

    /// The most octets that a peer may make us send without sending application data itself: key updates (RFC 8446
    /// §4.6.3) that are asked for and not read would pile up otherwise.
    package static let maximumUnpromptedOctets = 16384

    private let context: TLSContext
    let session: OpaquePointer
    private let wire = Wire()
    private var isEstablished = false
    private var inputEnded = false
    private var unpromptedOctets = 0
    private var failure: TLSFailure?

    /// The server's side of a connection.
    package init(server context: TLSContext) {
        precondition(context.isServer, "a server's session needs a server's context")
        self.context = context
        session = Self.makeSession(context, wire)
        SSL_set_accept_state(session)
    }

    /// The client's side of a connection to a host, named to the server (but for an IP address) and, where the context
    /// requires it, looked for in the server's certificate. Fails for what cannot be a host name.
    package init(client context: TLSContext, serverName: String?) throws(TLSFailure) {
        precondition(!context.isServer, "a client's session needs a client's context")
        precondition(context.verification == .opportunistic || serverName != nil, "verification needs a host name")
        self.context = context
        session = Self.makeSession(context, wire)
        SSL_set_connect_state(session)
        if let serverName {
            let parameters = SSL_get0_param(session)
            // A final dot belongs to DNS, not to certificates (RFC 6066 §3).
            let name = serverName.hasSuffix(".") ? String(serverName.dropLast()) : serverName
            if X509_VERIFY_PARAM_set1_ip_asc(parameters, name) != 1 {
                guard !name.isEmpty, !name.utf8.contains(0), SSL_set1_host(session, name) == 1,
                    stempel_SSL_set_tlsext_host_name(session, name) == 1
                else {
                    ERR_clear_error()
                    throw TLSFailure(stage: .handshake, reason: "not a host name")
                }
            }
            ERR_clear_error()
        }
        SSL_set_verify(session, context.verification == .required ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
    }

    deinit { SSL_free(session) }

    /// Takes ciphertext from the network.
    package func receive(_ ciphertext: UnsafeRawBufferPointer) {
        wire.inbound.append(contentsOf: ciphertext)
    }

    /// As above, from an array.
    package func receive(_ ciphertext: [UInt8]) {
        ciphertext.withUnsafeBytes { receive($0) }
    }

    /// Notes that the network will bring nothing more.
    package func receivedEnd() { inputEnded = true }

    /// Takes the handshake as far as the input goes. A client calls it once before any input.
    package func handshake() -> HandshakeResult {
        if let failure { return .failed(failure) }
        if isEstablished { return .completed }
        ERR_clear_error()
        let result = SSL_do_handshake(session)
        if result == 1 {
            isEstablished = true
            return .completed
        }
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            guard inputEnded else { return .needsInput }
            return .failed(fail(TLSFailure(stage: .handshake, kind: .interrupted, reason: "connection closed by peer")))
        default:
            return .failed(fail(libraryFailure(stage: .handshake)))
        }
    }

    /// Decrypts into the target, at most one record. After a completed handshake.
    package func read(into target: UnsafeMutableRawBufferPointer) -> ReadResult {
        if let failure { return .failed(failure) }
        precondition(isEstablished, "a session reads after its handshake")
        guard let base = target.baseAddress, target.count > 0 else { return .octets(0) }
        ERR_clear_error()
        let pendingBefore = wire.outbound.count
        var count = 0
        let result = SSL_read_ex(session, base, target.count, &count)
        if result == 1 {
            unpromptedOctets = 0
            return .octets(count)
        }
        unpromptedOctets += wire.outbound.count - pendingBefore
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            guard unpromptedOctets <= Self.maximumUnpromptedOctets else {
                return .failed(fail(TLSFailure(stage: .established, reason: "too many control messages")))
            }
            return inputEnded ? .truncated : .needsInput
        case SSL_ERROR_ZERO_RETURN:
            return .closed
        default:
            return .failed(fail(libraryFailure(stage: .established)))
        }
    }

    /// Encrypts all of the plaintext. After a completed handshake and before `close`.
    package func write(_ plaintext: UnsafeRawBufferPointer) throws(TLSFailure) {
        if let failure { throw failure }
        precondition(isEstablished, "a session writes after its handshake")
        guard let base = plaintext.baseAddress else { return }
        var written = 0
        while written < plaintext.count {
            ERR_clear_error()
            var count = 0
            guard SSL_write_ex(session, base + written, plaintext.count - written, &count) == 1 else {
                // The wire takes everything, so this is a real failure and never a wish to wait.
                throw fail(libraryFailure(stage: .established))
            }
            written += count
        }
    }

    /// As above, from an array.
    package func write(_ plaintext: [UInt8]) throws(TLSFailure) {
        let outcome = plaintext.withUnsafeBytes { octets -> TLSFailure? in
            do throws(TLSFailure) { try write(octets) } catch { return error }
            return nil
        }
        if let outcome { throw outcome }
    }

    /// Says close_notify, once; reading may go on until the peer says the same.
    package func close() {
        guard failure == nil, isEstablished else { return }
        ERR_clear_error()
        _ = SSL_shutdown(session)
        ERR_clear_error()
    }

    /// Whether ciphertext waits to be sent.
    package var hasCiphertext: Bool { !wire.outbound.isEmpty }

    /// The ciphertext to send now, which is forgotten here.
    package func takeCiphertext() -> [UInt8] {
        defer { wire.outbound = [] }
        return wire.outbound
    }

    /// The ciphertext that waits to be decrypted, in octets.
    package var pendingInput: Int { wire.inbound.count - wire.inboundOffset + Int(SSL_pending(session)) }

    /// What was agreed on. After a completed handshake.
    package var details: TLSDetails {
        let cipher = SSL_get_current_cipher(session)
        return TLSDetails(
            version: SSL_get_version(session).map { String(cString: $0) } ?? "",
            cipher: SSL_CIPHER_get_name(cipher).map { String(cString: $0) } ?? "",
            cipherBits: Int(SSL_CIPHER_get_bits(cipher, nil)),
            serverName: SSL_get_servername(session, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) },
            isVerified: stempel_SSL_get0_peer_certificate(session) != nil
                && SSL_get_verify_result(session) == X509_V_OK,
            isResumed: SSL_session_reused(session) == 1)
    }

    /// What the peer's certificate says, if it showed one.
    package var peerCertificate: CertificateSummary? {
        stempel_SSL_get0_peer_certificate(session).map { CertificateSummary(certificate: $0) }
    }

    /// Octets that only the two ends of this connection can compute (RFC 8446 §7.5): with the default label the channel
    /// binding `tls-exporter` (RFC 9266). `nil` before the handshake.
    package func exportKeyingMaterial(label: String = "EXPORTER-Channel-Binding", count: Int = 32) -> [UInt8]? {
        guard isEstablished, count > 0 else { return nil }
        var octets = [UInt8](repeating: 0, count: count)
        let result = SSL_export_keying_material(session, &octets, count, label, label.utf8.count, nil, 0, 1)
        ERR_clear_error()
        return result == 1 ? octets : nil
    }

    private func fail(_ failure: TLSFailure) -> TLSFailure {
        self.failure = failure
        wire.inbound = []
        wire.inboundOffset = 0
        return failure
    }

    private func libraryFailure(stage: TLSFailure.Stage) -> TLSFailure {
        let error = takeLibraryError()
        if error.library == ERR_LIB_SSL, error.reason == SSL_R_CERTIFICATE_VERIFY_FAILED {
            let words = X509_verify_cert_error_string(SSL_get_verify_result(session)).map { String(cString: $0) }
            return TLSFailure(stage: stage, kind: .untrusted, reason: words ?? error.words)
        }
        return TLSFailure(stage: stage, reason: error.words)
    }

    /// The client's side of a connection to a host that the domain name system describes (RFC 7672): its certificate must
    /// fit one of the associations. Fails where none is usable.
    package init(client context: TLSContext, dane identity: DANEIdentity) throws(TLSFailure) {
        precondition(!context.isServer, "a client's session needs a client's context")
        self.context = context
        session = Self.makeSession(context, wire)
        SSL_set_connect_state(session)
        guard identity.add(to: session), stempel_SSL_set_tlsext_host_name(session, identity.baseName) == 1 else {
            ERR_clear_error()
            throw TLSFailure(stage: .handshake, kind: .untrusted, reason: "no usable TLSA record")
        }
        SSL_set_verify(session, SSL_VERIFY_PEER, nil)
    }

    private static func makeSession(_ context: TLSContext, _ wire: Wire) -> OpaquePointer {
        guard let session = SSL_new(context.pointer), let ends = BIO_new(Wire.method) else {
            preconditionFailure("libssl has no memory for a session")
        }
        BIO_set_data(ends, Unmanaged.passUnretained(wire).toOpaque())
        BIO_set_init(ends, 1)
        SSL_set_bio(session, ends, ends)
        return session
    }
}
