import Desk
import Gateway
import MailTypes

/// One look at who is offered what: within one transaction, offers end, cases pass on, and whoever has none gets one.
///
/// An offer that ran out goes to somebody else if there is somebody: agents without an offer choose first, then those
/// who let one run out, each passing over the own last case while others are still to choose. Who in the end gets the
/// same case again keeps it under the same UIDs.
struct OfferRound: Sendable {
    let roster: Roster
    let now: Timestamp
    /// How long an offer stands.
    let duration: Duration
    /// Agents with a connection.
    let connected: Set<AgentID>
    /// Agents who left and whose offers end now.
    let departed: Set<AgentID>
    /// Connected agents whose offers are to be looked at; those whose time ran out are looked at anyway.
    let due: Set<AgentID>
    /// Connected agents who had no offer when they were last looked at.
    let waiting: Set<AgentID>

    // MARK: - Looking

    /// Whether anything is to be done.
    func isNeeded(in transaction: any MailboxTransaction) throws -> Bool {
        guard try transaction.expiredOffers(at: now).isEmpty else { return true }
        for agent in departed where try transaction.offer(to: agent) != nil { return true }
        for agent in due {
            if let offer = try transaction.offer(to: agent) {
                guard try stands(offer, transaction) else { return true }
            } else if try pick(agent, transaction) != nil {
                return true
            }
        }
        return false
    }

    /// Which of the agents have no offer.
    func lacking(in transaction: any MailboxTransaction) throws -> Set<AgentID> {
        try due.union(waiting).filter { try transaction.offer(to: $0) == nil }
    }

    /// The case waits in New in one of the agent's pools, and all of it is in Next.
    private func stands(_ offer: Offer, _ transaction: any MailboxTransaction) throws -> Bool {
        guard let next = roster.mailbox(.next(offer.agent)), try isOfferable(offer, transaction) != nil else {
            return false
        }
        let messages = try transaction.messages(of: offer.ticket)
        return try transaction.uids(of: messages, in: next).count == messages.count
    }

    /// The case of an offer if it can still be offered, whatever the time.
    private func isOfferable(_ offer: Offer, _ transaction: any MailboxTransaction) throws -> Ticket? {
        guard let ticket = try transaction.ticket(offer.ticket), ticket.mailbox == roster.mailbox(.new),
            pools(of: offer.agent).contains(ticket.pool)
        else { return nil }
        return ticket
    }

    /// An agent's pools, the most urgent first: by the agent's own order.
    private func pools(of agent: AgentID) -> [PoolID] {
        guard let person = roster.agents[agent], person.isActive, !roster.isAway(agent, at: now) else { return [] }
        return person.memberships.filter { roster.pools[$0.key]?.isActive == true }
            .sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
    }

    private func pick(_ agent: AgentID, _ transaction: any MailboxTransaction) throws -> TicketNumber? {
        guard let new = roster.mailbox(.new), roster.mailbox(.next(agent)) != nil else { return nil }
        for pool in pools(of: agent) {
            if let ticket = try transaction.oldestUnoffered(in: new, pool: pool) { return ticket }
        }
        return nil
    }

    // MARK: - Carrying out

    /// What happens to Next of one agent.
    private struct Exchange {
        var leaving: [MessageKey] = []
        var entering: TicketNumber?
    }

    /// Does it, and answers who has no offer, of those it looked at and those who had none.
    func carryOut(_ transaction: any MailboxTransaction) throws -> Set<AgentID> {
        var exchanges: [AgentID: Exchange] = [:]
        var lapsed: [Offer] = []
        for offer in try transaction.expiredOffers(at: now) {
            if connected.contains(offer.agent), try isOfferable(offer, transaction) != nil {
                try transaction.removeOffer(to: offer.agent)
                lapsed.append(offer)
            } else {
                exchanges[offer.agent] = try withdraw(offer, transaction)
            }
        }
        for agent in departed.sorted() {
            if let offer = try transaction.offer(to: agent) { exchanges[agent] = try withdraw(offer, transaction) }
        }
        let last = Dictionary(lapsed.map { ($0.agent, $0) }, uniquingKeysWith: { first, _ in first })
        for agent in due.sorted() where last[agent] == nil {
            guard let offer = try transaction.offer(to: agent) else { continue }
            if try isOfferable(offer, transaction) == nil {
                exchanges[agent] = try withdraw(offer, transaction)
            } else if try !stands(offer, transaction) {
                exchanges[agent, default: Exchange()].entering = offer.ticket
            }
        }
        // A case that came free concerns everybody who waits.
        let isFreed = !lapsed.isEmpty || !exchanges.isEmpty
        let seekers = (isFreed ? due.union(waiting) : due).union(exchanges.keys)
            .filter { last[$0] == nil && connected.contains($0) }
        var lacking = waiting.subtracting(seekers)
        for agent in seekers.sorted() where try transaction.offer(to: agent) == nil {
            guard let ticket = try pick(agent, transaction) else {
                lacking.insert(agent)
                continue
            }
            try offer(ticket, to: agent, transaction)
            exchanges[agent, default: Exchange()].entering = ticket
        }
        lacking.formUnion(try passOn(lapsed, &exchanges, transaction))
        try apply(exchanges, transaction)
        return lacking
    }

    /// Gives those who let an offer run out another one, or the same again.
    private func passOn(
        _ lapsed: [Offer], _ exchanges: inout [AgentID: Exchange], _ transaction: any MailboxTransaction
    ) throws -> Set<AgentID> {
        var chosen: [AgentID: TicketNumber] = [:]
        func choose(_ agent: AgentID) throws {
            guard chosen[agent] == nil, let ticket = try pick(agent, transaction) else { return }
            try offer(ticket, to: agent, transaction)
            chosen[agent] = ticket
        }
        for (index, old) in lapsed.enumerated() {
            let isLast = index == lapsed.count - 1
            let isFree = try transaction.offer(of: old.ticket) == nil
            // Held for the moment, so that it is not chosen again.
            if !isLast, isFree { try transaction.setOffer(old) }
            try choose(old.agent)
            if !isLast, isFree, chosen[old.agent] == nil { try transaction.removeOffer(to: old.agent) }
        }
        for old in lapsed { try choose(old.agent) }
        for old in lapsed where chosen[old.agent] != old.ticket {
            exchanges[old.agent] = Exchange(
                leaving: try transaction.messages(of: old.ticket), entering: chosen[old.agent])
        }
        return Set(lapsed.map(\.agent)).subtracting(chosen.keys)
    }

    private func offer(_ ticket: TicketNumber, to agent: AgentID, _ transaction: any MailboxTransaction) throws {
        try transaction.setOffer(Offer(agent: agent, ticket: ticket, expiresAt: now + duration))
    }

    private func withdraw(_ offer: Offer, _ transaction: any MailboxTransaction) throws -> Exchange {
        try transaction.removeOffer(to: offer.agent)
        return Exchange(leaving: try transaction.messages(of: offer.ticket))
    }

    /// Takes messages out of Next and puts others in, mailboxes in ascending order.
    private func apply(_ exchanges: [AgentID: Exchange], _ transaction: any MailboxTransaction) throws {
        let mailboxes = exchanges.compactMap { agent, exchange in
            roster.mailbox(.next(agent)).map { (mailbox: $0, agent: agent, exchange: exchange) }
        }
        guard !mailboxes.isEmpty else { return }
        let sequence = try transaction.takeModSequence()
        for (mailbox, agent, exchange) in mailboxes.sorted(by: { $0.mailbox < $1.mailbox }) {
            _ = try transaction.leave(exchange.leaving, from: mailbox, at: sequence, now: now)
            if let number = exchange.entering, let ticket = try transaction.ticket(number) {
                let messages = try transaction.messages(of: number)
                let there = try transaction.uids(of: messages, in: mailbox)
                _ = try transaction.enter(
                    messages.filter { there[$0] == nil }, into: mailbox, pool: ticket.pool, at: sequence, now: now)
            }
            transaction.note(Change(mailboxes: [mailbox], agents: [agent]))
        }
    }
}
