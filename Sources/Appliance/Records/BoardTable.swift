import Desk
import Gateway
import MailTypes

/// The board as it is printed.
struct BoardTable {
    private struct Line: Encodable {
        var name: String
        var cases: Int
        /// Of the oldest case, since it came into its status; in seconds.
        var oldest: Int64?
    }

    private struct Content: Encodable {
        var at: String
        var statuses: [Line]
        var pools: [Line]
        var agents: [Line]
    }

    private let content: Content

    init(_ board: Board, _ roster: Roster, now: Timestamp) {
        func line(_ name: String, _ count: Board.Count?) -> Line {
            Line(name: name, cases: count?.cases ?? 0, oldest: count.map { max(0, (now - $0.since).components.seconds) })
        }
        let pools = board.pools.map { line(roster.pools[$0.key]?.definition.name ?? "pool \($0.key)", $0.value) }
        let agents = board.agents.map { agent, count in
            line(agent.map { roster.agents[$0]?.definition.login ?? "agent \($0)" } ?? "nobody", count)
        }
        content = Content(
            at: now.text, statuses: Board.statuses.map { line($0.word, board.statuses[$0]) },
            pools: pools.sorted { $0.name < $1.name }, agents: agents.sorted { $0.name < $1.name })
    }

    var json: String { CommandJSON.text(content) }

    var text: String {
        let groups = [("STATUS", content.statuses), ("POOL", content.pools), ("AGENT", content.agents)]
        let width = groups.flatMap { [$0.0] + $0.1.map(\.name) }.map(\.count).max() ?? 0
        func line(_ name: String, _ cases: String, _ oldest: String) -> String {
            func left(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
            func right(_ text: String, _ width: Int) -> String {
                String(repeating: " ", count: max(0, width - text.count)) + text
            }
            return left(name, width) + right(cases, 8) + right(oldest, 10) + "\n"
        }
        return groups.map { title, lines in
            line(title, "cases", "oldest")
                + lines.map { line($0.name, "\($0.cases)", $0.oldest.map(Self.age) ?? "-") }.joined()
        }.joined(separator: "\n") + "\n\(content.at)\n"
    }

    /// `3d 4h`, `5h 12m`, `12m`.
    private static func age(_ seconds: Int64) -> String {
        let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60)
        return days > 0 ? "\(days)d \(hours)h" : hours > 0 ? "\(hours)h \(minutes)m" : "\(minutes)m"
    }
}
