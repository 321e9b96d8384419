package import Desk
import Gateway
import MailTypes

/// What reports read. Events are only ever added, so pages of them that are read one after the other, each in a
/// transaction of its own, fit together.
extension Transaction {
    /// Hands over what figures are made of among so many events after `id`, and gives the last one's id; `nil`: there are
    /// no more.
    package func figureEvents(
        after id: Int64, limit: Int, _ body: (FigureEvent) -> Void
    ) throws -> Int64? {
        var last: Int64?
        try connection.query(
            """
            SELECT id, ticket_id, at, kind, from_value, to_value FROM event
             WHERE id > \(id) ORDER BY id LIMIT \(limit)
            """
        ) { row in
            last = row.integer(0)
            guard let kind = EventKind(rawValue: row.integer(3)), let change = FigureEvent.Change(kind, row) else { return }
            body(FigureEvent(ticket: TicketNumber(rawValue: row.integer(1)), at: row.timestamp(2), change: change))
        }
        return last
    }

    /// Pool and address of cases by their numbers, from the one after `number` on.
    package func figureCases(
        after number: TicketNumber, limit: Int, _ body: (TicketNumber, FigureCase) -> Void
    ) throws -> TicketNumber? {
        var last: TicketNumber?
        // Few addresses belong to very many cases.
        var addresses: [String: String] = [:]
        func comparable(_ text: String) -> String {
            if let known = addresses[text] { return known }
            let address = EmailAddress(text)?.identity ?? text
            addresses[text] = address
            return address
        }
        try connection.query(
            "SELECT id, pool_id, supervised_address FROM ticket WHERE id > \(number) ORDER BY id LIMIT \(limit)"
        ) { row in
            let number = TicketNumber(rawValue: row.integer(0))
            last = number
            body(
                number,
                FigureCase(
                    pool: PoolID(rawValue: row.integer(1)), address: row.optionalText(2).map(comparable)))
        }
        return last
    }
}

extension FigureEvent.Change {
    /// `from_value` and `to_value` stand in columns 4 and 5.
    fileprivate init?(_ kind: EventKind, _ row: any SQLRow) {
        func spent() -> FigureEvent.Spent {
            FigureEvent.Spent(seconds: Int64(row.text(4)) ?? 0, isLate: row.text(5) == "late")
        }
        switch kind {
        // From a department, and no customer's.
        case .received where !row.isNull(4): return nil
        case .received: self = .received(isAutomatic: !row.isNull(5))
        case .assigned: self = .assigned(row.optionalText(5).flatMap(Int64.init).map(AgentID.init(rawValue:)))
        case .poolChanged:
            guard let old = Int64(row.text(4)), let new = Int64(row.text(5)) else { return nil }
            self = .poolChanged(from: PoolID(rawValue: old), to: PoolID(rawValue: new))
        case .statusChanged:
            guard let status = Self.statuses[row.text(5)] else { return nil }
            self = .statusChanged(status)
        case .filed: self = .filed(!row.isNull(5))
        // Of the two cases the one that went into the other has that as its destination.
        case .merged where !row.isNull(5): self = .merged(true)
        case .unmerged where row.isNull(5): self = .merged(false)
        // What was erased for a person's sake was a case all the same.
        case .purged where !row.isNull(4): return nil
        case .trashed, .purged: self = .discarded(true)
        case .restored: self = .discarded(false)
        case .firstAnswered: self = .firstAnswered(spent())
        case .solved: self = .solved(spent())
        case .questionAnswered: self = .questionAnswered(row.text(4), row.optionalText(5))
        case .rated:
            guard let rating = Int(row.text(5)).flatMap(Rating.init(rawValue:)) else { return nil }
            self = .rated(rating)
        case .consulted:
            guard let department = Self.department(row) else { return nil }
            self = .consulted(department)
        // What was called off in time says nothing about the department.
        case .consultationCancelled where row.isNull(4): return nil
        case .consultationAnswered, .consultationCancelled:
            guard let department = Self.department(row) else { return nil }
            self = .consultationEnded(department, isLate: !row.isNull(4))
        default: return nil
        }
    }

    private static func department(_ row: any SQLRow) -> DepartmentID? {
        row.optionalText(5).flatMap(Int64.init).map(DepartmentID.init(rawValue:))
    }

    private static let statuses = Dictionary(uniqueKeysWithValues: TicketStatus.allCases.map { ($0.word, $0) })
}
