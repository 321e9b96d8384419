/// What checking a DKIM signature came to, in the words of RFC 8601 §2.7.1.
package enum DKIMResult: String, Sendable, CaseIterable {
    /// There is no signature.
    case none
    case pass
    /// The signature does not fit the message.
    case fail
    /// It fits, but we do not take it: it covers only a part of the body, or its key is too short.
    case policy
    /// It cannot be understood, or its domain is only testing.
    case neutral
    /// The domain name system did not answer.
    case temperror
    /// It can never be checked: no key, a revoked one, a tag missing.
    case permerror
}

/// The outcome of one signature.
package struct DKIMVerdict: Sendable, Equatable {
    package var result: DKIMResult
    /// The domain that takes responsibility (`d=`), in lower-case A-labels; empty where the field does not say.
    package var signingDomain: String
    package var selector: String
    /// `rsa-sha256`, `ed25519-sha256`.
    package var algorithm: String
    /// The beginning of the signature itself, which tells several of one domain apart (RFC 8601 §2.7.1, header.b).
    package var signature: String
    /// Why it is not a pass; constant words.
    package var reason: String?
    /// The domain says that it is only testing (`t=y` of the key).
    package var isTesting = false

    package init(
        _ result: DKIMResult, signingDomain: String = "", selector: String = "", algorithm: String = "",
        signature: String = "", reason: String? = nil
    ) {
        (self.result, self.signingDomain, self.selector) = (result, signingDomain, selector)
        (self.algorithm, self.signature, self.reason) = (algorithm, signature, reason)
    }
}
