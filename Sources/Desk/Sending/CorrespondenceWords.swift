package import MailTypes

/// What Stempel says around the correspondence of a case that goes to somebody outside, in the desk's language.
package struct CorrespondenceWords: Sendable {
    private let language: Language
    private let clock: any DeskClock

    package init(_ language: Language, clock: any DeskClock) { (self.language, self.clock) = (language, clock) }

    private var isPolish: Bool { language == .polish }

    /// What stands on top of a forwarded case (FEATURES S47): who passes it on, its number, status and subject, and
    /// where an answer goes.
    package func opening(
        by name: String, pool: String, stamp: String, status: TicketStatus, subject: String, answerReturns: Bool
    ) -> String {
        var lines = [
            isPolish ? "\(name) (\(pool)) przekazuje sprawę \(stamp)." : "\(name) (\(pool)) forwards case \(stamp).",
            "\(isPolish ? "Status" : "Status"): \(status.words(in: language))",
            "\(isPolish ? "Temat" : "Subject"): \(subject)",
        ]
        switch (answerReturns, isPolish) {
        case (true, false): lines.append("An answer to this mail goes into the case.")
        case (true, true): lines.append("Odpowiedź na tę wiadomość trafi do sprawy.")
        case (false, false): lines.append("An answer to this mail does not go into the case.")
        case (false, true): lines.append("Odpowiedź na tę wiadomość nie trafi do sprawy.")
        }
        return lines.joined(separator: "\n")
    }

    /// The line above the mails.
    package var heading: String { isPolish ? "Korespondencja:" : "The correspondence:" }

    /// How many mails before the first one shown are left out.
    package func omitted(_ count: Int) -> String {
        isPolish ? "(pominięto starszych wiadomości: \(count))" : "(\(count) older mails are left out)"
    }

    /// What stands above one mail. `files`: those that it holds, each with what became of it.
    package func title(author: String, at moment: Timestamp, subject: String, kind: MessageKind, files: [String]) -> String {
        let local = clock.localTime(of: moment)
        var lines = [
            "\(isPolish ? "Od" : "From"): \(author)\(mark(kind))",
            "\(isPolish ? "Data" : "Date"): "
                + CalendarWords.text(LocalMoment(date: local.date, minute: local.minute), in: language),
        ]
        if !subject.isEmpty { lines.append("\(isPolish ? "Temat" : "Subject"): \(subject)") }
        if !files.isEmpty {
            lines.append("\(isPolish ? "Załączniki" : "Files"): \(files.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n")
    }

    private func mark(_ kind: MessageKind) -> String {
        switch kind {
        case .note: isPolish ? " (notatka wewnętrzna)" : " (internal note)"
        case .unconfirmed: isPolish ? " (nadawca niepotwierdzony)" : " (sender not confirmed)"
        default: ""
        }
    }

    /// A file that does not go along.
    package func leftOut(_ name: String) -> String { isPolish ? "\(name) (nie dołączono)" : "\(name) (not attached)" }

    /// A file without a name.
    package var unnamed: String { isPolish ? "plik bez nazwy" : "a file without a name" }

    /// Where a text was cut.
    package var cut: String { isPolish ? "[…] (skrócono)" : "[…] (cut)" }

    /// What a customer is told whose cases were joined: subject and text.
    package func merged(_ stamps: [String], into stamp: String, from sender: String) -> String {
        let others = stamps.joined(separator: ", ")
        return isPolish
            ? "Zgłoszenia \(others) i \(stamp) dotyczą tej samej sprawy. Od teraz prowadzimy je razem pod numerem "
                + "\(stamp); prosimy pozostawić ten numer w temacie.\n\n\(sender)\n"
            : "\(others) and \(stamp) are about the same matter. From now on we handle them together as \(stamp); "
                + "please keep that number in the subject.\n\n\(sender)\n"
    }
}
