package import Desk
package import Gateway
package import MailTypes
package import SMTPProtocol

/// The MX: mail goes to Intake.
package struct IntakeReceiver: MailReceiver {
    private let intake: Intake
    private let roster: RosterHolder

    package init(intake: Intake, roster: RosterHolder) { (self.intake, self.roster) = (intake, roster) }

    package func admission() -> Reply? { intake.admission() }

    package func verify(sender: EmailAddress?, agent: AgentID?) -> SMTPServerSession.SenderVerdict { .accepted }

    package func verify(
        recipient: SMTPServerSession.Recipient, agent: AgentID?
    ) -> SMTPServerSession.RecipientVerdict {
        switch recipient {
        case .address(let address):
            switch intake.verify(recipient: address) {
            case .accepted: .accepted(address)
            case .refused(let reply): .refused(reply)
            }
        case .postmaster:
            switch intake.verifyPostmaster() {
            case .accepted:
                .accepted(EmailAddress(localPart: "postmaster", domain: roster.current.definition.domain))
            case .refused(let reply): .refused(reply)
            }
        }
    }

    package func makeContent(onDrained: @escaping @Sendable () -> Void) -> IncomingContent {
        intake.makeContent(isFromOutside: true, onDrained: onDrained)
    }

    package func accept(
        _ content: IncomingContent, envelope: Envelope, agent: AgentID?, peer: Peer,
        completion: @escaping @Sendable (Reply) -> Void
    ) {
        intake.accept(content, envelope: envelope, peer: peer, completion: completion)
    }

    package func noteRefusal(_ reply: Reply, of envelope: Envelope, peer: Peer) {
        intake.refusals.note(MailOrigin(peer, envelope), reply: reply)
    }
}
