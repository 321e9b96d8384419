import Foundation

/// A mail as a customer writes it.
struct CustomerMail {
    var from = "Jan Kowalski <jan@customer.example>"
    var to = "help@acme.example"
    var subject: String
    var id: String = "<\(UUID().uuidString)@customer.example>"
    var inReplyTo: String?
    var body = "Where is my parcel?\n"

    /// With CRLF line ends.
    var octets: [UInt8] { Array(text.replacing("\n", with: "\r\n").utf8) }

    var text: String {
        var lines = ["From: \(from)", "To: \(to)", "Subject: \(subject)", "Message-ID: \(id)"]
        lines.append("Date: Tue, 3 Mar 2026 12:00:00 +0100")
        if let inReplyTo { lines.append("In-Reply-To: \(inReplyTo)\nReferences: \(inReplyTo)") }
        return lines.joined(separator: "\n") + "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n" + body
    }
}

extension SMTPDialogue {
    /// One customer mail on a connection of its own; throws unless it is accepted.
    static func deliver(
        _ mail: CustomerMail, from sender: String = "jan@customer.example", to recipients: [String] = ["help@acme.example"],
        at appliance: RunningAppliance
    ) throws {
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let reply = try dialogue.mail(from: sender, to: recipients, mail.octets)
        guard reply.hasPrefix("250") else { throw WaitedInVain("not accepted: \(reply)") }
        try dialogue.say("QUIT")
    }
}
