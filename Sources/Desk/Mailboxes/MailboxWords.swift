import MailTypes

/// The names of the system mailboxes in both languages (DESIGN §3).
package enum MailboxWord: CaseIterable, Hashable, Sendable {
    case inbox, next, new, waiting, done, closed, spam, drafts, sent, templates, trash
    case personal, team, groups, pools, departments
    case toSend, confirmed, approval, consultation, overdue, followed, folders, archives, shared

    package func name(in language: Language) -> String {
        switch language {
        case .english: english
        case .polish: polish
        }
    }

    /// The mailbox meant by a name in either language, in any case.
    package init?(_ name: some StringProtocol) {
        guard let word = Self.byFoldedName[foldedName(name)] else { return nil }
        self = word
    }

    private var english: String {
        switch self {
        case .inbox: "INBOX"
        case .next: "Next"
        case .new: "New"
        case .waiting: "Waiting"
        case .done: "Done"
        case .closed: "Closed"
        case .spam: "Spam"
        case .drafts: "Drafts"
        case .sent: "Sent"
        case .templates: "Templates"
        case .trash: "Trash"
        case .personal: "Private"
        case .team: "Team"
        case .groups: "Groups"
        case .pools: "Pools"
        case .toSend: "To send"
        case .confirmed: "Confirmed"
        case .approval: "Approval"
        case .consultation: "Consultation"
        case .departments: "Departments"
        case .overdue: "Overdue"
        case .followed: "Followed"
        case .folders: "Folders"
        case .archives: "Archives"
        case .shared: "Shared"
        }
    }

    private var polish: String {
        switch self {
        case .inbox: "INBOX"
        case .next: "Następne"
        case .new: "Nowe"
        case .waiting: "Oczekuje na informacje"
        case .done: "Wykonane"
        case .closed: "Zamknięte"
        case .spam: "Spam"
        case .drafts: "Szkice"
        case .sent: "Wysłane"
        case .templates: "Szablony"
        case .trash: "Kosz"
        case .personal: "Prywatne"
        case .team: "Zespół"
        case .groups: "Grupy"
        case .pools: "Pule"
        case .toSend: "Do wysłania"
        case .confirmed: "Potwierdzone"
        case .approval: "Do akceptacji"
        case .consultation: "Konsultacje"
        case .departments: "Działy"
        case .overdue: "Po terminie"
        case .followed: "Obserwowane"
        case .folders: "Foldery"
        case .archives: "Archiwum"
        case .shared: "Wspólne"
        }
    }

    private static let byFoldedName = Dictionary(
        allCases.flatMap { word in Language.allCases.map { (foldedName(word.name(in: $0)), word) } },
        uniquingKeysWith: { first, _ in first })
}
