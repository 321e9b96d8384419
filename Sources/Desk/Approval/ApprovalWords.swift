package import MailTypes

/// What Stempel says about mail that waits for approval, in the language of whom it says it to.
package struct ApprovalWords: Sendable {
    private let language: Language
    private let clock: any DeskClock

    package init(_ language: Language, clock: any DeskClock) { (self.language, self.clock) = (language, clock) }

    private var isPolish: Bool { language == .polish }

    /// Subject and text of the one notice that lists what waits; `mails` are its lines.
    package func waiting(_ mails: [WaitingApproval], more: Int) -> (subject: String, text: String) {
        let place = MailboxWord.approval.name(in: language)
        let count = mails.count + more
        let lines = mails.map { mail in
            "- \(mail.author): \(mail.subject) (\(time(mail.askedAt)))"
        } + (more > 0 ? [isPolish ? "- i jeszcze \(more)" : "- and \(more) more"] : [])
        let moves = isPolish
            ? "Przenieś do „\(MailboxWord.toSend.name(in: language))”, aby zaakceptować, do „\(MailboxWord.team.name(in: language))/…”, aby odesłać, do INBOX, aby przejąć; odpowiedź na wiadomość odsyła ją ze słowami."
            : "Move a mail to \"\(MailboxWord.toSend.name(in: language))\" to approve it, to \"\(MailboxWord.team.name(in: language))/…\" to send it back, to INBOX to take it over; an answer to it sends it back with your words."
        return (
            isPolish ? "Do akceptacji: \(count)" : "Waiting for your approval: \(count)",
            (isPolish ? "W folderze „\(place)” czeka:" : "In \"\(place)\" there waits:") + "\n\n"
                + lines.joined(separator: "\n") + "\n\n" + moves + "\n"
        )
    }

    /// What the author is told when it did not leave.
    package func ended(
        _ outcome: ApprovalOutcome, by name: String, subject: String, words: String
    ) -> (subject: String, text: String)? {
        let reason = words.isEmpty ? "" : "\n\(words)\n"
        let drafts = MailboxWord.drafts.name(in: language)
        switch outcome {
        case .sentBack:
            return isPolish
                ? ("Odesłano: \(subject)", "\(name) – wiadomość odesłana do poprawy; jest w folderze „\(drafts)”.\n\(reason)")
                : ("Sent back: \(subject)", "\(name) sent your mail back; it is among your \(drafts).\n\(reason)")
        case .takenOver:
            return isPolish
                ? ("Przejęto: \(subject)", "\(name) – ta osoba przejęła Twoją wiadomość i napisze sama.\n")
                : ("Taken over: \(subject)", "\(name) took your mail over, and will write.\n")
        case .replaced:
            return isPolish
                ? ("Zastąpiono: \(subject)", "\(name) – wysłano inną wiadomość zamiast Twojej; Twoja jest w folderze „\(drafts)”.\n")
                : ("Replaced: \(subject)", "\(name) sent another mail instead of yours, which is among your \(drafts).\n")
        case .waiting, .approved, .recalled: return nil
        }
    }

    /// What the trainee is told who closed a case when its closing mail did not leave.
    package func closingEnded(
        _ outcome: ApprovalOutcome, by name: String, about: String, words: String
    ) -> (subject: String, text: String)? {
        let reason = words.isEmpty ? "" : "\n\(words)\n"
        switch outcome {
        case .sentBack, .takenOver, .replaced:
            return isPolish
                ? ("Bez wiadomości o zakończeniu: \(about)", "\(name) – klient nie dostanie wiadomości o zakończeniu sprawy; sama sprawa zostaje, jaka była.\n\(reason)")
                : ("Not told that the case is over: \(about)", "\(name) does not let the customer be told that the case is over; the case itself stays as it was.\n\(reason)")
        case .waiting, .approved, .recalled: return nil
        }
    }

    /// Why somebody who comes second finds nothing to judge. IMAP's texts are ASCII (RFC 9051 §9 resp-text).
    package func judged(_ outcome: ApprovalOutcome, by name: String, at moment: Timestamp?) -> String {
        let when = moment.map { isPolish ? " o \(time($0))" : " at \(time($0))" } ?? ""
        let what =
            switch outcome {
            case .approved: isPolish ? "zaakceptowano" : "approved"
            case .sentBack: isPolish ? "odeslano" : "sent back"
            case .takenOver: isPolish ? "przejeto" : "taken over"
            case .replaced: isPolish ? "zastapiono" : "replaced"
            case .recalled: isPolish ? "wycofano" : "recalled"
            case .waiting: isPolish ? "pokazano na nowo" : "shown anew"
            }
        return isPolish ? "\(name): \(what)\(when)" : "That mail was \(what) by \(name)\(when)"
    }

    /// What a judge hears where the case changed since the mail was shown.
    package var changed: String {
        isPolish
            ? "Sprawa zmienila sie od tego czasu; powod jest na gorze wiadomosci, ktora czeka na nowo"
            : "The case changed since; the reason stands on top of the mail, which waits anew"
    }

    private func time(_ moment: Timestamp) -> String { SendingWords(language, clock: clock).time(moment) }
}

/// One line of the list of what waits for approval.
package struct WaitingApproval: Sendable, Equatable {
    /// The author's name.
    package var author: String
    package var subject: String
    package var askedAt: Timestamp

    package init(author: String, subject: String, askedAt: Timestamp) {
        (self.author, self.subject, self.askedAt) = (author, subject, askedAt)
    }
}
