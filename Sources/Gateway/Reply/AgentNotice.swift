package import Desk
import MailFormat
package import MailTypes

/// A notice of Stempel to one agent: a mail of the agent's own in INBOX, that anybody may delete without a right.
package struct AgentNotice: Sendable {
    package var subject: String
    package var text: String
    /// The mail that it is about, as the agent's client named it.
    package var about: MessageID?
    /// It tells of many cases, whosever they are; such notices go when anybody is erased.
    package var listsCases = false

    package init(subject: String, text: String, about: MessageID? = nil) {
        (self.subject, self.text, self.about) = (subject, text, about)
    }

    /// Puts it into the agent's INBOX.
    @discardableResult
    package func file(
        to agent: Roster.Agent, cryptography: any Cryptography, host: DomainName, _ work: CaseWork
    ) throws -> MessageKey? {
        guard let inbox = work.roster.mailbox(.inbox(agent.id)) else { return nil }
        let transaction = work.transaction
        var fields = HeaderWriter()
        fields.date("Date", work.now)
        try fields.addresses("From", [NamedAddress(displayName: "Stempel", address: work.roster.commandAddress)])
        if let address = EmailAddress(agent.definition.login) {
            try fields.addresses("To", [NamedAddress(displayName: agent.definition.name, address: address)])
        }
        try fields.text("Subject", subject)
        if let id = MessageID("\(listsCases ? Self.listing : "notice")-\(Base32.encode(cryptography.randomOctets(16)))@\(host.ascii)") {
            fields.messageIDs("Message-ID", [id])
        }
        if let about {
            fields.messageIDs("In-Reply-To", [about])
            fields.messageIDs("References", [about])
        }
        try fields.structured("Auto-Submitted", "auto-generated")
        let octets = MessageWriter.alternative(fields, text, entropy: cryptography.randomOctets(16))
        var scanner = MIMEScanner()
        scanner.consume(octets)
        let structure = scanner.finish()
        let header = scanner.header ?? HeaderSection([UInt8]())
        let sequence = try work.modSequence()
        let key = try transaction.insert(
            NewMessage(
                ticket: nil, kind: .personal, pool: .none,
                content: try transaction.insertContent(octets, headerSize: header.octets.count),
                bodyOffset: header.octets.count, contentSize: octets.count, header: header.octets,
                envelope: IMAPEnvelope.render(header), structure: structure.encoded(), keys: SortKeys(header),
                internalDate: work.now, sentAt: work.now, modSequence: sequence, messageID: header.messageID,
                agent: agent.id))
        _ = try transaction.enter([key], into: inbox, pool: .none, at: sequence, now: work.now)
        transaction.note(Change(mailboxes: [inbox], agents: [agent.id]))
        return key
    }
}

extension AgentNotice {
    /// What the Message-ID of a notice begins with that lists cases.
    package static let listing = "found"

    /// The answer to a mail to `desk@` in which nothing is a command.
    static func noCommand(_ header: HeaderSection, _ agent: Roster.Agent, _ roster: Roster) -> AgentNotice {
        let subject = header.text("Subject").map { String($0.prefix(200)) } ?? ""
        switch agent.language {
        case .english:
            return AgentNotice(
                subject: "No command: \(subject)",
                text: "Your mail to \(roster.commandAddress) holds no command that is known here. Nothing was done.\n",
                about: header.messageID)
        case .polish:
            return AgentNotice(
                subject: "Brak polecenia: \(subject)",
                text:
                    "W wiadomości na adres \(roster.commandAddress) nie ma znanego polecenia. Nic nie zostało zrobione.\n",
                about: header.messageID)
        }
    }
}
