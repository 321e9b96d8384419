import MailTypes

extension TicketStatus {
    /// What people read, in their language (DESIGN §2).
    package func name(in language: Language) -> String {
        switch (self, language) {
        case (.new, .english): "New"
        case (.new, .polish): "Nowe"
        case (.assigned, .english): "Assigned"
        case (.assigned, .polish): "Przypisane"
        case (.inProgress, .english): "In progress"
        case (.inProgress, .polish): "W realizacji"
        case (.consultation, .english): "Consultation"
        case (.consultation, .polish): "Konsultacje"
        case (.approval, .english): "Approval"
        case (.approval, .polish): "Do akceptacji"
        case (.waiting, .english): "Waiting"
        case (.waiting, .polish): "Oczekuje na informacje"
        case (.done, .english): "Done"
        case (.done, .polish): "Wykonane"
        case (.closed, .english): "Closed"
        case (.closed, .polish): "Zamknięte"
        case (.spam, _): "Spam"
        }
    }
}
