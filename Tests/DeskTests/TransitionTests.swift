import Desk
import MailTypes
import Testing

@Suite struct TransitionTests {
    /// Rows: from; columns: to, in the order of the statuses. C: a customer's mail, A: an agent, S: a supervisor, Y: the
    /// system; `.`: nobody.
    static let table: [(from: TicketStatus, columns: String)] = [
        //             new  assigned in-pr consult approval waiting done closed spam
        (.new, "          -    AS       .     .       .        ASY     AS   ASY    ASY"),
        (.assigned, "     CASY -        AS    AS      ASY      ASY     AS   ASY    AS"),
        (.inProgress, "   CASY AS       -     AS      ASY      ASY     AS   ASY    AS"),
        (.consultation, " CASY CASY     .     -       ASY      ASY     AS   AS     ."),
        (.approval, "     CASY CASY     .     AS      -        SY      .    .      ."),
        (.waiting, "      CASY CASY     .     AS      ASY      -       AS   ASY    AS"),
        (.done, "         CASY CASY     .     AS      ASY      ASY     -    ASY    AS"),
        (.closed, "       CASY CASY     .     AS      ASY      ASY     AS   -      AS"),
        (.spam, "         CAS  CAS      .     .       .        AS      AS   AS     -"),
    ]

    @Test func `every transition is allowed to those of the table and nobody else`() {
        let letters: [(TransitionActor, Character)] = [
            (.customer, "C"), (.agent, "A"), (.supervisor, "S"), (.system, "Y"),
        ]
        #expect(Self.table.map(\.from) == TicketStatus.allCases)
        for (from, columns) in Self.table {
            let cells = columns.split(separator: " ")
            #expect(cells.count == TicketStatus.allCases.count)
            for (to, cell) in zip(TicketStatus.allCases, cells) {
                for (actor, letter) in letters {
                    let isExpected = cell == "-" || cell.contains(letter)
                    #expect(
                        Transition.isAllowed(from: from, to: to, by: actor) == isExpected,
                        "\(from.word) to \(to.word) by \(actor)")
                }
            }
        }
    }

    @Test func `the table names each pair once and no status twice in a row`() {
        let pairs = Transition.table.map { "\($0.from.word) \($0.to.word)" }
        #expect(Set(pairs).count == pairs.count)
        #expect(Transition.table.allSatisfy { $0.from != $0.to && !$0.by.isEmpty })
    }

    @Test(arguments: TicketStatus.allCases, [true, false])
    func `what a customer's mail does is always allowed`(status: TicketStatus, isAnswered: Bool) {
        for (assignee, isActive) in [(AgentID(rawValue: 1), true), (AgentID(rawValue: 1), false), (nil, false)] {
            let ticket = Ticket.sample(1, status: status, assignee: assignee)
            guard
                let next = Matching.afterCustomerMail(ticket, hasActiveAssignee: isActive, isAnswered: isAnswered)
            else { continue }
            #expect(Transition.isAllowed(from: status, to: next.status, by: .customer))
            #expect(next.keepsAssignee == isActive)
            #expect(next.status == (isActive ? .assigned : .new))
        }
    }

    /// With an active assignee, without one.
    static let afterMail: [(status: TicketStatus, isAnswered: Bool, active: TicketStatus?, absent: TicketStatus?)] = [
        (.new, false, nil, .new), (.assigned, false, nil, .new), (.inProgress, false, nil, .new),
        (.consultation, false, .assigned, .new), (.approval, false, nil, .new), (.waiting, false, .assigned, .new),
        (.done, false, .assigned, .new), (.closed, false, .assigned, .new), (.spam, false, nil, nil),
        (.spam, true, .assigned, .new),
    ]

    @Test(arguments: afterMail)
    func `a customer's mail brings the case to its assignee or to New`(
        status: TicketStatus, isAnswered: Bool, active: TicketStatus?, absent: TicketStatus?
    ) {
        let ticket = Ticket.sample(1, status: status, assignee: AgentID(rawValue: 1))
        #expect(Matching.afterCustomerMail(ticket, hasActiveAssignee: true, isAnswered: isAnswered)?.status == active)
        #expect(Matching.afterCustomerMail(ticket, hasActiveAssignee: false, isAnswered: isAnswered)?.status == absent)
    }
}

extension Ticket {
    static func sample(
        _ number: Int64, pool: Int64 = 1, status: TicketStatus = .new, assignee: AgentID? = nil,
        since: Timestamp = Timestamp(seconds: 0)
    ) -> Ticket {
        Ticket(
            number: TicketNumber(rawValue: number), pool: PoolID(rawValue: pool), status: status, assignee: assignee,
            group: nil, mailbox: MailboxID(rawValue: 1), customer: nil, address: nil, rootToken: "token",
            openedAt: since, statusSince: since)
    }
}
