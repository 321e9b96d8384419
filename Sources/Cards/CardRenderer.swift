package import Desk
package import MailTypes
import Mustache

/// Writes ticket cards from templates, in any language of the desk.
package struct CardRenderer: CardRendering {
    private let templates = CardTemplates.shared

    package init() {}

    package func render(
        _ content: CardContent, in language: Language, domain: DomainName, clock: any DeskClock, now: Timestamp
    ) -> RenderedCard {
        let view = CardView(content, words: CardWords(language: language), domain: domain, clock: clock, now: now)
        let fields = view.fields
        return RenderedCard(
            sender: view.sender, subject: view.title, text: templates.text.render(fields),
            html: templates.html.render(fields))
    }

    package func sentence(_ event: CardEvent, in language: Language) -> String {
        CardWords(language: language).event(event)
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
