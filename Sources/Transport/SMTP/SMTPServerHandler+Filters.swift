import Gateway
import Logging
import MailTypes
import NIOCore
import OpenSSL
import SMTPProtocol

/// What filters are asked while the client still speaks. `nil`: their answer brings the session's next action later.
extension SMTPServerHandler {
    func verify(greeting name: String) -> SMTPServerSession.Action? {
        guard filtered != nil else { return session.greetingVerified(.accepted) }
        if hasFilteredMail { endFilteredMail() }
        askFilters(.greeting(name, tls: tls.map { Peer.TLS(version: $0.version, cipher: $0.cipher) })) { handler, refusal in
            handler.note("greeting refused", refusal)
            handler.settle(handler.session.greetingVerified(SMTPServerSession.SenderVerdict(refusal)))
        }
        return nil
    }

    /// After all else that there is to say about a sender.
    func askFilters(about sender: EmailAddress?) -> SMTPServerSession.Action? {
        hasFilteredMail = true
        let envelope = session.envelope ?? Envelope(reversePath: sender)
        askFilters(.sender(envelope, id: peer.mailID)) { handler, refusal in
            handler.note("sender refused", refusal, of: envelope)
            handler.settle(handler.session.senderVerified(SMTPServerSession.SenderVerdict(refusal)))
        }
        return nil
    }

    /// The recipients are all named, and DATA or BDAT came.
    func verify(content envelope: Envelope) -> SMTPServerSession.Action? {
        guard filtered != nil else { return session.contentVerified(.accepted) }
        askFilters(.content) { handler, refusal in
            handler.note("mail refused", refusal, of: envelope)
            handler.settle(handler.session.contentVerified(SMTPServerSession.SenderVerdict(refusal)))
        }
        return nil
    }

    /// The mail is over, however it ended.
    func endFilteredMail() {
        hasFilteredMail = false
        filtered?.abort()
    }

    /// Asks, and goes on with the answer if the client is still there.
    func askFilters(
        _ question: FilterQuestion, _ answered: @escaping @Sendable (SMTPServerHandler, FilterRefusal?) -> Void
    ) {
        guard let filtered, let context else { return }
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        filtered.ask(question) { refusal in
            eventLoop.execute {
                guard case .open = bound.value.phase else { return }
                answered(bound.value, refusal)
            }
        }
    }

    /// Tells the log and the record of refusals.
    func note(_ what: Logger.Message, _ refusal: FilterRefusal?, of envelope: Envelope = Envelope(reversePath: nil)) {
        guard let refusal else { return }
        var facts = metadata(LogKey.reply, "\(refusal.reply)", session.isInTransaction ? envelope : nil)
        facts[LogKey.filter] = "\(refusal.filter)"
        facts[LogKey.cause] = "\(refusal.cause)"
        shared.logger.info(what, metadata: facts)
        shared.receiver.noteRefusal(refusal.reply, because: refusal.cause, of: envelope, peer: peer)
    }
}

extension SMTPServerSession.SenderVerdict {
    fileprivate init(_ refusal: FilterRefusal?) { self = refusal.map { .refused($0.reply) } ?? .accepted }
}
