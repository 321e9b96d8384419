package import MailTypes

/// What Stempel writes to departments, in the house's language, and about them to agents.
package struct ConsultationWords: Sendable {
    private let language: Language
    private let clock: any DeskClock

    package init(_ language: Language, clock: any DeskClock) { (self.language, self.clock) = (language, clock) }

    private var isPolish: Bool { language == .polish }

    /// The question of a case that was only dropped on the department.
    package var defaultQuestion: String {
        isPolish
            ? "Prosimy o informację, co odpowiedzieć klientowi. Korespondencja jest poniżej."
            : "Please tell us what to answer the customer. The correspondence is below."
    }

    /// The line that says who asks.
    package func asks(_ name: String, pool: String) -> String {
        isPolish ? "\(name) (\(pool)) pyta:" : "\(name) (\(pool)) asks:"
    }

    /// What the clerk has to know.
    package func instruction(due: Timestamp?) -> String {
        let by = due.map { isPolish ? " do \(moment($0))" : " by \(moment($0))" } ?? ""
        return isPolish
            ? "Wystarczy odpowiedzieć na tę wiadomość\(by). Klient tego nie widzi."
            : "Just reply to this mail\(due == nil ? "" : "; answer\(by)"). The customer does not see this."
    }

    package var correspondence: String { isPolish ? "Korespondencja z klientem" : "Correspondence with the customer" }

    package func attachmentsLeftOut(_ names: [String]) -> String {
        (isPolish ? "Załączniki niedołączone ze względu na rozmiar: " : "Attachments left out for their size: ")
            + names.joined(separator: ", ")
    }

    package func heading(from: String, at moment: Timestamp, subject: String) -> String {
        isPolish
            ? "Od: \(from)\nData: \(self.moment(moment))\nTemat: \(subject)"
            : "From: \(from)\nDate: \(self.moment(moment))\nSubject: \(subject)"
    }

    /// The subject of a reminder without one of its own.
    package func reminder(_ subject: String) -> String {
        isPolish ? "Przypomnienie: \(subject)" : "Reminder: \(subject)"
    }

    /// The reminder where the template of the house has a field that nothing stands for.
    package func reminderText(question: String) -> String {
        (isPolish ? "Czekamy na odpowiedź na pytanie:" : "We are waiting for an answer to:") + "\n\n\(question)\n"
    }

    /// What a supervisor hears of a department that does not answer.
    package func overdue(
        _ department: String, about: String, asked: Timestamp, due: Timestamp?
    ) -> (subject: String, text: String) {
        let times = due.map { isPolish ? ", termin \(moment($0))" : ", due \(moment($0))" } ?? ""
        return isPolish
            ? ("\(department) nie odpowiada: \(about)", "\(department) – brak odpowiedzi w sprawie \(about); pytanie z \(moment(asked))\(times).\n")
            : ("\(department) does not answer: \(about)", "\(department) has not answered about \(about), asked \(moment(asked))\(times).\n")
    }

    private func moment(_ moment: Timestamp) -> String {
        let local = clock.localTime(of: moment)
        return CalendarWords.text(LocalMoment(date: local.date, minute: local.minute), in: language)
    }
}
