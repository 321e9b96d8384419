package import Desk
import MailTypes

extension CaseWork {
    /// Takes a case. A colleague who had it is told by a notice in INBOX (DESIGN §3).
    package func take(_ number: TicketNumber, by agent: AgentID, with opening: CaseOpening) throws -> Outcome {
        let before = try transaction.ticket(number)?.assignee
        let outcome = try apply(.take, to: number, by: agent)
        if let before, before != agent, let colleague = roster.agents[before], colleague.isActive {
            try notice(of: outcome.ticket, by: try person(agent), to: colleague)
                .file(to: colleague, cryptography: opening.cryptography, host: opening.host, self)
        }
        return outcome
    }

    private func notice(of ticket: Ticket, by taker: Roster.Agent, to colleague: Roster.Agent) throws -> AgentNotice {
        let (name, about) = (taker.definition.name, "#\(ticket.number) \(try transaction.subject(of: ticket.number))")
        return switch colleague.language {
        case .english:
            AgentNotice(subject: "\(name) took over \(about)", text: "\(name) took over this case of yours: \(about)\n")
        case .polish:
            AgentNotice(
                subject: "\(name): przejęto \(about)", text: "\(name) – ta osoba przejęła Twoją sprawę: \(about)\n")
        }
    }
}
