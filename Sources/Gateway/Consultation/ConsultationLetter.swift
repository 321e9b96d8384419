import Desk
import MailFormat
import MailTypes

/// The mail with a question (FEATURES S25): who asks, the question, what the clerk has to do, then the correspondence. It is
/// made anew from the agent's own words, so that nothing else of what the agent's client sent leaves.
struct ConsultationLetter {
    let intake: Intake
    let roster: Roster
    let consultation: Consultation
    let department: DepartmentDefinition
    let agent: Roster.Agent
    let ticket: Ticket
    let subject: String
    /// The pool's address that it leaves from.
    let address: EmailAddress
    /// When the answer is due if the mail leaves when it is to leave.
    let due: Timestamp?
    /// What the agent attached.
    let files: [AskedCorrespondence.File]

    private var pool: PoolDefinition? { roster.pools[ticket.pool]?.definition }
    private var words: ConsultationWords { ConsultationWords(roster.definition.language, clock: roster.clock) }

    /// The Message-ID proves by itself which consultation an answer belongs to.
    var messageID: MessageID {
        intake.keys.messageID(
            ticket: ticket.number, purpose: .consultation, subject: consultation.id.rawValue,
            unique: Base32.encode(intake.cryptography.randomOctets(8)), host: intake.configuration.hostname)
    }

    /// The fields that every mail to the department has.
    func header(subject: String, _ messageID: MessageID, now: Timestamp) throws -> HeaderWriter {
        let name = pool?.senderName ?? pool?.name
        var header = HeaderWriter()
        header.date("Date", now)
        try header.addresses("From", [NamedAddress(displayName: name, address: address)])
        try header.addresses(
            "To", department.addresses.map { NamedAddress(displayName: department.name, address: $0) })
        let replies = intake.keys.signedAddress(
            address, ticket: ticket.number, purpose: .consultation, subject: consultation.id.rawValue)
        try header.addresses("Reply-To", [NamedAddress(displayName: name, address: replies)])
        let mark = ConsultationMark(ticket: ticket.number, consultation: consultation.id).text
        try header.text("Subject", "\(mark) \(Self.line(subject))")
        header.messageIDs("Message-ID", [messageID])
        return header
    }

    /// The whole mail.
    func octets(_ messageID: MessageID, now: Timestamp, _ transaction: any DeskTransaction) throws -> [UInt8] {
        let correspondence = try AskedCorrespondence(of: ticket.number, words, transaction)
        var text = words.asks(agent.definition.name, pool: pool?.name ?? "") + "\n\n\(consultation.question)\n\n"
        text += words.instruction(due: due) + "\n"
        if !correspondence.leftOut.isEmpty { text += "\n\(words.attachmentsLeftOut(correspondence.leftOut))\n" }
        text += "\n---- \(words.correspondence) ----\n\(correspondence.text)"
        var writer = MIMEWriter(
            try header(subject: subject, messageID, now: now), entropy: intake.cryptography.randomOctets(16))
        let attached = files + correspondence.files
        guard !attached.isEmpty else {
            writer.text(text)
            return writer.takeOutput()
        }
        writer.openMultipart(.mixed)
        writer.text(text)
        for file in attached {
            let type = file.part.mediaType
            writer.beginFile(named: file.name, MediaType(type: type.type, subtype: type.subtype))
            try writer.consume(try AskedCorrespondence.octets(of: file, transaction))
            writer.endFile()
        }
        writer.closeMultipart()
        return writer.takeOutput()
    }

    /// The reminder, with the text of the house.
    func reminder(
        _ template: TemplateDefinition?, _ facts: TemplateFacts, _ messageID: MessageID, now: Timestamp,
        _ transaction: any DeskTransaction
    ) throws -> [UInt8] {
        let language = roster.definition.language
        func filled(_ text: String) -> String? { try? TemplateText(text).filled(with: facts, in: language) }
        let title = template?.subject.flatMap(filled) ?? words.reminder(subject)
        let text = template.flatMap { filled($0.text) } ?? words.reminderText(question: consultation.question)
        var header = try header(subject: title, messageID, now: now)
        if let asked = try consultation.message.flatMap({ try transaction.messageID(of: $0) }) {
            header.messageIDs("In-Reply-To", [asked])
            header.messageIDs("References", [asked])
        }
        try header.structured("Auto-Submitted", "auto-generated")
        var writer = MIMEWriter(header, entropy: intake.cryptography.randomOctets(16))
        writer.text(text + "\n\n" + words.instruction(due: nil) + "\n")
        return writer.takeOutput()
    }

    private static func line(_ text: String) -> String {
        String(text.filter { $0 != "\r\n" && $0 != "\r" && $0 != "\n" && $0 != "\0" }.prefix(300))
    }
}
