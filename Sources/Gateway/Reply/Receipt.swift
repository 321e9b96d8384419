import Desk
import MailFormat
import MailTypes

/// A disposition notification (RFC 8098) as it leaves where the pool lets receipts out: made anew, for the client's own
/// names the agent and the machine.
struct Receipt {
    let header: [UInt8]
    let body: [UInt8]

    /// `nil`: the client's report says nothing that can be passed on.
    init?(
        of report: HeaderSection, from author: NamedAddress, to recipients: [NamedAddress], subject: String,
        messageID: MessageID, entropy: [UInt8], now: Timestamp
    ) throws {
        guard let original = report.unfolded("Original-Message-ID").flatMap({ MessageIDs.read($0).first }),
            let disposition = report.text("Disposition"),
            disposition.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), disposition.utf8.count <= 200
        else { return nil }
        let boundary = "=_mdn_" + entropy.prefix(16).map { String($0, radix: 16) }.joined(separator: "_")
        var fields = HeaderWriter()
        fields.date("Date", now)
        try fields.addresses("From", [author])
        try fields.addresses("To", recipients)
        try fields.text("Subject", subject)
        fields.messageIDs("Message-ID", [messageID])
        fields.messageIDs("References", [original])
        try fields.structured("Auto-Submitted", "auto-replied")
        try fields.structured("MIME-Version", "1.0")
        try fields.parameterized(
            "Content-Type", "multipart/report",
            [(name: "report-type", value: "disposition-notification"), (name: "boundary", value: boundary)])
        header = fields.octets + Array("\r\n".utf8)
        var notification = HeaderWriter()
        try notification.structured("Final-Recipient", "rfc822;\(author.address)")
        notification.messageIDs("Original-Message-ID", [original])
        try notification.structured("Disposition", disposition)
        var text = "--\(boundary)\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        text += "Your message to \(author.address) was displayed.\r\n"
        text += "\r\n--\(boundary)\r\nContent-Type: message/disposition-notification\r\n\r\n"
        body = Array(text.utf8) + notification.octets + Array("\r\n--\(boundary)--\r\n".utf8)
    }
}
