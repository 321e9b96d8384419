import MailTypes

/// A DKIM-Signature (RFC 6376 §3.5) or ARC-Message-Signature (RFC 8617 §4.1.2), its tags checked.
struct SignatureField: Sendable {
    enum Algorithm: String, Sendable { case rsa = "rsa-sha256", ed25519 = "ed25519-sha256" }
    /// Why a field cannot be used.
    struct Problem: Error {
        var result: DKIMResult = .permerror
        var reason: String
        init(_ reason: String, _ result: DKIMResult = .permerror) { (self.reason, self.result) = (reason, result) }
    }

    var algorithm: Algorithm
    var signature: [UInt8]
    var bodyHash: [UInt8]
    var domain: String
    var selector: String
    var headerForm: Canonicalization
    var bodyForm: Canonicalization
    /// In lower case, as often as it was written.
    var signedNames: [String]
    /// `i=` names a domain below `d=` (§3.5): a key with the flag `s` forbids that.
    var isForSubdomain: Bool
    /// `l=`
    var bodyLength: Int64?
    var timestamp: Int64?
    var expiration: Int64?

    /// The form of the body that a field asks for, without checking anything else; `nil` if it cannot be told.
    static func bodyForm(_ body: ArraySlice<UInt8>) -> Canonicalization? {
        guard body.count <= SignatureLimits.fieldOctets else { return nil }
        return forms(TagList.first("c", in: body))?.body
    }

    private static func forms(_ text: [UInt8]?) -> (header: Canonicalization, body: Canonicalization)? {
        guard let text else { return (.simple, .simple) }
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")) else {
            return Canonicalization(text[...]).map { ($0, .simple) }
        }
        guard let header = Canonicalization(text[..<slash]), let body = Canonicalization(text[(slash + 1)...]) else {
            return nil
        }
        return (header, body)
    }

    /// Checks the tags of a DKIM-Signature.
    init(dkim tags: TagList) throws(Problem) {
        guard tags.text("v") == "1" else { throw Problem("unknown version") }
        try self.init(tags)
        guard signedNames.contains("from") else { throw Problem("From is not signed") }
        if let identity = tags.text("i") {
            let domain = identity.utf8.lastIndex(of: UInt8(ascii: "@")).map { String(identity[identity.index(after: $0)...]) }
                ?? identity
            guard let domain = DomainName(domain)?.ascii, domain == self.domain || domain.hasSuffix("." + self.domain)
            else { throw Problem("identity of another domain") }
            isForSubdomain = domain != self.domain
        }
    }

    /// Checks what DKIM-Signature and ARC-Message-Signature have in common.
    init(_ tags: TagList) throws(Problem) {
        guard let algorithm = tags.text("a")?.lowercased(), let domain = tags.text("d"), let selector = tags.text("s"),
            tags.contains("b"), tags.contains("bh"), let names = tags.list("h")
        else { throw Problem("a tag is missing") }
        // RFC 8301 §3.1: rsa-sha1 proves nothing any more.
        guard let known = Algorithm(rawValue: algorithm) else { throw Problem("unknown algorithm") }
        guard let domain = DomainName(domain), !domain.isAddressLiteral, Self.isSelector(selector) else {
            throw Problem("domain or selector is none")
        }
        guard let signature = tags.base64("b"), let bodyHash = tags.base64("bh"), !signature.isEmpty else {
            throw Problem("broken base64")
        }
        guard let forms = Self.forms(tags.compact("c")) else { throw Problem("unknown canonicalization") }
        guard tags.list("q").map({ $0.contains { $0.hasPrefix("dns/txt") } }) ?? true else {
            throw Problem("unknown query method")
        }
        guard let length = tags.number("l"), let timestamp = tags.number("t"), let expiration = tags.number("x") else {
            throw Problem("a number is none")
        }
        if let timestamp, let expiration, expiration <= timestamp { throw Problem("expired before it was made") }
        (self.algorithm, self.signature, self.bodyHash) = (known, signature, bodyHash)
        (self.domain, self.selector) = (domain.ascii, selector.lowercased())
        (headerForm, bodyForm) = forms
        signedNames = names
        isForSubdomain = false
        (bodyLength, self.timestamp, self.expiration) = (length, timestamp, expiration)
    }

    /// A signature over no body, as a seal is.
    init(algorithm: Algorithm, signature: [UInt8], domain: String, selector: String) {
        (self.algorithm, self.signature, bodyHash) = (algorithm, signature, [])
        (self.domain, self.selector, signedNames, isForSubdomain) = (domain, selector, [], false)
        (headerForm, bodyForm) = (.relaxed, .relaxed)
    }

    /// sub-domain *("." sub-domain) of RFC 6376 §3.1; underscores occur.
    static func isSelector(_ text: String) -> Bool {
        text.utf8.count <= 200
            && text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.count)
                    && label.allSatisfy {
                        (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == UInt8(ascii: "-")
                            || $0 == UInt8(ascii: "_")
                    }
            }
    }
}
