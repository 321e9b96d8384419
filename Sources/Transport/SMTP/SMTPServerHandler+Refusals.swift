import Gateway
import Logging
import MailTypes
import SMTPProtocol

/// What the log and the records are told of those whom the session itself refuses.
extension SMTPServerHandler {
    private static var maximumSurplus: Int { 100 }

    /// Who was shut out, in the midst of a mail or before the first, is written down.
    func noteEnd(_ reply: Reply?) {
        guard let reply else { return noteForeignProtocol() }
        // Whoever only fell silent, or was there when the server stopped, did nothing wrong.
        guard reply.code.number == 554 || reply.code.number == 421 && reply.status?.subject == 7,
            watch?.mustNote(entry.address.address) == true
        else { return }
        shared.receiver.noteRefusal(reply, of: addressed ?? Envelope(reversePath: nil), peer: peer)
    }

    private func noteForeignProtocol() {
        guard let spoken = session.foreignProtocol?.rawValue else { return }
        shared.logger.info("no SMTP was spoken", metadata: metadata(LogKey.spoken, "\(spoken)"))
        guard entry.abuse?.mustNote(entry.address.address) != false else { return }
        shared.receiver.noteRefusal(
            nil, because: "\(spoken) was spoken", of: Envelope(reversePath: nil), peer: peer)
    }

    /// A mail that MAIL says too much of, or a recipient too many: of one mail not more than some.
    func noteRefused(_ reply: Reply, _ envelope: Envelope) {
        surplus = surplus.mail == mails ? (mails, surplus.recipients + 1) : (mails, 1)
        guard surplus.recipients <= Self.maximumSurplus else { return }
        let what: Logger.Message = session.envelope == nil ? "sender refused" : "recipient refused"
        shared.logger.info(what, metadata: metadata(LogKey.reply, "\(reply)", envelope))
        shared.receiver.noteRefusal(reply, of: envelope, peer: peer)
    }
}
