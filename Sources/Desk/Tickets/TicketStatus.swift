/// The status of a case (DESIGN §2). The number is what the database stores and never changes its meaning.
package enum TicketStatus: Int64, Sendable, CaseIterable {
    case new = 1
    case assigned = 2
    case inProgress = 3
    case consultation = 4
    case approval = 5
    case waiting = 6
    case done = 7
    case closed = 8
    case spam = 9

    /// Somebody works on the case, or waits for a colleague or a department: it is not left to the customer, and not over.
    package var needsWork: Bool {
        switch self {
        case .assigned, .inProgress, .consultation, .approval: true
        case .new, .waiting, .done, .closed, .spam: false
        }
    }

    /// The word that events and exports use.
    package var word: String {
        switch self {
        case .new: "new"
        case .assigned: "assigned"
        case .inProgress: "in-progress"
        case .consultation: "consultation"
        case .approval: "approval"
        case .waiting: "waiting"
        case .done: "done"
        case .closed: "closed"
        case .spam: "spam"
        }
    }
}

/// Who brings a transition about.
package enum TransitionActor: Sendable, CaseIterable {
    /// A mail from a customer.
    case customer
    /// An agent who works on the case or takes it.
    case agent
    /// A supervisor of the pool or an admin.
    case supervisor
    /// Stempel itself: an answer left, a clock ran out, a bounce arrived.
    case system
}

/// The transitions of a case, as one table (DESIGN §2). Staying where one is, is always allowed and no event.
package enum Transition {
    private static let staff: Set<TransitionActor> = [.agent, .supervisor]
    private static let desk: Set<TransitionActor> = [.agent, .supervisor, .system]
    private static let all = Set(TransitionActor.allCases)

    /// Every allowed change of status with who may make it.
    package static let table: [(from: TicketStatus, to: TicketStatus, by: Set<TransitionActor>)] = [
        (.new, .assigned, staff), (.new, .waiting, desk), (.new, .done, staff), (.new, .closed, desk),
        (.new, .spam, desk),

        // To New by a customer's mail, where the assignee is not there any more.
        (.assigned, .new, all), (.assigned, .inProgress, staff), (.assigned, .consultation, staff),
        (.assigned, .approval, desk), (.assigned, .waiting, desk), (.assigned, .done, staff),
        (.assigned, .closed, desk), (.assigned, .spam, staff),

        (.inProgress, .new, all), (.inProgress, .assigned, staff), (.inProgress, .consultation, staff),
        (.inProgress, .approval, desk), (.inProgress, .waiting, desk), (.inProgress, .done, staff),
        (.inProgress, .closed, desk), (.inProgress, .spam, staff),

        (.consultation, .new, all), (.consultation, .assigned, all), (.consultation, .approval, desk),
        (.consultation, .waiting, desk), (.consultation, .done, staff), (.consultation, .closed, staff),

        (.approval, .new, all), (.approval, .assigned, all), (.approval, .consultation, staff),
        (.approval, .waiting, [.supervisor, .system]),

        (.waiting, .new, all), (.waiting, .assigned, all), (.waiting, .consultation, staff),
        (.waiting, .approval, desk), (.waiting, .done, staff), (.waiting, .closed, desk), (.waiting, .spam, staff),

        (.done, .new, all), (.done, .assigned, all), (.done, .consultation, staff), (.done, .approval, desk),
        (.done, .waiting, desk), (.done, .closed, desk), (.done, .spam, staff),

        (.closed, .new, all), (.closed, .assigned, all), (.closed, .consultation, staff),
        (.closed, .approval, desk), (.closed, .waiting, desk), (.closed, .done, staff), (.closed, .spam, staff),

        // By a customer's mail only where a colleague ever answered; Stempel by itself takes nothing out of spam.
        (.spam, .new, [.customer, .agent, .supervisor]), (.spam, .assigned, [.customer, .agent, .supervisor]),
        (.spam, .waiting, staff), (.spam, .done, staff), (.spam, .closed, staff),
    ]

    /// Whether `actor` may bring a case from one status to the other.
    package static func isAllowed(from: TicketStatus, to: TicketStatus, by actor: TransitionActor) -> Bool {
        from == to || allowed[Key(from: from, to: to)]?.contains(actor) == true
    }

    private struct Key: Hashable {
        var from: TicketStatus
        var to: TicketStatus
    }

    private static let allowed = Dictionary(
        uniqueKeysWithValues: table.map { (Key(from: $0.from, to: $0.to), $0.by) })
}
