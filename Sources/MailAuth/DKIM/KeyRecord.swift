import MailTypes
import OpenSSL

/// A published key (RFC 6376 §3.6.1, RFC 8463 §4).
struct KeyRecord: Sendable {
    var key: VerificationKey
    var isTesting: Bool
    /// Signatures must be for the domain itself, not for one below it.
    var isStrict: Bool

    /// Reads a record for a signature's algorithm.
    init(_ text: String, for algorithm: SignatureField.Algorithm) throws(SignatureField.Problem) {
        guard let tags = TagList(text.utf8) else { throw .init("broken key record") }
        // v= must come first if it is there.
        if let version = tags.raw("v") {
            guard version == "DKIM1", tags.first == "v" else { throw .init("unknown version of the key") }
        }
        guard let published = tags.text("p") else { throw .init("a key record without a key") }
        guard !published.isEmpty else { throw .init("the key is revoked") }
        guard tags.list("h").map({ $0.contains("sha256") }) ?? true else { throw .init("the key is for other hashes") }
        guard tags.list("s").map({ $0.contains("*") || $0.contains("email") }) ?? true else {
            throw .init("the key is for other services")
        }
        let kind = tags.text("k")?.lowercased() ?? "rsa"
        guard kind == (algorithm == .rsa ? "rsa" : "ed25519") else { throw .init("the key is of another kind") }
        guard let octets = Base64.decode(published),
            let key = algorithm == .rsa ? VerificationKey(rsa: octets) : VerificationKey(ed25519: octets)
        else { throw .init("broken key") }
        if case .rsa(let bits) = key.kind, bits < SignatureLimits.leastRSABits {
            throw .init("the key is too short", .policy)
        }
        self.key = key
        let flags = tags.list("t") ?? []
        (isTesting, isStrict) = (flags.contains("y"), flags.contains("s"))
    }

    /// Asks for the key of a selector. Of several records the first that can be used counts.
    static func find(
        _ field: SignatureField, lookup: some AuthenticationLookup, keys: KeyCache
    ) async throws(SignatureField.Problem) -> KeyRecord {
        let texts: [String]
        do throws(LookupFailure) {
            texts = try await lookup.txt("\(field.selector)._domainkey.\(field.domain)").records
        } catch {
            guard error.reason != .impossibleName else { throw .init("no key") }
            throw .init("no answer about the key", .temperror)
        }
        var problem = SignatureField.Problem("no key")
        for text in texts.prefix(5) {
            do throws(SignatureField.Problem) {
                return try keys.key(text, for: field.algorithm)
            } catch { problem = error }
        }
        throw problem
    }
}
