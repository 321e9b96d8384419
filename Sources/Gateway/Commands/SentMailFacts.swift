import Desk
import MailFormat
import MailTypes

/// What `${…}` fields of an agent's mail stand for.
extension TemplateFacts {
    /// Of a mail in a case, or of one that opens a case: then what only a case has is not known yet. `known`: whose the
    /// recipient's address is.
    init(
        ticket: Ticket?, subject: String, recipient: NamedAddress?, pool: PoolDefinition?, from: EmailAddress?,
        known: Customer?, agent: Roster.Agent, stamp: StampPattern, clock: any DeskClock, now: Timestamp
    ) {
        func local(_ moment: Timestamp) -> LocalMoment {
            let time = clock.localTime(of: moment)
            return LocalMoment(date: time.date, minute: time.minute)
        }
        self.init(agentName: agent.definition.name, now: local(now))
        if let ticket {
            var facts = CaseFacts(
                number: ticket.number,
                stamp: stamp.text(.init(prefix: pool?.prefix ?? "", number: ticket.number.rawValue)), subject: subject,
                status: ticket.status, opened: local(ticket.openedAt))
            (facts.priority, facts.category) = (ticket.priority, ticket.category)
            facts.answerDue = ticket.clock.firstAnswerDue.map(local)
            facts.due = ticket.clock.solutionDue.map(local)
            self.ticket = facts
        }
        customer = recipient.map { named in
            CustomerFacts(
                name: named.displayName ?? known?.name, address: named.address, firm: known?.firm, phone: known?.phone)
        }
        self.pool = pool.map { PoolFacts(definition: $0, address: from) }
    }
}
