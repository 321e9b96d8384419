internal import COpenSSL

/// Why a TLS connection came to nothing: the peer's mistake or refusal, never ours. `reason` is libssl's own constant
/// text or the result of verification; it holds no octet of the peer's.
package struct TLSFailure: Error, Hashable, CustomStringConvertible {
    /// How far the connection had come.
    package enum Stage: String, Sendable { case handshake, established }
    /// What kind of failure it is.
    package enum Kind: String, Sendable {
        /// The peer broke the protocol, sent an alert, or has nothing in common with us.
        case `protocol`
        /// The peer's certificate did not pass verification.
        case untrusted
        /// The peer went silent or away in mid-handshake, or the deadline passed.
        case interrupted
    }

    package var stage: Stage
    package var kind: Kind
    package var reason: String

    /// A failure with its reason.
    package init(stage: Stage, kind: Kind = .protocol, reason: String) {
        self.stage = stage
        self.kind = kind
        self.reason = reason
    }

    /// One line for the log.
    package var description: String {
        switch stage {
        case .handshake: "TLS handshake failed: \(reason)"
        case .established: "TLS connection failed: \(reason)"
        }
    }
}

/// A certificate or key file that cannot be used.
package struct CertificateFailure: Error, Hashable, CustomStringConvertible {
    /// What is wrong with it.
    package enum Reason: Hashable, Sendable {
        /// It cannot be opened or read; the system's words.
        case unreadable(String)
        /// There is no certificate in PEM form in it, or a broken one.
        case noCertificate
        /// There is no private key in PEM form in it, or a broken one.
        case noKey
        /// The private key is encrypted; a server has nobody to ask for the passphrase.
        case encryptedKey
        /// The private key belongs to another certificate than that of the named file.
        case keyMismatch(certificate: String)
        /// libssl will not serve with it, for example because its key is too short; libssl's words.
        case refused(String)
        /// A server needs at least one certificate.
        case noneGiven
    }

    /// The file, as it was named in the settings.
    package var file: String
    package var reason: Reason

    /// A failure with its file.
    package init(file: String, reason: Reason) {
        self.file = file
        self.reason = reason
    }

    /// What is wrong, without the file's name.
    package var problem: String {
        switch reason {
        case .unreadable(let words): "cannot be read: \(words)"
        case .noCertificate: "holds no certificate in PEM form"
        case .noKey: "holds no private key in PEM form"
        case .encryptedKey: "holds an encrypted private key"
        case .keyMismatch(let certificate): "holds the private key of another certificate than \(certificate)"
        case .refused(let words): "is refused by libssl: \(words)"
        case .noneGiven: "no certificate is given"
        }
    }

    /// One line for the log.
    package var description: String { file.isEmpty ? problem : "\(file) \(problem)" }
}

/// The words for the first error in libcrypto's queue of this thread, which is emptied.
func takeLibraryError() -> (library: Int32, reason: Int32, words: String) {
    let code = ERR_get_error()
    ERR_clear_error()
    guard code != 0 else { return (0, 0, "unknown reason") }
    let words = ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown reason"
    return (stempel_ERR_GET_LIB(code), stempel_ERR_GET_REASON(code), words)
}
