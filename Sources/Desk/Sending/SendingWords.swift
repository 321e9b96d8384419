package import MailTypes

/// What Stempel says to an agent about a mail of theirs, in the agent's language and the desk's time.
package struct SendingWords: Sendable {
    private let language: Language
    private let clock: any DeskClock

    package init(_ language: Language, clock: any DeskClock) { (self.language, self.clock) = (language, clock) }

    private var isPolish: Bool { language == .polish }

    /// One line for one doubt.
    package func sentence(_ doubt: SendingDoubt) -> String {
        switch doubt {
        case .caseChanged(let changes):
            (isPolish ? "w międzyczasie: " : "since the mail that you answer: ") + list(changes)
        case .customerWroteFirst(let change):
            (isPolish ? "klient odezwał się przed wysłaniem: " : "the customer wrote before it left: ") + text(change)
        case .mixedRecipients(let addresses):
            (isPolish
                ? "adresaci zewnętrzni i wewnętrzni razem: " : "recipients outside and inside the house together: ")
                + list(addresses)
        case .quotesInternal:
            isPolish
                ? "w treści jest tekst wiadomości wewnętrznej" : "it holds text of an internal message"
        case .strangers(let addresses):
            (isPolish ? "adresat nie uczestniczy w sprawie: " : "no participant of the case: ") + list(addresses)
        case .otherCustomers(let addresses):
            (isPolish ? "adresat jest innym klientem: " : "another customer: ") + list(addresses)
        case .impossible(let sentence): sentence
        }
    }

    /// The line on top of a held mail.
    package func line(_ doubts: [SendingDoubt]) -> String {
        let reasons = doubts.map(sentence).joined(separator: "; ")
        let drafts = MailboxWord.drafts.name(in: language)
        let confirmed = "\(MailboxWord.toSend.name(in: language))/\(MailboxWord.confirmed.name(in: language))"
        return isPolish
            ? "[Stempel] Nie wysłano: \(reasons). Przenieś do „\(confirmed)”, aby wysłać mimo to, "
                + "albo do „\(drafts)”, aby poprawić."
            : "[Stempel] Not sent: \(reasons). Move it to \"\(confirmed)\" to send it all the same, "
                + "or to \"\(drafts)\" to mend it."
    }

    /// Why a mail is not recalled. IMAP's texts are ASCII (RFC 9051 §9 resp-text).
    package func alreadySent(at moment: Timestamp) -> String {
        isPolish ? "Juz wyslano o \(time(moment))" : "Already sent at \(time(moment))"
    }

    /// `14:05`, or with the day where that is another one than `now`'s.
    package func time(_ moment: Timestamp, now: Timestamp? = nil) -> String {
        let local = clock.localTime(of: moment)
        let text = "\(padded(local.minute / 60)):\(padded(local.minute % 60))"
        guard let now, clock.localTime(of: now).date != local.date else { return text }
        return "\(local.date.year)-\(padded(local.date.month))-\(padded(local.date.day)) \(text)"
    }

    private func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private func list(_ addresses: [EmailAddress]) -> String {
        addresses.prefix(5).map(\.description).joined(separator: ", ") + more(addresses.count - 5)
    }

    private func list(_ changes: [CaseChange]) -> String {
        changes.prefix(5).map(text).joined(separator: ", ") + more(changes.count - 5)
    }

    private func more(_ count: Int) -> String {
        count <= 0 ? "" : isPolish ? " i jeszcze \(count)" : " and \(count) more"
    }

    private func text(_ change: CaseChange) -> String {
        let name = change.name ?? (isPolish ? "ktoś" : "somebody")
        let time = time(change.at)
        switch change.kind {
        case .customerWrote: return isPolish ? "\(name) – wiadomość o \(time)" : "\(name) wrote at \(time)"
        case .answered: return isPolish ? "\(name) – odpowiedź o \(time)" : "\(name) answered at \(time)"
        case .noted: return isPolish ? "\(name) – notatka o \(time)" : "\(name) made a note at \(time)"
        case .consultationAnswered:
            return isPolish
                ? "\(name) – odpowiedź na konsultację o \(time)" : "\(name) answered the consultation at \(time)"
        case .decided(let status):
            let place = MailboxWord(status).name(in: language)
            return isPolish
                ? "\(name) – przeniesienie do „\(place)” o \(time)" : "\(name) moved the case to \(place) at \(time)"
        case .poolChanged: return isPolish ? "\(name) – zmiana tematu o \(time)" : "\(name) changed the pool at \(time)"
        }
    }
}

extension MailboxWord {
    /// The mailbox of a status.
    fileprivate init(_ status: TicketStatus) {
        switch status {
        case .new: self = .new
        case .assigned, .inProgress, .consultation, .approval: self = .inbox
        case .waiting: self = .waiting
        case .done: self = .done
        case .closed: self = .closed
        case .spam: self = .spam
        }
    }
}
