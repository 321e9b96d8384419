/// What agents hear of absences.
package struct AbsenceWords: Sendable {
    /// A case on which others worked.
    package struct Work: Sendable {
        package var about: String
        package var worker: String
        package var status: TicketStatus

        package init(about: String, worker: String, status: TicketStatus) {
            (self.about, self.worker, self.status) = (about, worker, status)
        }
    }

    private let language: Language

    package init(_ language: Language) { self.language = language }

    private var isPolish: Bool { language == .polish }

    /// The notice after `#away`.
    package func noted(
        first: CalendarDate, last: CalendarDate, substitute: String?
    ) -> (subject: String, text: String) {
        let days = first == last ? first.text : "\(first.text)–\(last.text)"
        let instead = substitute.map { isPolish ? "Zastępuje: \($0)." : "\($0) stands in." }
            ?? (isPolish
                ? "Nikt nie zastępuje: otwarte sprawy i nowe odpowiedzi klientów trafią do kolejki."
                : "Nobody stands in: open cases and what customers write go to the queue.")
        let end = isPolish
            ? "„#nieobecność koniec” kończy nieobecność wcześniej." : "\"#away off\" ends the absence early."
        return (isPolish ? "Nieobecność: \(days)" : "Away: \(days)", "\(instead)\n\(end)\n")
    }

    /// The notice after `#away off`.
    package var back: (subject: String, text: String) {
        isPolish
            ? ("Nieobecność zakończona", "Twoje sprawy i nowe wiadomości klientów wracają do Ciebie.\n")
            : ("Here again", "Your cases, and what customers write, come to you again.\n")
    }

    /// The notice to who was away and is here again: what was done meanwhile.
    package func done(_ work: [Work], more: Int) -> (subject: String, text: String) {
        let lines = work.map { "- \($0.about): \($0.status.name(in: language)) (\($0.worker))" }
            + (more > 0 ? [isPolish ? "- i jeszcze \(more)" : "- and \(more) more"] : [])
        let count = work.count + more
        return (
            isPolish ? "Podczas Twojej nieobecności: \(count)" : "While you were away: \(count)",
            (isPolish
                ? "Nad tymi Twoimi sprawami pracowano podczas Twojej nieobecności:"
                : "Others worked on these cases of yours while you were away:")
                + "\n\n" + lines.joined(separator: "\n") + "\n"
        )
    }

    /// A mail of who is away was held with a doubt: who stands in hears of it.
    package func doubt(_ owner: String, subject: String) -> (subject: String, text: String) {
        isPolish
            ? ("\(owner): wstrzymano \(subject)",
                "Wiadomość napisana przez: \(owner), nie wyszła, bo w sprawie coś się zmieniło. Autor jest nieobecny; odpowiedz po swojemu.\n")
            : ("Held for \(owner): \(subject)",
                "A mail by \(owner) did not leave, since the case has changed. Its author is away; please write what is needed.\n")
    }

    /// Why an absence is not noted.
    package func over(_ line: String) -> String {
        isPolish ? "„\(line)”: te dni już minęły." : "“\(line)”: those days are over."
    }

    /// Why an absence is not noted.
    package func oneself(_ line: String) -> String {
        isPolish ? "„\(line)”: nie można zastępować samego siebie." : "“\(line)”: nobody stands in for oneself."
    }
}
