package import MailFormat
package import MailTypes
package import OpenSSL

/// Seals a message before it is handed on (RFC 8617 §5.1), so that who gets it can see what we found out.
package struct ARCSealer: Sendable {
    private let domain: DomainName
    private let selector: String
    private let key: SigningKey

    /// `nil` for a selector that is none.
    package init?(domain: DomainName, selector: String, key: SigningKey) {
        guard SignatureField.isSelector(selector), !domain.isAddressLiteral else { return nil }
        (self.domain, self.selector, self.key) = (domain, selector, key)
    }

    /// The three fields of our set, to be put on top of the message. `nil` for a chain that is full, or broken in a way that
    /// leaves no number for ours: such a mail is handed on as it is.
    package func seal(
        _ message: DigestedMessage, results: AuthenticationResults, chain verdict: ARCVerdict, at now: Timestamp
    ) -> [UInt8]? {
        // A chain that says of itself that it failed is not continued (§5.1, §4.4).
        guard let sets = try? ARCChain(message.header).sets, sets.count < ARCChain.maximumSets,
            let body = message.bodies[.relaxed]
        else { return nil }
        let instance = sets.count + 1
        let validation = sets.isEmpty ? "none" : verdict.result == .pass ? "pass" : "fail"
        let resultsField = Array("ARC-Authentication-Results: i=\(instance); \(results.payload)\r\n".utf8)
        let signed = SignedHeader(message.header)
        let names = DKIMSigner.signedNames.filter { signed.count($0) > 0 }
            .flatMap { [String](repeating: $0, count: min(signed.count($0), 10)) }
        let algorithm = key.kind == .ed25519 ? "ed25519-sha256" : "rsa-sha256"
        let who = ["a=\(algorithm)", "d=\(domain.ascii)", "s=\(selector)", "t=\(now.seconds)"]
        let signatureField = SignatureWriter.field(
            "ARC-Message-Signature",
            ["i=\(instance)", "c=relaxed/relaxed"] + who + [
                "h=\(names.joined(separator: ":"))", "bh=\(Base64.encode(body.digest))",
            ]
        ) { key.signature(digest: signed.digest(names, form: .relaxed, signature: $0[...])) }
        // A failed chain is sealed by itself: what came before proves nothing (§5.1.2).
        let earlier = validation == "fail" ? [] : sets.flatMap { [$0.results, $0.signature, $0.seal] }
        let covered = earlier.map { message.header.octets[$0.range] } + [resultsField[...], signatureField[...]]
        let sealField = SignatureWriter.field("ARC-Seal", ["i=\(instance)", "cv=\(validation)"] + who) {
            key.signature(digest: ARCSealing.digest(covered, seal: $0[...]))
        }
        return sealField + signatureField + resultsField
    }
}
