import MailFormat
package import MailTypes
import OpenSSL

/// Checks the ARC chain of a message (RFC 8617 §5.2): the last message signature, and all seals.
package struct ARCVerification<Lookup: AuthenticationLookup>: Sendable {
    private let message: DigestedMessage
    private let lookup: Lookup
    private let keys: KeyCache

    /// `keys`: shared by the mails of a server.
    package init(_ message: DigestedMessage, lookup: Lookup, keys: KeyCache = KeyCache()) {
        (self.message, self.lookup, self.keys) = (message, lookup, keys)
    }

    /// Runs the check.
    package func run() async -> ARCVerdict {
        let chain: ARCChain
        do {
            chain = try ARCChain(message.header)
        } catch {
            return ARCVerdict(.fail, problem: error.reason)
        }
        guard let last = chain.sets.last else { return ARCVerdict(.none) }
        let sealers = chain.sets.map { $0.sealTags.text("d")?.lowercased() ?? "" }
        do throws(SignatureField.Problem) {
            try await checkMessage(last)
            for count in (1...chain.sets.count).reversed() { try await checkSeal(chain.sets[..<count]) }
        } catch {
            let result: ARCResult = error.result == .temperror ? .temperror : .fail
            return ARCVerdict(result, sealers: sealers, problem: error.reason)
        }
        return ARCVerdict(.pass, sealers: sealers, lastResults: results(of: last))
    }

    private func results(of set: ARCChain.ARCSet) -> AuthenticationResults? {
        let body = message.header.octets[set.results.body]
        return body.firstIndex(of: UInt8(ascii: ";")).flatMap { AuthenticationResults(body[($0 + 1)...]) }
    }

    private func checkMessage(_ set: ARCChain.ARCSet) async throws(SignatureField.Problem) {
        let field = try SignatureField(set.signatureTags)
        guard !field.signedNames.contains("arc-seal") else { throw .init("a message signature covers a seal") }
        guard let body = message.bodies[field.bodyForm] else { throw .init("too many signatures") }
        try field.check(body)
        let key = try await KeyRecord.find(field, lookup: lookup, keys: keys)
        let digest = SignedHeader(message.header).digest(
            field.signedNames, form: field.headerForm, signature: message.header.octets[set.signature.range])
        guard key.key.verifies(field.signature, digest: digest) else {
            throw .init("the message signature does not fit", .fail)
        }
    }

    private func checkSeal(_ sets: ArraySlice<ARCChain.ARCSet>) async throws(SignatureField.Problem) {
        guard let last = sets.last else { return }
        let seal = try SealField(last.sealTags)
        let key = try await KeyRecord.find(seal.keyField, lookup: lookup, keys: keys)
        let digest = ARCSealing.digest(
            sets.dropLast().map { [$0.results, $0.signature, $0.seal].map { message.header.octets[$0.range] } }.flatMap
            { $0 }
                + [message.header.octets[last.results.range], message.header.octets[last.signature.range]],
            seal: message.header.octets[last.seal.range])
        guard key.key.verifies(seal.keyField.signature, digest: digest) else {
            throw .init("a seal does not fit", .fail)
        }
    }
}

/// The tags of an ARC-Seal (RFC 8617 §4.1.3), in the form of a signature that signs no body.
struct SealField {
    let keyField: SignatureField

    init(_ tags: TagList) throws(SignatureField.Problem) {
        guard let algorithm = tags.text("a")?.lowercased(), let known = SignatureField.Algorithm(rawValue: algorithm),
            let domain = tags.text("d").flatMap({ DomainName($0) }), let selector = tags.text("s"),
            SignatureField.isSelector(selector), let signature = tags.base64("b"), !signature.isEmpty
        else { throw .init("a seal is broken") }
        keyField = SignatureField(
            algorithm: known, signature: signature, domain: domain.ascii, selector: selector.lowercased())
    }
}

/// What a seal covers: fields in relaxed form, the seal itself last and without its signature (§5.1.1).
enum ARCSealing {
    static func digest(_ fields: [ArraySlice<UInt8>], seal: ArraySlice<UInt8>) -> [UInt8] {
        var hash = SHA256()
        for field in fields { Canonicalization.relaxed.hash(field, into: &hash) }
        Canonicalization.relaxed.hash(Canonicalization.withoutSignature(seal)[...], isLast: true, into: &hash)
        return hash.digest()
    }
}
