package import Logging
package import MailTypes

/// The keys of what is logged about a mail on its way in.
enum MailLogKey {
    static let session = "smtp.session"
    static let peer = "smtp.peer"
    static let reply = "smtp.reply"
    static let sender = "smtp.sender"
    static let recipient = "smtp.recipient"
    static let recipients = "smtp.recipients"
    static let messageID = "mail.message-id"
    static let size = "mail.size"
    static let filter = "mail.filter"
    static let cause = "mail.cause"
}

extension Envelope {
    /// For the log: the sender, the first recipients, and how many there are where those are not all.
    package var metadata: Logger.Metadata {
        let shown = 5
        var facts: Logger.Metadata = [MailLogKey.sender: "\(reversePath?.description.onOneLine ?? "<>")"]
        guard !recipients.isEmpty else { return facts }
        let first = recipients.prefix(shown).map(\.description.onOneLine).joined(separator: " ")
        facts[MailLogKey.recipient] = "\(first)"
        if recipients.count > shown { facts[MailLogKey.recipients] = "\(recipients.count)" }
        return facts
    }
}
