package import Desk
import MailTypes

/// What questions about cases need of the database.
package protocol QuestionTransaction {
    /// What was answered in a case, by the ids of questions.
    func answers(of ticket: TicketNumber) throws -> [String: String]
    /// Keeps an answer, or takes it back with `nil`.
    func setAnswer(_ value: String?, to question: String, of ticket: TicketNumber) throws
}

/// Questions that the agent answers about a case (FEATURES S23, S24).
extension CaseWork {
    /// The questions about a case, in the order of the desk.
    package func questions(of ticket: Ticket) -> [QuestionDefinition] {
        roster.questions(of: ticket)
    }

    /// Answers a question about a case. Throws a `CaseRefusal` that says what is asked for, or a `NoSuchQuestion`.
    package func answer(_ name: String, with typed: String, in number: TicketNumber, by agent: AgentID) throws {
        let person = try person(agent)
        guard let ticket = try transaction.ticket(number), person.readablePools.contains(ticket.pool) else {
            throw CaseRefusal(
                .noPermission, "You are not a member of this case's pool",
                "Nie należysz do puli tej sprawy")
        }
        try isByItself(ticket)
        let questions = questions(of: ticket)
        guard let question = QuestionDefinition.named(name, in: questions) else {
            throw NoSuchQuestion(name: name, known: questions.map(\.name))
        }
        let choices = roster.definition.choices(of: question)
        switch QuestionAnswer(typed, to: question, choices: choices, today: roster.clock.localTime(of: now)) {
        case .fault(let fault):
            throw CaseRefusal(.impossible, Sentence(worded: fault.sentence(question, choices: choices, person.language)))
        case .value(let value):
            let known = try transaction.answers(of: number)[question.id]
            guard value != known else { return }
            try keep(value, to: question, in: number, by: agent)
        }
    }

    /// Events stay when a customer is erased, so that they hold no free text.
    private func keep(
        _ value: String?, to question: QuestionDefinition, in number: TicketNumber, by agent: AgentID
    ) throws {
        try transaction.setAnswer(value, to: question.id, of: number)
        let shown = question.kind == .text ? value.map { _ in "…" } : value
        try transaction.record(
            TicketEvent(
                ticket: number, at: now, kind: .questionAnswered, agent: agent, from: question.id, to: shown))
    }

    /// Answers go along where a case becomes part of another or is parted: what was answered there already stays.
    func carryAnswers(from old: TicketNumber, to new: TicketNumber, by agent: AgentID) throws {
        let (known, brought) = (try transaction.answers(of: new), try transaction.answers(of: old))
        guard !brought.isEmpty, let ticket = try transaction.ticket(old) else { return }
        for question in questions(of: ticket) where known[question.id] == nil {
            if let value = brought[question.id] { try keep(value, to: question, in: new, by: agent) }
        }
    }

    /// A person cannot call a case done while a required question about it is open. Throws a `CaseRefusal` that names it.
    func checkQuestions(before changed: Ticket, of old: Ticket) throws {
        guard changed.isOver, !old.isOver else { return }
        let required = questions(of: old).filter(\.isRequired)
        guard !required.isEmpty else { return }
        let answers = try transaction.answers(of: old.number)
        guard let open = required.first(where: { answers[$0.id] == nil }) else { return }
        throw CaseRefusal(
            .impossible, "#\(old.number) has an open question: \(open.name) (\(open.text)). Send #answer \(open.name)=…",
            "Sprawa #\(old.number) ma pytanie bez odpowiedzi: \(open.name) (\(open.text)). Wyślij #odpowiedz \(open.name)=…")
    }
}

/// A name that no question about the case has.
package struct NoSuchQuestion: Error {
    package var name: String
    package var known: [String]
}

extension Roster {
    /// The questions about a case, in the order of the desk.
    package func questions(of ticket: Ticket) -> [QuestionDefinition] {
        guard let pool = pools[ticket.pool]?.definition else { return [] }
        return definition.questions(pool: pool, address: ticket.address?.identity)
    }
}

extension Ticket {
    /// Nothing is left to do about it.
    var isOver: Bool { status == .done || status == .closed }
}
