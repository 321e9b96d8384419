import Desk
import Foundation

/// The figures of a period as they are printed.
struct FigureTable {
    /// One row: for JSON as it stands, for tables and CSV by `columns`. Times are working time in seconds.
    struct Row: Encodable {
        var of: String?
        var received: Int
        var closed: Int
        var closedInTime: Int
        var closedInTimeConsulted: Int
        var closedLate: Int
        var closedLateConsulted: Int
        var consultedInTime: Int
        var consultedLate: Int
        var closedWithReplies: Int
        var replies: Int
        /// In percent, with one decimal.
        var replyShare: Double?
        var firstAnswers: Int
        var firstAnswerMedian: Int64?
        var firstAnswerNinetieth: Int64?
        var solutionMedian: Int64?
        var solutionNinetieth: Int64?
        var ratings: Int
        /// With two decimals.
        var meanRating: Double?

        init(_ name: String?, _ row: Figures.Row) {
            of = name
            (received, closed) = (row.received, row.closed)
            (closedInTime, closedInTimeConsulted) = (row.closedInTime, row.closedInTimeConsulted)
            (closedLate, closedLateConsulted) = (row.closedLate, row.closedLateConsulted)
            (consultedInTime, consultedLate) = (row.consultedInTime, row.consultedLate)
            (closedWithReplies, replies) = (row.repliedTo, row.replies)
            replyShare = row.replyShare.map { Double($0) / 10 }
            firstAnswers = row.firstAnswer.count
            (firstAnswerMedian, firstAnswerNinetieth) = (row.firstAnswer.median, row.firstAnswer.ninetieth)
            (solutionMedian, solutionNinetieth) = (row.solution.median, row.solution.ninetieth)
            (ratings, meanRating) = (row.ratings, row.meanRating.map { Double($0) / 100 })
        }

        /// Every column with its name in CSV, its name in a table, and how it is shown in either.
        static let columns: [(csv: String, title: String, value: @Sendable (Row) -> Cell)] = [
            ("received", "received", { .count($0.received) }),
            ("closed", "closed", { .count($0.closed) }),
            ("closed_in_time", "in time", { .count($0.closedInTime) }),
            ("closed_in_time_consulted", "in time, consulted", { .count($0.closedInTimeConsulted) }),
            ("closed_late", "late", { .count($0.closedLate) }),
            ("closed_late_consulted", "late, consulted", { .count($0.closedLateConsulted) }),
            ("consulted_in_time", "consulted in time", { .count($0.consultedInTime) }),
            ("consulted_late", "consulted late", { .count($0.consultedLate) }),
            ("closed_with_replies", "closed, then replied to", { .count($0.closedWithReplies) }),
            ("replies", "replies", { .count($0.replies) }),
            ("reply_share_percent", "share %", { .share($0.replyShare) }),
            ("first_answers", "first answers", { .count($0.firstAnswers) }),
            ("first_answer_median_seconds", "first answer, median", { .time($0.firstAnswerMedian) }),
            ("first_answer_p90_seconds", "first answer, 90 %", { .time($0.firstAnswerNinetieth) }),
            ("solution_median_seconds", "solution, median", { .time($0.solutionMedian) }),
            ("solution_p90_seconds", "solution, 90 %", { .time($0.solutionNinetieth) }),
            ("ratings", "ratings", { .count($0.ratings) }),
            ("rating_mean", "rating, mean", { .share($0.meanRating) }),
        ]
    }

    /// What stands in a cell.
    enum Cell {
        case count(Int), share(Double?), time(Int64?)

        var csv: String {
            switch self {
            case .count(let number): "\(number)"
            case .share(let share): share.map { "\($0)" } ?? ""
            case .time(let seconds): seconds.map { "\($0)" } ?? ""
            }
        }

        var text: String {
            switch self {
            case .time(let seconds?):
                "\(seconds / 3600):" + (seconds / 60 % 60 < 10 ? "0" : "") + "\(seconds / 60 % 60)"
            case .share(nil), .time(nil): "-"
            case .count, .share: csv
            }
        }
    }

    private struct Report: Encodable {
        var from: String
        var to: String
        var by: String?
        var total: Row
        var rows: [Row]
        var receivedByHour: [Int]
        var receivedByWeekday: [Int]
    }

    private let report: Report
    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    init(_ figures: Figures, from: String, to: String, by division: FigureDivision?, name: (FigureKey) -> String) {
        let rows = figures.rows.map { Row(name($0.key), $0.value) }.sorted { ($0.of ?? "") < ($1.of ?? "") }
        report = Report(
            from: from, to: to, by: division?.rawValue, total: Row(nil, figures.total), rows: rows,
            receivedByHour: figures.hours, receivedByWeekday: figures.weekdays)
    }

    var json: String { CommandJSON.text(report) }

    /// RFC 4180, a line for each row and one for the total, numbers with a point, times in seconds.
    var csv: String {
        let head = [report.by ?? "of"] + Row.columns.map(\.csv)
        let lines = (report.rows + [report.total]).map { row in
            [Self.field(row.of ?? "total")] + Row.columns.map { $0.value(row).csv }
        }
        return ([head] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    // What a spreadsheet would take for a formula is text.
    private static func field(_ text: String) -> String {
        let plain = text.first.map { "=+-@".contains($0) } == true ? "'" + text : text
        guard plain.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return plain }
        return "\"" + plain.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    /// For people: a figure a line, a column for each row.
    var text: String {
        let rows = report.rows + [report.total]
        let heads = [""] + rows.map { $0.of ?? "total" }
        let cells = Row.columns.map { column in [column.title] + rows.map { column.value($0).text } }
        let widths = heads.indices.map { index in ([heads] + cells).map { $0[index].count }.max() ?? 0 }
        func line(_ values: [String]) -> String {
            let padded = values.indices.map { index in
                let space = String(repeating: " ", count: widths[index] - values[index].count)
                return index == 0 ? values[index] + space : space + values[index]
            }
            var line = padded.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }
        let hours = report.receivedByHour.enumerated().filter { $0.element > 0 }.map { "\($0.offset): \($0.element)" }
        let days = zip(Self.weekdays, report.receivedByWeekday).filter { $0.1 > 0 }.map { "\($0): \($1)" }
        return "From \(report.from) to \(report.to); times are working hours:minutes.\n\n"
            + ([heads] + cells).map(line).joined()
            + "\nReceived by hour: " + (hours.isEmpty ? "none" : hours.joined(separator: ", "))
            + "\nReceived by weekday: " + (days.isEmpty ? "none" : days.joined(separator: ", ")) + "\n"
    }

    /// What every figure means.
    static var explanation: String {
        Figures.definitions.map { "\($0.name): \($0.meaning)\n" }.joined()
    }
}
