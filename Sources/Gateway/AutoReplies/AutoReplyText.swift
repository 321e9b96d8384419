import Desk
import MailFormat
import MailTypes

/// Fills in the `${…}` fields of an automatic answer. Nobody looks at it before it leaves, so a field without a value is
/// left out.
struct AutoReplyText {
    /// The case's number as subjects show it.
    let stamp: String
    private let facts: TemplateFacts
    private let language: Language

    init(ticket: Ticket, pool: PoolDefinition, from: EmailAddress, filing: MailFiling) {
        let roster = filing.roster
        func local(_ moment: Timestamp) -> LocalMoment {
            let time = roster.clock.localTime(of: moment)
            return LocalMoment(date: time.date, minute: time.minute)
        }
        stamp = filing.stamp.text(.init(prefix: pool.prefix ?? "", number: ticket.number.rawValue))
        language = roster.definition.language
        var about = TemplateFacts.CaseFacts(
            number: ticket.number, stamp: stamp, subject: filing.facts.subject, status: ticket.status,
            opened: local(ticket.openedAt))
        (about.priority, about.category) = (ticket.priority, ticket.category)
        about.answerDue = ticket.clock.firstAnswerDue.map(local)
        about.due = ticket.clock.solutionDue.map(local)
        let author = filing.facts.author
        facts = TemplateFacts(
            ticket: about, customer: .init(name: author?.displayName, address: author?.address),
            pool: .init(definition: pool, address: from), now: local(filing.now))
    }

    func filled(_ text: String) -> String { TemplateText(text).filledLeniently(with: facts, in: language) }
}
