import Desk
import MailFormat
import MailTypes

/// What a closing mail says. Nobody looks at it before it leaves, so a field without a value is left out; a template that
/// has no place for the links gets them at its end.
struct ClosingText {
    let language: Language
    /// With the stamp.
    let subject: String
    private let text: String
    private let facts: TemplateFacts

    init(
        _ template: TemplateDefinition, _ pool: PoolDefinition, _ ticket: Ticket, _ agent: Roster.Agent,
        to recipient: NamedAddress, _ letter: DeskLetter, _ work: CaseWork
    ) throws {
        let (roster, subject) = (work.roster, try letter.subject())
        guard let pattern = StampPattern(roster.definition.stamp) else {
            throw CaseRefusal(.impossible, "The desk's stamp cannot be written", "Nie można zapisać znaku sprawy")
        }
        language = pool.language ?? roster.definition.language
        facts = TemplateFacts(
            ticket: ticket, subject: subject, recipient: recipient, pool: pool,
            from: roster.address(of: ticket.pool, preferring: ticket.address),
            known: try ticket.customer.flatMap { try work.transaction.customer($0) }, agent: agent, stamp: pattern,
            clock: roster.clock, now: work.now)
        let hasPlace = TemplateText.occurrences(in: template.text).contains {
            $0.content == .field(.ratingLinks) || $0.content == .field(.ratingLink)
        }
        let question = RatingWords(language).question
        text = hasPlace ? template.text : "\(template.text)\n\n\(question)\n${rating.links}\n"
        let title = template.subject.map { [facts, language] in
            TemplateText($0).filledLeniently(with: facts, in: language)
        }
        let stamp = letter.stamp(of: ticket.number)
        let line = (title ?? subject).filter { !$0.isNewline && $0 != "\0" }
        self.subject = line.contains(stamp) ? line : "\(stamp) \(line)"
    }

    /// The text with links in their places.
    func filled(_ link: (Rating) -> String, page: () -> String) -> String {
        var facts = facts
        facts.rating = .init(links: RatingWords(language).links(link), link: page())
        return TemplateText(text).filledLeniently(with: facts, in: language)
    }
}
