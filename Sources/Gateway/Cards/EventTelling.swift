import Desk
import MailTypes

/// Which events of a case are told in messages of their own, and together: what one person did at once is one message.
struct EventTelling: Sendable {
    /// What one person did.
    struct Told: Sendable {
        /// `nil`: Stempel itself.
        var agent: AgentID?
        var name: String
        var at: Timestamp
        var events: [CardEvent]
    }

    private(set) var told: [Told] = []

    /// `events` in their order. People see their own mails and answers in the thread anyway; those are not told.
    init(_ events: [TicketEvent], roster: Roster) {
        for event in events {
            guard let meaning = Self.meaning(event, roster) else { continue }
            let last = told.count - 1
            if last >= 0, told[last].agent == event.agent {
                if !told[last].events.contains(meaning) { told[last].events.append(meaning) }
                told[last].at = event.at
            } else {
                let name = event.agent.flatMap { roster.agents[$0]?.definition.name } ?? "Stempel"
                told.append(Told(agent: event.agent, name: name, at: event.at, events: [meaning]))
            }
        }
    }

    private static func meaning(_ event: TicketEvent, _ roster: Roster) -> CardEvent? {
        func number<ID: DeskIdentifier>(_ text: String?) -> ID? { text.flatMap { Int64($0) }.map(ID.init(rawValue:)) }
        switch event.kind {
        case .assigned:
            guard let agent: AgentID = number(event.to) else { return .gaveBack }
            return agent == event.agent ? .took : .assigned(roster.agents[agent]?.definition.name ?? "?")
        case .groupAssigned:
            guard let group: GroupID = number(event.to) else { return nil }
            return .group(roster.groups[group]?.name ?? "?")
        case .statusChanged: return TicketStatus.allCases.first { $0.word == event.to }.map(CardEvent.status)
        case .poolChanged:
            guard let pool: PoolID = number(event.to) else { return nil }
            return .pool(roster.pools[pool]?.definition.name ?? "?")
        case .filed:
            guard let folder: FolderID = number(event.to) else { return nil }
            return .filed(roster.folders[folder]?.name ?? "?")
        case .priorityChanged: return event.to.flatMap(Priority.init(rawValue:)).map(CardEvent.priority)
        case .categoryChanged: return event.to.map(CardEvent.category)
        case .tagged: return event.to.map(CardEvent.tagged)
        case .untagged: return (event.from ?? event.to).map(CardEvent.untagged)
        case .overdue: return .overdue
        default: return nil
        }
    }
}
