package import MailTypes

/// What a report reads of an event of a case.
package struct FigureEvent: Equatable, Sendable {
    /// What happened, as far as figures are concerned.
    package enum Change: Equatable, Sendable {
        /// A mail of the customer; automatic: a machine's, or one that came back.
        case received(isAutomatic: Bool)
        case assigned(AgentID?)
        case poolChanged(from: PoolID, to: PoolID)
        case statusChanged(TicketStatus)
        /// Filed into a custom folder, or taken out of one.
        case filed(Bool)
        /// Became part of another case, or a case of its own again.
        case merged(Bool)
        /// Put into the trash or removed; restored.
        case discarded(Bool)
        /// The first answer left.
        case firstAnswered(Spent)
        /// Done or closed for the first time.
        case solved(Spent)
        /// A question about the case was answered, or that taken back.
        case questionAnswered(String, String?)
        /// The customer rated the case, or changed that.
        case rated(Rating)
        /// A department was asked.
        case consulted(DepartmentID)
        /// What a department was asked came to an end; late: after its answer time.
        case consultationEnded(DepartmentID, isLate: Bool)
    }

    /// The working time that a clock had run when it was judged.
    package struct Spent: Equatable, Sendable {
        package var seconds: Int64
        /// Without a deadline nothing is late.
        package var isLate: Bool

        package init(seconds: Int64, isLate: Bool) { (self.seconds, self.isLate) = (seconds, isLate) }
    }

    package var ticket: TicketNumber
    package var at: Timestamp
    package var change: Change

    package init(ticket: TicketNumber, at: Timestamp, change: Change) {
        (self.ticket, self.at, self.change) = (ticket, at, change)
    }
}

/// By what a report is divided into rows.
package enum FigureDivision: String, CaseIterable, Codable, Sendable {
    case agent, pool, address, department, question
}

/// What a row of a report is about.
package enum FigureKey: Hashable, Sendable {
    case all
    /// `nil`: nobody.
    case agent(AgentID?)
    /// `nil`: a case that was removed and never changed its pool.
    case pool(PoolID?)
    /// `nil`: cases that we opened, which no address received.
    case address(String?)
    case department(DepartmentID)
    /// The id of a question and an answer to it.
    case answer(String, String)
}

/// What a case says of itself beside its events.
package struct FigureCase: Sendable {
    package var pool: PoolID
    /// The address that it came to, in its comparable form.
    package var address: String?

    package init(pool: PoolID, address: String?) { (self.pool, self.address) = (pool, address) }
}
