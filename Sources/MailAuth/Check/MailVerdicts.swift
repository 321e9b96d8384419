/// All that was found out about where a mail comes from.
package struct MailVerdicts: Sendable {
    package var spf: SPFVerdict
    package var dkim: [DKIMVerdict]
    package var arc: ARCVerdict
    package var dmarc: DMARCVerdict

    package init(spf: SPFVerdict, dkim: [DKIMVerdict], arc: ARCVerdict, dmarc: DMARCVerdict) {
        (self.spf, self.dkim, self.arc, self.dmarc) = (spf, dkim, arc, dmarc)
    }

    /// The field that tells it to whoever reads the mail.
    package func results(by server: String) -> AuthenticationResults {
        var results: [AuthenticationResults.Result] = [.init(spf)]
        results += dkim.isEmpty ? [.init(DKIMVerdict(.none))] : dkim.map { .init($0) }
        if arc.result != .none { results.append(.init(arc)) }
        results.append(.init(dmarc))
        return AuthenticationResults(authenticationServer: server, results: results)
    }

    /// One word for all signatures: that of the best.
    package var dkimResult: DKIMResult {
        for result in [DKIMResult.pass, .temperror, .policy, .fail, .neutral, .permerror]
        where dkim.contains(where: { $0.result == result }) { return result }
        return .none
    }
}
