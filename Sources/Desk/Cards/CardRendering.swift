package import MailTypes

/// A card in one language, ready to be put into a message.
package struct RenderedCard: Equatable, Sendable {
    /// What the sender's name says of the case: status and assignee.
    package var sender: String
    /// For the Subject, without the stamp; one line.
    package var subject: String
    /// Lines end with LF; none begins with what a customer wrote, so that none reads as a quotation (RFC 3676 §4.5).
    package var text: String
    package var html: String

    package init(sender: String, subject: String, text: String, html: String) {
        (self.sender, self.subject, self.text, self.html) = (sender, subject, text, html)
    }
}

/// Puts the contents of cards into words. Desk knows no templates; the appliance brings somebody who does.
package protocol CardRendering: Sendable {
    /// `domain`: of the desk, where buttons send their mails; `now`: when the card is made.
    func render(
        _ content: CardContent, in language: Language, domain: DomainName, clock: any DeskClock, now: Timestamp
    ) -> RenderedCard
    /// One line about what a person did to a case, for an event's mail.
    func sentence(_ event: CardEvent, in language: Language) -> String
}

/// A change of a case as an event's mail tells it, with names instead of numbers.
package enum CardEvent: Hashable, Sendable {
    case took
    case assigned(String)
    case gaveBack
    case group(String)
    case status(TicketStatus)
    case pool(String)
    case filed(String)
    case priority(Priority)
    case category(String)
    case tagged(String)
    case untagged(String)
    case overdue
}
