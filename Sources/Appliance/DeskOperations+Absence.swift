import Desk
import Gateway
import MailTypes

/// A request about who is away when.
enum AbsenceRequest: Codable, Sendable {
    /// Days as they are written: 2026-12-01.
    case away(login: String, from: String, to: String, substitute: String?)
    case back(login: String)
    case list(isJSON: Bool)
}

extension DeskOperations {
    /// An absence as it is listed; one that was ended early counts until then.
    private struct Record: Encodable {
        var agent: String
        var from: String
        var to: String
        var substitute: String?
        var isNow: Bool
    }

    func perform(_ request: AbsenceRequest) async throws -> String {
        switch request {
        case .away(let login, let from, let to, let substitute):
            let agent = try person(login)
            guard let first = CalendarDate(from) else { throw Self.noDay(from) }
            guard let last = CalendarDate(to) else { throw Self.noDay(to) }
            guard first <= last else { throw CommandFailure(.dataError, "\(to) is before \(from)") }
            let instead = try substitute.map(person)
            guard instead?.id != agent.id else { throw CommandFailure(.dataError, "nobody stands in for oneself") }
            let period = AbsencePeriod(
                agent: agent.id, first: first, last: last, substitute: instead?.id,
                clock: roster.current.clock(of: agent.id))
            let (holder, now) = (roster, clock.now)
            guard period.until > now else { throw CommandFailure(.dataError, "\(to) is over") }
            try await write { try AbsenceRecording($0, now: now).begin(period, holder) }
            let words = instead.map { "; \($0.definition.name) stands in" } ?? "; nobody stands in"
            return "\(agent.definition.login) is away from \(first.text) to \(last.text)\(words)\n"
        case .back(let login):
            let agent = try person(login)
            let (holder, now) = (roster, clock.now)
            try await write { try AbsenceRecording($0, now: now).end(of: agent.id, holder) }
            return "\(agent.definition.login) is here\n"
        case .list(let isJSON):
            let (roster, now) = (roster.current, clock.now)
            let records = roster.absences.periods.filter { $0.until > now }.sorted { $0.from < $1.from }.map { period in
                Record(
                    agent: roster.agents[period.agent]?.definition.login ?? "\(period.agent)", from: period.first.text,
                    to: period.last.text, substitute: period.substitute.flatMap { roster.agents[$0]?.definition.login },
                    isNow: period.from <= now)
            }
            if isJSON { return CommandJSON.text(records) }
            return records.map { record in
                [record.agent, record.from, record.to, record.substitute ?? "-", record.isNow ? "away" : "planned"]
                    .joined(separator: "\t") + "\n"
            }.joined()
        }
    }

    private static func noDay(_ text: String) -> CommandFailure {
        CommandFailure(.dataError, "\(text): a day is written 2026-12-31")
    }
}
