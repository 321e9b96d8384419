import Desk
import MailTypes

/// The clocks of a case in its row. What is due is stored as well as what it was reckoned from: searches and timers go by
/// the one, the next change of the case by the other.
extension TicketClock {
    /// In the order that `init(row:from:)` and `values` go by.
    static let columns: SQL = """
        first_answer_since, first_answer_due, first_answered_at, first_answer_kept, solution_since, solution_used,
        solution_due, solution_left, solved_at, solved_kept, agreed_due, is_overdue
        """

    var values: SQL {
        let (first, last) = (Parts(firstAnswer), Parts(solution))
        return """
            \(first.since), \(first.due), \(firstAnswered?.at), \(firstAnswered?.isInTime), \(last.since),
            \(last.used?.microseconds), \(last.due), \(last.left?.microseconds), \(solved?.at), \(solved?.isInTime),
            \(agreedDue), \(isOverdue)
            """
    }

    init(row: any SQLRow, from first: Int) {
        func time(_ column: Int) -> Timestamp? { row.optionalTimestamp(first + column) }
        func span(_ column: Int) -> Duration? { row.optionalInteger(first + column).map { .microseconds($0) } }
        func judgement(at column: Int) -> Judgement? {
            time(column).map { Judgement(at: $0, isInTime: row.optionalInteger(first + column + 1).map { $0 != 0 }) }
        }
        self.init(
            // It never stands still: without a beginning there is none.
            firstAnswer: Parts(since: time(0), used: nil, due: time(1)).countdown,
            solution: Parts(since: time(4), used: span(5), due: time(6), left: span(7)).countdown,
            firstAnswered: judgement(at: 2), solved: judgement(at: 8), agreedDue: time(10),
            isOverdue: row.bool(first + 11))
    }

    /// A countdown taken apart: it runs since a moment, or has used up time, or there is none.
    private struct Parts {
        var since: Timestamp?
        var used: Duration?
        var due: Timestamp?
        var left: Duration?

        init(since: Timestamp?, used: Duration?, due: Timestamp?, left: Duration? = nil) {
            (self.since, self.used, self.due, self.left) = (since, used, due, left)
        }

        init(_ countdown: Countdown) {
            switch countdown {
            case .off: break
            case .running(let since, let used, let due): (self.since, self.used, self.due) = (since, used, due)
            case .stopped(let used, let left): (self.used, self.left) = (used, left)
            }
        }

        var countdown: Countdown {
            if let since { return .running(since: since, used: used ?? .zero, due: due) }
            return used.map { .stopped(used: $0, left: left) } ?? .off
        }
    }
}
