import Desk
import MailFormat
import MailTypes

/// What an agent wrote on top of a sent mail: the commands, and the text that they are cut out of before it leaves.
struct SentText {
    /// `nil`: the mail has no text that can be read, and so no commands.
    let text: SubmittedText?
    let commands: [TypedCommand]

    /// Reads the commands, or throws a `SendingExplanation`: then nothing is carried out and nothing leaves.
    init(
        _ content: HeldMail.Content, _ header: HeaderSection, roster: Roster, agent: Roster.Agent, now: Timestamp,
        _ transaction: any DeskTransaction
    ) throws {
        let body = StoredBody(
            content: content.id, bodyOffset: content.bodyOffset, size: content.size, structure: content.structure)
        guard let text = try Self.read(body, header, transaction) else {
            (text, commands) = (nil, [])
            return
        }
        self.text = text
        let reader = CommandReader(now: roster.clock(of: agent.id).localTime(of: now))
        var problems: [CommandProblem] = []
        if let line = text.disagreement { problems.append(CommandProblem(line: line, fault: .differs)) }
        for line in text.commands where line.followsQuotation && !line.isSetApart {
            problems.append(CommandProblem(line: line.text, fault: .touchesQuotation))
        }
        for line in text.strayMarks where reader.isCommand(line) {
            problems.append(CommandProblem(line: line, fault: .notOnTop))
        }
        switch reader.read(text.commands.map(\.text)) {
        case .problems(let found):
            commands = []
            problems += found
        case .commands(let found): commands = found
        }
        guard problems.isEmpty else { throw SendingExplanation(problems, language: agent.language) }
        guard commands.isEmpty || !text.isSealed && !text.hasOtherText else {
            throw SendingExplanation([SendingExplanation.sealed(agent.language)], language: agent.language)
        }
    }

    /// The text of a stored mail; `nil`: it cannot be read.
    static func read(
        _ body: StoredBody, _ header: HeaderSection, _ transaction: any DeskTransaction
    ) throws -> SubmittedText? {
        guard let structure = MIMEStructure(encoded: body.structure),
            let ranges = try? SubmittedText.sections(of: structure)
        else { return nil }
        let sections = try ranges.map { range in
            try transaction.octets(
                body.bodyOffset + range.lowerBound..<body.bodyOffset + range.upperBound, of: body.content)
        }
        return try? SubmittedText(header, structure, sections: sections)
    }
}

/// Why a mail of an agent was not sent and no command of it carried out; thrown within the transaction. It is told in a
/// notice in the agent's INBOX, and the mail is a draft again (DESIGN §4).
struct SendingExplanation: Error {
    let sentences: [String]

    init(_ sentences: [String], language: Language) {
        self.sentences = sentences + [CommandProblem.literalHint(in: language)]
    }

    init(_ problems: [CommandProblem], language: Language) {
        self.init(problems.map { $0.sentence(in: language) }, language: language)
    }

    /// Fields that nothing stands for.
    init(fields: [TemplateText.Fault], language: Language) {
        switch language {
        case .english: sentences = fields.map { $0.sentence(in: language) } + ["Nothing was sent."]
        case .polish: sentences = fields.map { $0.sentence(in: language) } + ["Nic nie zostało wysłane."]
        }
    }

    static func sealed(_ language: Language) -> String {
        switch language {
        case .english: "A signed or encrypted mail cannot hold commands: they cannot be cut out of it."
        case .polish: "Podpisana lub zaszyfrowana wiadomość nie może zawierać poleceń: nie da się ich z niej usunąć."
        }
    }

    /// The notice that tells it.
    func notice(_ header: HeaderSection, to agent: Roster.Agent) -> AgentNotice {
        let subject = header.text("Subject").map { String($0.prefix(200)) } ?? ""
        let title =
            switch agent.language {
            case .english: "Not sent: \(subject)"
            case .polish: "Nie wysłano: \(subject)"
            }
        return AgentNotice(
            subject: title, text: sentences.joined(separator: "\n\n") + "\n", about: header.messageID)
    }
}
