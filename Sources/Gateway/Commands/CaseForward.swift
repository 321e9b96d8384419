import Desk
import MailFormat
import MailTypes

/// Passes the correspondence of a case on (FEATURES S47): on top who does so and of which case, then the agent's own
/// words, then every mail; the mails that hold files stand behind it whole. Nothing in it names an agent's address.
struct CaseForward {
    let sending: Sending
    let ticket: Ticket
    let work: CaseWork

    private var roster: Roster { sending.roster }

    /// `words`: the agent's own. `original`: the agent's mail, where there is none but for this.
    func hold(
        _ forward: DeskCommand.Forward, line: String, words: String, original: HeldMail.Content?, thread: SentThread
    ) throws -> [SendingDoubt] {
        let recipients = try sending.roles(of: forward.recipients, thread, work.transaction)
        if let inside = recipients.first(where: { !$0.isOutside }) {
            throw SendingExplanation(
                [Self.isInside(line, inside.address, sending.agent.language)], language: sending.agent.language)
        }
        let letter = DeskLetter(held: sending.held, work: work, agent: sending.agent, ticket: ticket)
        let correspondence = try Correspondence(
            of: ticket, withNotes: forward.withNotes, roster: roster, work.transaction)
        let stamp = letter.stamp(of: ticket.number)
        let subject = try letter.subject()
        let (fields, messageID, address) = try letter.fields(
            to: forward.recipients.map { NamedAddress(address: $0) },
            subject: "Fwd: \(forward.answerReturns && !subject.contains(stamp) ? "\(stamp) " : "")\(subject)",
            answerReturns: forward.answerReturns)
        let phrases = CorrespondenceWords(roster.definition.language, clock: roster.clock)
        let opening = phrases.opening(
            by: sending.agent.definition.name, pool: letter.senderName, stamp: stamp, status: ticket.status,
            subject: subject, answerReturns: forward.answerReturns)
        let passages = [opening, words, phrases.heading, correspondence.text].filter { !$0.isEmpty }
        let (content, header) = try write(
            fields, passages.joined(separator: "\n\n") + "\n", correspondence.attached,
            named: "#\(ticket.number) \(forward.recipients) \(subject)")
        return try letter.hold(
            content, header, as: .passOn, to: forward.recipients, from: address, messageID: header.messageID ?? messageID,
            original: try original ?? command(line), clientMessageID: original == nil ? nil : sending.content.header.messageID,
            answered: thread.answered
        ) { mail in
            SendingFacts(
                meaning: .passOn, recipients: recipients,
                quotesInternal: try !forward.withNotes && sending.quotesSecrets(mail, work.transaction)
            ).doubts
        }
    }

    private func write(
        _ fields: HeaderWriter, _ text: String, _ attached: [MessageKey], named subject: String
    ) throws -> (content: HeldMail.Content, header: HeaderSection) {
        let entropy = sending.intake.cryptography.randomOctets(16)
        var writer = MIMEWriter(fields, entropy: entropy, allowsEightBit: true)
        var segments: [LargeCopies.Segment] = []
        var name = "\(subject)\n\(text)"
        writer.openMultipart(.mixed)
        writer.openMultipart(.alternative)
        writer.text(text)
        writer.html(HTMLAlternative.write(text))
        writer.closeMultipart()
        for key in attached {
            guard let mail = try work.transaction.filedMail(key) else { continue }
            let header = CleanedHeader(HeaderSection(mail.header), roster: roster, host: sending.host).octets
            let isEightBit =
                header.contains { $0 >= 0x80 } || MIMEStructure(encoded: mail.body.structure)?.root.isEightBit == true
            try writer.beginMessage(isEightBit: isEightBit)
            segments.append(.octets(writer.takeOutput() + header))
            // No mail can hold the boundary: nobody knew it when the mail was written.
            segments.append(.stored(mail.body.bodyOffset..<mail.body.size, of: mail.body.content))
            name += "\n\(key) \(mail.body.content) \(mail.body.size)"
            writer.endFile()
        }
        writer.closeMultipart()
        segments.append(.octets(writer.takeOutput()))
        if let copy = try sending.copies.content(name, of: segments, isCommitted: true) {
            return (try copy.leaving(digest: 0, in: work.transaction), copy.header)
        }
        var content = ContentWriter(work.transaction, now: work.now)
        for segment in segments { try content.append(segment) }
        return try content.finish(digest: 0)
    }

    /// What recalling makes a draft of, where the agent's mail was more than this: the command alone.
    private func command(_ line: String) throws -> HeldMail.Content {
        var fields = HeaderWriter()
        fields.date("Date", work.now)
        try fields.addresses("To", [NamedAddress(address: roster.commandAddress)])
        let letter = DeskLetter(held: sending.held, work: work, agent: sending.agent, ticket: ticket)
        try fields.text("Subject", letter.stamp(of: ticket.number))
        var content = ContentWriter(work.transaction, now: work.now)
        try content.append(MessageWriter.plainText(fields, line + "\n"))
        return try content.finish(digest: 0).content
    }

    private static func isInside(_ line: String, _ address: EmailAddress, _ language: Language) -> String {
        switch language {
        case .english: "“\(line)”: \(address) is an address of the desk; write a note, or let the colleague follow the case."
        case .polish: "„\(line)”: \(address) to adres zespołu; napisz notatkę albo daj współpracownikowi obserwować sprawę."
        }
    }
}

extension BodyPart {
    /// Some part of it says that it holds octets above ASCII.
    fileprivate var isEightBit: Bool {
        let encoding = String(decoding: transferEncoding ?? [], as: UTF8.self).lowercased()
        return encoding == "8bit" || encoding == "binary" || children.contains(where: \.isEightBit)
    }
}
