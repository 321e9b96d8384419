import Desk
package import MailAuth
import MailFormat
package import MailTypes

/// What this installation does with mail whose origin was checked.
package struct SenderPolicy: Sendable {
    /// How far a failed check goes.
    package enum Treatment: String, CaseIterable, Sendable {
        /// Refused in the SMTP dialogue.
        case reject
        /// A case that it opens goes to Spam.
        case quarantine
        /// Only told in Authentication-Results and to rules.
        case tag
    }

    package var check: MailCheck
    /// The most that is done where DMARC fails; the domain's own policy may ask for less.
    package var dmarc: Treatment
    /// What is done where SPF says fail and DMARC does not pass.
    package var spf: Treatment

    /// Hosts that forward mail of others to us: SPF says nothing there, and DMARC may fail through no fault of the author's.
    package var trustedForwarders: [IPNetwork]

    package init(
        check: MailCheck, dmarc: Treatment = .reject, spf: Treatment = .tag, trustedForwarders: [IPNetwork] = []
    ) {
        (self.check, self.dmarc, self.spf) = (check, dmarc, spf)
        self.trustedForwarders = trustedForwarders
    }

    private func isForwarder(_ peer: Peer) -> Bool {
        guard let address = IPAddress(peer.address) else { return false }
        return trustedForwarders.contains { $0.contains(address) }
    }

    /// Whether the author's domain does not vouch for the mail. From a trusted forwarder an ARC chain that holds does, too
    /// (RFC 8617 §7.2): it tells of the signatures as they were before they were broken on the way.
    func failsDMARC(_ verdicts: MailVerdicts, from peer: Peer) -> Bool {
        verdicts.dmarc.result == .fail && !(isForwarder(peer) && verdicts.arc.result == .pass)
    }

    /// Asks for everything that can be known about a mail.
    func verdicts(
        _ message: DigestedMessage, _ envelope: Envelope, _ peer: Peer, receiver: DomainName, now: Timestamp
    ) async -> MailVerdicts? {
        guard let client = IPAddress(peer.address) else { return nil }
        let sender = SPFRequest(
            client: client, helo: peer.helo, reversePath: envelope.reversePath.map { ($0.localPart, $0.domain.ascii) },
            receiver: receiver.ascii, seconds: now.seconds)
        let authors = message.header.addresses(of: "From").map(\.address.domain)
        return await check.run(message, sender: sender, authors: authors, now: now)
    }

    /// What becomes of a mail: `tag` means that it is filed like any other. What a trusted forwarder brings is never
    /// refused for it (DESIGN §1).
    func treatment(of verdicts: MailVerdicts, from peer: Peer) -> (treatment: Treatment, refusal: Reply) {
        if isForwarder(peer) { return (.tag, .refusedByDMARC) }
        if verdicts.dmarc.result == .fail, verdicts.dmarc.disposition != .none {
            let asked: Treatment = verdicts.dmarc.disposition == .reject ? .reject : .quarantine
            return (Self.milder(asked, dmarc), .refusedByDMARC)
        }
        if verdicts.spf.result == .fail, verdicts.dmarc.result != .pass { return (spf, .refusedBySPF) }
        return (.tag, .refusedBySPF)
    }

    private static func milder(_ left: Treatment, _ right: Treatment) -> Treatment {
        if left == .tag || right == .tag { return .tag }
        return left == .quarantine || right == .quarantine ? .quarantine : .reject
    }
}

extension Reply {
    /// RFC 9989 §5.4; RFC 3463 §3.8.
    package static let refusedByDMARC = Reply(
        550, EnhancedStatus(5, 7, 1), "Not accepted: the author's domain asks to reject mail that it does not vouch for"
    )
    /// RFC 7208 §8.4, RFC 7372 §3.2.
    package static let refusedBySPF = Reply(
        550, EnhancedStatus(5, 7, 23), "Not accepted: the sender's domain says that this host may not send for it")
}

extension MailVerdicts {
    /// As rules see it (RFC 8601 §2.7 without its finer shades): a softfail is a fail, what could not be found out is none.
    func verdict(of method: AuthenticationMethod) -> AuthenticationVerdict {
        switch method {
        case .spf:
            switch spf.result {
            case .pass: .pass
            case .fail, .softfail: .fail
            case .none, .neutral, .temperror, .permerror: .none
            }
        case .dkim:
            switch dkimResult {
            case .pass: .pass
            case .fail, .policy: .fail
            case .none, .neutral, .temperror, .permerror: .none
            }
        case .dmarc:
            switch dmarc.result {
            case .pass: .pass
            case .fail: .fail
            case .none, .temperror, .permerror: .none
            }
        case .arc:
            switch arc.result {
            case .pass: .pass
            case .fail: .fail
            case .none, .temperror: .none
            }
        // Of the host, see `HostFacts`, and of filters.
        case .iprev, .helo, .dnsbl, .spam: .none
        }
    }
}
