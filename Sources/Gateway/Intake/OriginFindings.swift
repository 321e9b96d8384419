import Desk
import Logging
import MailAuth
import MailTypes

/// What was found out about where a mail comes from: about the mail itself and about the host that brought it, each as far
/// as it was asked for.
struct OriginFindings: Sendable {
    var verdicts: MailVerdicts?
    var host: HostFacts?

    /// The field that tells it (RFC 8601 §5); empty where nothing was asked.
    func field(by server: String, of peer: Peer) -> [UInt8] {
        guard verdicts != nil || host != nil else { return [] }
        let results = (verdicts?.results(by: server).results ?? []) + (host?.results(of: peer.address) ?? [])
        return AuthenticationResults(authenticationServer: server, results: results).field
    }

    /// For the log.
    var metadata: Logger.Metadata {
        var facts: Logger.Metadata = [:]
        if let verdicts {
            facts["mail.spf"] = "\(verdicts.spf.result.rawValue)"
            facts["mail.dkim"] = "\(verdicts.dkimResult.rawValue)"
            facts["mail.dmarc"] = "\(verdicts.dmarc.result.rawValue)"
            facts["mail.author"] = "\(verdicts.dmarc.authorDomain)"
        }
        if let host {
            facts["host.iprev"] = "\(host.reverse.result.rawValue)"
            facts["host.helo"] = "\(host.helo.rawValue)"
            if !host.listings.isEmpty {
                facts["host.lists"] = "\(host.listings.map(\.list.zone).joined(separator: ","))"
                facts["host.score"] = "\(host.score)"
            }
        }
        return facts
    }
}
