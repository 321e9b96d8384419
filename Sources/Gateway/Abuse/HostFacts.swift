package import Desk
import MailAuth
import MailTypes

/// What is known of the host that brought a mail: for rules, for whoever reads the mail, never a reason to refuse by itself.
package struct HostFacts: Sendable, Equatable {
    package var reverse: ReverseName
    package var helo: AuthenticationVerdict
    package var listings: [HostListing]
    /// From which score on it counts as listed.
    package var tagAt: Int

    package init(reverse: ReverseName, helo: AuthenticationVerdict, listings: [HostListing], tagAt: Int = 1) {
        (self.reverse, self.helo, self.listings, self.tagAt) = (reverse, helo, listings, tagAt)
    }

    /// Of all lists together.
    package var score: Int { listings.reduce(0) { $0 + $1.list.score } }

    /// Which lists have it, and the score, in words for people.
    var listedWords: String {
        let zones = listings.filter { $0.list.score > 0 }.map(\.list.zone)
        return "host listed by \(zones.joined(separator: ", ")), score \(score)"
    }

    /// As rules see it; `nil`: it is no check of the host.
    func verdict(of method: AuthenticationMethod) -> AuthenticationVerdict? {
        switch method {
        case .iprev:
            switch reverse.result {
            case .pass: .pass
            case .fail, .permerror: .fail
            case .temperror: AuthenticationVerdict.none
            }
        case .helo: helo
        case .dnsbl: score >= tagAt ? .fail : score < 0 ? .pass : AuthenticationVerdict.none
        case .spf, .dkim, .dmarc, .arc, .spam: nil
        }
    }

    /// For Authentication-Results: iprev as RFC 8601 has it, lists in the way of RFC 8904. What the name in EHLO leads to has
    /// no method of its own there; who does not know it leaves it out (§2.3).
    func results(of host: String) -> [AuthenticationResults.Result] {
        let iprev = AuthenticationResults.Result(
            "iprev", reverse.result.rawValue, properties: [("policy.iprev", host)])
        return [iprev]
            + (helo == .none ? [] : [AuthenticationResults.Result("helo", helo.rawValue)])
            + listings.map { listing in
                AuthenticationResults.Result(
                    listing.list.score < 0 ? "dnswl" : "dnsbl", listing.list.score < 0 ? "pass" : "fail",
                    properties: [("dns.zone", listing.list.zone), ("policy.ip", listing.answer.description)])
            }
    }
}
