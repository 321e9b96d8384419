import Desk
import MailFormat
import MailTypes

/// Letters that are not an agent's own mail to a customer: the correspondence passed on, and what a customer said.
extension SentLetter {
    /// The case's correspondence goes on, beside whatever else becomes of the mail.
    func pass(
        on wanted: (forward: DeskCommand.Forward, line: String), words: String, original: HeldMail.Content?,
        _ work: CaseWork
    ) throws -> [SendingDoubt] {
        let language = sending.agent.language
        guard let number = thread.ticket?.number, let ticket = try work.transaction.survivor(number) else {
            throw SendingExplanation([Self.needsCase(wanted.line, language)], language: language)
        }
        do {
            return try CaseForward(sending: sending, ticket: ticket, work: work).hold(
                wanted.forward, line: wanted.line, words: words, original: original, thread: thread)
        } catch let refusal as CaseRefusal {
            throw SendingExplanation(["\(wanted.line): \(refusal.sentence.text(in: language))."], language: language)
        }
    }

    /// A mail that is there to pass the correspondence on: the agent's own words go with it.
    func passOn(
        _ wanted: (forward: DeskCommand.Forward, line: String), isNote: Bool, _ number: TicketNumber, _ work: CaseWork
    ) throws -> Sending.Outcome {
        let language = sending.agent.language
        guard sending.content.structure.root.isTextOnly else {
            throw SendingExplanation([Self.takesNoFiles(wanted.line, language)], language: language)
        }
        var words = ""
        if !isNote {
            let leaving = LeavingText(sending: sending, text: text, facts: try facts(recipients, work.transaction))
            words = try leaving.filled(text.text?.ownText ?? "")
        }
        let doubts = try pass(on: wanted, words: words, original: original, work)
        try sending.remember(number, nil, work.transaction)
        return .held(number, doubts: doubts)
    }

    /// The mail opens a case in the name of a customer, and its commands are about that case.
    func fileOnBehalf(
        of author: (named: NamedAddress, line: String), _ instructions: SentInstructions, _ work: CaseWork
    ) throws -> Sending.Outcome {
        guard thread.ticket == nil, !recipients.contains(where: \.isOutside), instructions.forward == nil,
            !instructions.isNote
        else {
            let sentence = SentInstructions.needsDesk(author.line, sending.agent.language)
            throw SendingExplanation([sentence], language: sending.agent.language)
        }
        let number = try CaseOnBehalf(sending: sending, text: text, original: original, recipients: recipients).file(
            from: author.named, line: author.line, work)
        try obey(instructions.atOnce, on: number, work)
        return .opened(number)
    }

    private static func needsCase(_ line: String, _ language: Language) -> String {
        switch language {
        case .english: "“\(line)” needs a case: answer a mail of it, or put its number into the subject."
        case .polish: "„\(line)” wymaga sprawy: odpowiedz na wiadomość z niej albo wpisz jej numer w temacie."
        }
    }

    private static func takesNoFiles(_ line: String, _ language: Language) -> String {
        switch language {
        case .english: "“\(line)” takes your words along, but no files. To send files, forward the mail in your mail program."
        case .polish:
            "„\(line)” przekazuje Twoje słowa, ale nie załączniki. Aby wysłać pliki, przekaż wiadomość w programie pocztowym."
        }
    }
}

extension BodyPart {
    /// Plain text, HTML, or both as alternatives.
    var isTextOnly: Bool {
        children.isEmpty
            ? mediaType.is("text", "plain") || mediaType.is("text", "html")
            : mediaType.is("multipart", "alternative") && children.allSatisfy(\.isTextOnly)
    }
}
