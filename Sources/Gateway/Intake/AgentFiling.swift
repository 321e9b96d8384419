package import Desk
import MailFormat
import MailTypes

/// A mail that an agent files by hand (DESIGN §3: APPEND to New, INBOX, Pools/p): it finds its case or opens one like a mail
/// from outside, without automatic answer.
package struct AgentFiling: Sendable {
    fileprivate let filing: MailFiling
    /// Octets held in memory: what the writer's queue counts.
    package var octetsInMemory: Int { filing.content.octetsInMemory }

    /// Files it; the case that it is in now, or `nil` where it was there already.
    package func run(in transaction: any DeskTransaction) throws -> TicketNumber? {
        try filing.run(in: transaction).tickets.first
    }

    /// It is not filed after all: what was staged is dropped.
    package func drop() { filing.content.drop(from: filing.intake.store) }
}

extension Intake {
    /// Makes a mail ready to be filed into a pool; without one, into the pool that it was written to, if the agent may read
    /// that, else the agent's first. `nil`: there is no pool for it.
    package func filing(of content: IncomingContent, by agent: Roster.Agent, into pool: PoolID?) -> AgentFiling? {
        let received = content.finish()
        let roster = roster.current
        let written = received.header.addresses(of: "To") + received.header.addresses(of: "Cc")
        guard let stamp = StampPattern(roster.definition.stamp),
            let address = address(in: pool, written: written.map(\.address), agent, roster)
        else {
            received.drop(from: store)
            return nil
        }
        let author = received.header.addresses(of: "From").first?.address
        let facts = MailFacts(
            received, to: Envelope(reversePath: author, recipients: [address]), roster: roster, stamp: stamp,
            intake: self)
        return AgentFiling(
            filing: MailFiling(
                intake: self, roster: roster, stamp: stamp, content: received, facts: facts, trace: [], now: clock.now))
    }

    private func address(
        in pool: PoolID?, written: [EmailAddress], _ agent: Roster.Agent, _ roster: Roster
    ) -> EmailAddress? {
        if let pool { return roster.address(of: pool) }
        let known = written.first { address in
            roster.pool(address: address).map { agent.readablePools.contains($0) } ?? false
        }
        if let known { return known }
        let pools =
            agent.memberships.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
            + agent.supervisedPools.sorted()
        return pools.first { roster.pools[$0]?.isActive == true }.flatMap { roster.address(of: $0) }
    }
}
