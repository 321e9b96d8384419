import Desk
import Gateway
import MailTypes
import Storage

/// What `stempel report` asks for: days of the desk's calendar, both included.
struct ReportRequest: Codable, Sendable {
    enum Form: String, Codable, Sendable { case text, csv, json }
    var from: String
    var to: String
    var division: FigureDivision?
    var form: Form
}

extension DeskOperations {
    /// Events or cases of one transaction: none is long, so that the log of the database stays short.
    private static let figuresPerPage = 20_000

    /// Counts a period. Events are read in pages, and no delivery waits for it.
    func perform(_ request: ReportRequest) async throws -> String {
        let roster = roster.current
        let (first, last) = (try Self.day(request.from), try Self.day(request.to))
        let start = roster.clock.moment(of: LocalMoment(date: first))
        let end = roster.clock.moment(of: LocalMoment(date: last), endOfDay: true) + .seconds(60)
        guard start < end else {
            throw CommandFailure(.dataError, "\(request.to) is before \(request.from)")
        }
        var ledger = FigureLedger(period: start..<end, by: request.division)
        var page = try await events(after: 0)
        while let last = page.last {
            async let next = events(after: last)
            for event in page.found { ledger.read(event) }
            page = try await next
        }
        // What cases are now matters for these rows only.
        let cases = request.division == .pool || request.division == .address ? try await allCases() : [:]
        let table = FigureTable(
            ledger.figures(of: cases, clock: roster.clock), from: request.from, to: request.to, by: request.division
        ) { key in Self.name(key, roster) }
        return switch request.form {
        case .text: table.text
        case .csv: table.csv
        case .json: table.json
        }
    }

    private func events(after id: Int64) async throws -> (found: [FigureEvent], last: Int64?) {
        try await read { transaction in
            var found: [FigureEvent] = []
            found.reserveCapacity(Self.figuresPerPage)
            let last = try transaction.figureEvents(after: id, limit: Self.figuresPerPage) { found.append($0) }
            return (found, last)
        }
    }

    private func allCases() async throws -> [TicketNumber: FigureCase] {
        var cases: [TicketNumber: FigureCase] = [:]
        var number: TicketNumber? = TicketNumber(rawValue: 0)
        while let after = number {
            let page: ([(TicketNumber, FigureCase)], TicketNumber?) = try await read { transaction in
                var found: [(TicketNumber, FigureCase)] = []
                let last = try transaction.figureCases(after: after, limit: Self.figuresPerPage) { found.append(($0, $1)) }
                return (found, last)
            }
            for (number, item) in page.0 { cases[number] = item }
            number = page.1
        }
        return cases
    }

    private static func name(_ key: FigureKey, _ roster: Roster) -> String {
        switch key {
        case .all: "total"
        case .agent(nil): "nobody"
        case .agent(let agent?): roster.agents[agent]?.definition.login ?? "agent \(agent)"
        case .pool(nil): "removed"
        case .pool(let pool?): roster.pools[pool]?.definition.name ?? "pool \(pool)"
        case .address(let address): address ?? "none"
        case .answer(let question, let answer): "\(question): \(answer)"
        case .department(let department): roster.departmentNames[department] ?? "department \(department)"
        }
    }

    private static func day(_ text: String) throws -> CalendarDate {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard text.utf8.count == 10, parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            (1900...9999).contains(year), CivilTime(year: year, month: month, day: day).timestamp != nil
        else { throw CommandFailure(.dataError, "\(text): a day is written 2026-12-31") }
        return CalendarDate(year: year, month: month, day: day)
    }
}

extension DeskOperations {
    /// What is in hand now.
    func board(isJSON: Bool) async throws -> String {
        let roster = roster.current
        let trash = roster.kinds.filter { $0.value.class == .trash }.map(\.key)
        let board = try await read { try $0.board(without: trash) }
        let table = BoardTable(board, roster, now: clock.now)
        return isJSON ? table.json : table.text
    }
}
