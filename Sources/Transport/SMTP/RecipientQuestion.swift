package import Desk
package import Gateway
package import MailTypes
package import SMTPProtocol

/// What is asked at RCPT.
package struct RecipientQuestion: Sendable {
    package var recipient: SMTPServerSession.Recipient
    /// Known on submission only.
    package var agent: AgentID?
    /// As far as it was accepted.
    package var envelope: Envelope
    /// What is asked about a stranger's host.
    package var visit: Visit?

    package init(
        recipient: SMTPServerSession.Recipient, agent: AgentID?, envelope: Envelope, visit: Visit? = nil
    ) {
        (self.recipient, self.agent, self.envelope, self.visit) = (recipient, agent, envelope, visit)
    }
}
