package import MailFormat
package import MailTypes
import OpenSSL

/// Checks the DKIM signatures of a message (RFC 6376 §6), each by itself.
package struct DKIMVerification<Lookup: AuthenticationLookup>: Sendable {
    private let message: DigestedMessage
    private let lookup: Lookup
    private let keys: KeyCache
    private let now: Timestamp

    /// `keys`: shared by the mails of a server.
    package init(_ message: DigestedMessage, lookup: Lookup, keys: KeyCache = KeyCache(), now: Timestamp) {
        (self.message, self.lookup, self.keys, self.now) = (message, lookup, keys, now)
    }

    /// One verdict for each signature, in the order of the message, at most ten; empty without any.
    package func run() async -> [DKIMVerdict] {
        let header = message.header
        let fields = header.all("DKIM-Signature").prefix(SignatureLimits.fields)
        guard !fields.isEmpty else { return [] }
        let signed = SignedHeader(header)
        var verdicts: [DKIMVerdict] = []
        for field in fields { verdicts.append(await verdict(field, signed)) }
        return verdicts
    }

    private func verdict(_ place: HeaderSection.Field, _ signed: SignedHeader) async -> DKIMVerdict {
        let octets = message.header.octets
        guard place.range.count <= SignatureLimits.fieldOctets, let tags = TagList(octets[place.body]) else {
            return DKIMVerdict(.neutral, reason: "the field cannot be read")
        }
        let field: SignatureField
        do throws(SignatureField.Problem) {
            field = try SignatureField(dkim: tags)
        } catch {
            // As much of it as can be told.
            return DKIMVerdict(
                error.result, signingDomain: tags.text("d").flatMap { DomainName($0)?.ascii } ?? "",
                selector: tags.text("s")?.lowercased() ?? "", algorithm: tags.text("a")?.lowercased() ?? "",
                signature: Self.beginning(of: tags), reason: error.reason)
        }
        var verdict = DKIMVerdict(
            .pass, signingDomain: field.domain, selector: field.selector, algorithm: field.algorithm.rawValue,
            signature: Self.beginning(of: tags))
        do throws(SignatureField.Problem) {
            try checkBody(field)
            let key = try await KeyRecord.find(field, lookup: lookup, keys: keys)
            verdict.isTesting = key.isTesting
            guard !(key.isStrict && field.isForSubdomain) else { throw .init("the key is for the domain itself only") }
            let digest = signed.digest(field.signedNames, form: field.headerForm, signature: octets[place.range])
            guard key.key.verifies(field.signature, digest: digest) else {
                throw .init("the signature does not fit the header", key.isTesting ? .neutral : .fail)
            }
        } catch {
            (verdict.result, verdict.reason) = (error.result, error.reason)
        }
        return verdict
    }

    private static func beginning(of tags: TagList) -> String {
        String(decoding: tags.octets("b").lazy.filter { !TagList.isSpace($0) }.prefix(8), as: UTF8.self)
    }

    /// Expiry and body hash: what needs no key.
    private func checkBody(_ field: SignatureField) throws(SignatureField.Problem) {
        if let expiration = field.expiration, expiration < now.seconds { throw .init("expired", .fail) }
        guard let body = message.bodies[field.bodyForm] else {
            preconditionFailure("the body was hashed in every form that a signature names")
        }
        try field.check(body)
    }
}

extension SignatureField {
    /// Whether the body is the one that was signed. One that was signed in part only may have anything behind that part,
    /// so we do not take such a signature (RFC 6376 §8.2).
    func check(_ body: BodyDigest.Finished) throws(Problem) {
        if let bodyLength, bodyLength != body.length {
            throw bodyLength < body.length
                ? Problem("only a part of the body is signed", .policy) : Problem("the body is too short", .fail)
        }
        guard bodyHash == body.digest else { throw Problem("the body was changed", .fail) }
    }
}
