package import MailFormat

/// What was found out about a mail when it came, read back from the field that tells it, as a seal repeats it.
package struct ARCFindings: Sendable {
    package var results: AuthenticationResults
    package var chain: ARCVerdict

    /// Reads the first Authentication-Results of a header section in which nobody but us writes in our name. `nil` where
    /// nothing was checked, or where nobody knows whether the chain holds (RFC 8617 §5.2): what is not sealed stays as good
    /// as it is.
    package init?(_ header: HeaderSection, by server: String) {
        guard let field = header.first("Authentication-Results"),
            let results = AuthenticationResults(header.octets[field.body]),
            results.authenticationServer.lowercased() == server.lowercased(),
            results.results.contains(where: { $0.method == "dkim" })
        else { return nil }
        let found = results.results.first { $0.method == "arc" }?.result ?? ARCResult.none.rawValue
        guard let result = ARCResult(rawValue: found), result != .temperror else { return nil }
        (self.results, chain) = (results, ARCVerdict(result))
    }
}
