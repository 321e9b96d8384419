package import Desk
package import Gateway
package import MailTypes
package import SMTPProtocol

/// Who takes the mail that an SMTP server receives. Its answers to senders and recipients are given at once, from
/// memory, or later where somebody else has to be asked; it is called on event loops.
package protocol MailReceiver: Sendable {
    associatedtype Content: MailContent

    /// The time, where mail can be held for later; else `nil`.
    var now: Timestamp? { get }
    /// MAIL: `nil` where there is room for another mail, else why not.
    func admission() -> Reply?
    /// A stranger connects: what is asked about its host; `nil`: nothing.
    func visit(from host: IPAddress) -> Visit?
    /// A client connects: its connection as filters see it; `nil`: there are none.
    func filtered() -> FilteredConnection?
    /// MAIL: who may send. The agent is known on submission only.
    func verify(sender: EmailAddress?, agent: AgentID?) -> SMTPServerSession.SenderVerdict
    /// RCPT: who is taken mail for. `nil`: `later` tells it, once, on any thread.
    func verify(
        _ question: RecipientQuestion, later: @escaping @Sendable (SMTPServerSession.RecipientVerdict) -> Void
    ) -> SMTPServerSession.RecipientVerdict?
    /// `onDrained` runs, on any thread, when a stalled content can take octets again.
    func makeContent(for envelope: Envelope, peer: Peer, onDrained: @escaping @Sendable () -> Void) -> Content
    /// Takes the mail over; the completion runs exactly once, on any thread, when it is durable or refused.
    func accept(
        _ content: Content, envelope: Envelope, agent: AgentID?, peer: Peer,
        completion: @escaping @Sendable (Reply) -> Void)
    /// A recipient, or a mail in the middle of its content, was refused before `accept` could be asked; the client heard the
    /// reply, if any. The cause is what that does not tell.
    func noteRefusal(_ reply: Reply?, because cause: String?, of envelope: Envelope, peer: Peer)
}

extension MailReceiver {
    package func noteRefusal(_ reply: Reply?, because cause: String?, of envelope: Envelope, peer: Peer) {}
    func noteRefusal(_ reply: Reply, of envelope: Envelope, peer: Peer) {
        noteRefusal(reply, because: nil, of: envelope, peer: peer)
    }
    package func visit(from host: IPAddress) -> Visit? { nil }
    package func filtered() -> FilteredConnection? { nil }
}

/// The content of one mail on its way in, used from its connection's event loop only.
package protocol MailContent: AnyObject {
    /// Takes the next octets.
    func append(_ octets: UnsafeRawBufferPointer)
    /// True while nothing should be appended, until `onDrained` ran.
    var isStalled: Bool { get }
    /// The mail is given up.
    func abandon()
}

extension MailReceiver {
    /// Mail from the world is never held for later.
    package var now: Timestamp? { nil }
}

extension IncomingContent: MailContent {}
