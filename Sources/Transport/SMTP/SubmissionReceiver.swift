package import Desk
package import Gateway
package import MailTypes
package import SMTPProtocol

/// Submission: mail of agents goes to Reply.
package struct SubmissionReceiver: MailReceiver {
    private let submission: Submission

    package init(submission: Submission) { self.submission = submission }

    package var now: Timestamp? { submission.intake.now }

    package func admission() -> Reply? { submission.admission() }

    package func verify(sender: EmailAddress?, agent: AgentID?) -> SMTPServerSession.SenderVerdict {
        guard let agent else { return .refused(.authenticationNeeded) }
        switch submission.verify(sender: sender, agent: agent) {
        case .accepted: return .accepted
        case .refused(let reply): return .refused(reply)
        }
    }

    package func verify(
        _ question: RecipientQuestion, later: @escaping @Sendable (SMTPServerSession.RecipientVerdict) -> Void
    ) -> SMTPServerSession.RecipientVerdict? {
        guard let agent = question.agent else { return .refused(.authenticationNeeded) }
        // RFC 5321 §4.5.1 is about mail from the world; an agent names a domain.
        guard case .address(let address) = question.recipient else { return .refused(.badRecipient) }
        switch submission.verify(recipient: address, agent: agent) {
        case .accepted: return .accepted(address)
        case .refused(let reply): return .refused(reply)
        }
    }

    package func makeContent(
        for envelope: Envelope, peer: Peer, onDrained: @escaping @Sendable () -> Void
    ) -> IncomingContent {
        submission.makeContent(onDrained: onDrained)
    }

    package func accept(
        _ content: IncomingContent, envelope: Envelope, agent: AgentID?, peer: Peer,
        completion: @escaping @Sendable (Reply) -> Void
    ) {
        guard let agent else {
            content.abandon()
            return completion(.authenticationNeeded)
        }
        submission.accept(content, envelope: envelope, agent: agent, peer: peer, completion: completion)
    }

    package func noteRefusal(_ reply: Reply?, because cause: String?, of envelope: Envelope, peer: Peer) {
        submission.intake.refusals.note(MailOrigin(peer, envelope), reply: reply, cause: cause)
    }
}
