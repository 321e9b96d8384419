package import Desk
package import MailTypes
import Mustache

/// A card in one language, ready to be put into a message.
package struct RenderedCard: Equatable, Sendable {
    /// For the Subject, without the stamp; one line.
    package var subject: String
    /// Lines end with LF; none begins with what a customer wrote, so that none reads as a quotation (RFC 3676 §4.5).
    package var text: String
    package var html: String
}

/// Writes ticket cards from templates, in any language of the desk.
package struct CardRenderer: Sendable {
    /// Where the buttons' mails go: `desk@` and `note@` of this domain.
    private let domain: DomainName
    private let clock: any DeskClock
    private let templates = CardTemplates.shared

    package init(domain: DomainName, clock: any DeskClock) { (self.domain, self.clock) = (domain, clock) }

    /// `now`: when the working time that is left was counted.
    package func render(_ content: CardContent, in language: Language, now: Timestamp) -> RenderedCard {
        let view = CardView(content, words: CardWords(language: language), domain: domain, clock: clock, now: now)
        return RenderedCard(
            subject: view.title, text: templates.text.render(view.fields), html: templates.html.render(view.fields))
    }
}

/// The templates, compiled once.
private struct CardTemplates: Sendable {
    static let shared = CardTemplates()

    let text: MustacheTemplate
    let html: MustacheTemplate

    private init() {
        MustacheContentTypes.register(ScalarEscaping(), named: ScalarEscaping.name)
        text = Self.compiled(CardTemplate.text)
        html = Self.compiled(CardTemplate.html)
    }

    private static func compiled(_ template: String) -> MustacheTemplate {
        do {
            return try MustacheTemplate(string: template)
        } catch {
            preconditionFailure("a template of ours is wrong: \(error)")
        }
    }
}
