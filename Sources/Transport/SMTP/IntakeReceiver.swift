package import Desk
package import Gateway
package import MailTypes
package import SMTPProtocol

/// The MX: mail for the desk goes to Intake, mail for other addresses of its domains to the host behind, if there is one.
package struct IntakeReceiver: MailReceiver {
    private let intake: Intake
    private let roster: RosterHolder
    /// `nil`: nothing is asked about hosts.
    private let hosts: HostCheck?
    /// `nil`: no other addresses are served.
    private let others: OtherRecipients?
    /// Whose keys seal what is passed on.
    private let signers: SignerRing

    package init(
        intake: Intake, roster: RosterHolder, hosts: HostCheck? = nil, others: OtherRecipients? = nil,
        signers: SignerRing = SignerRing()
    ) {
        (self.intake, self.roster, self.hosts, self.others) = (intake, roster, hosts, others)
        self.signers = signers
    }

    package func admission() -> Reply? { intake.admission() }

    package func visit(from host: IPAddress) -> Visit? { hosts.map { Visit(of: host, check: $0) } }

    package func filtered() -> FilteredConnection? { intake.filters.connection() }

    package func verify(sender: EmailAddress?, agent: AgentID?) -> SMTPServerSession.SenderVerdict { .accepted }

    package func verify(
        _ question: RecipientQuestion, later: @escaping @Sendable (SMTPServerSession.RecipientVerdict) -> Void
    ) -> SMTPServerSession.RecipientVerdict? {
        // Whoever is on a list must be able to say that it is a mistake (RFC 5321 §4.5.1, RFC 2142 §4).
        guard let visit = question.visit, !question.recipient.isOfficial else { return whose(question, later) }
        switch visit.knownJudgement {
        case .welcome: return whose(question, later)
        case .refused(let reply): return .refused(reply)
        case nil:
            Task {
                if case .refused(let reply) = await visit.judged() { return later(.refused(reply)) }
                if let verdict = whose(question, later) { later(verdict) }
            }
            return nil
        }
    }

    /// Whose address it is: the desk's, the host's behind, or nobody's.
    private func whose(
        _ question: RecipientQuestion, _ later: @escaping @Sendable (SMTPServerSession.RecipientVerdict) -> Void
    ) -> SMTPServerSession.RecipientVerdict? {
        let isPassed = others != nil && question.recipient.address.map(intake.isOther) == true
        // What is filed and what is passed on have answers of their own at the end of the content: never in one mail.
        if let first = question.envelope.recipients.first, others != nil, intake.isOther(first) != isPassed {
            return .refused(.recipientsApart)
        }
        guard let address = question.recipient.address else {
            let verdict = intake.verifyPostmaster()
            return Self.verdict(
                verdict, EmailAddress(localPart: "postmaster", domain: roster.current.definition.domain))
        }
        guard isPassed, let others else { return Self.verdict(intake.verify(recipient: address), address) }
        let answer = others.verify(address, of: question.envelope) { later(Self.verdict($0, address)) }
        switch answer {
        case .known(let verdict): return Self.verdict(verdict, address)
        case .later: return nil
        }
    }

    private static func verdict(
        _ verdict: RecipientVerdict, _ address: EmailAddress
    ) -> SMTPServerSession.RecipientVerdict {
        switch verdict {
        case .accepted: .accepted(address)
        case .refused(let reply): .refused(reply)
        }
    }

    package func makeContent(
        for envelope: Envelope, peer: Peer, onDrained: @escaping @Sendable () -> Void
    ) -> ArrivingContent {
        if let others, let first = envelope.recipients.first, intake.isOther(first) {
            let passing = MailPassing(envelope, from: peer, intake: intake, signers: signers)
            return ArrivingContent(.passed(PassedContent(envelope, passing, others: others, onDrained: onDrained)))
        }
        return ArrivingContent(.filed(intake.makeContent(isFromOutside: true, onDrained: onDrained)))
    }

    package func accept(
        _ content: ArrivingContent, envelope: Envelope, agent: AgentID?, peer: Peer,
        completion: @escaping @Sendable (Reply) -> Void
    ) {
        switch content.way {
        case .filed(let content): intake.accept(content, envelope: envelope, peer: peer, completion: completion)
        case .passed(let content):
            let intake = intake
            content.complete { outcome in
                // Who waits too long for the reply sends the mail again.
                completion(outcome.reply)
                Task { await intake.passed(envelope, peer, outcome) }
            }
        }
    }

    package func noteRefusal(_ reply: Reply?, because cause: String?, of envelope: Envelope, peer: Peer) {
        intake.refusals.note(MailOrigin(peer, envelope), reply: reply, cause: cause)
    }
}

extension SMTPServerSession.Recipient {
    fileprivate var address: EmailAddress? {
        if case .address(let address) = self { address } else { nil }
    }

    /// postmaster and abuse, wherever.
    fileprivate var isOfficial: Bool {
        guard let address else { return true }
        return ["postmaster", "abuse"].contains(foldedName(address.localPart))
    }
}
