package import Desk
import MailTypes

/// What the desk itself does in time: marks what is overdue, closes what is idle, removes spam and what lay
/// in Trash.
package enum CaseTimers {
    /// A handler for each kind; others are added where the scheduler is made.
    package static let handlers: [TimerKind: Scheduler.Handler] = [
        .deadline: { try markOverdue($0, $1) }, .idleClose: { try closeIdle($0, $1) },
        .spamPurge: { try purgeSpam($0, $1) }, .trashPurge: { try $1.purgeTrashed($0.ticket) },
        .archive: { try $1.fillArchive($0) },
    ]

    /// After a change of the desk: times that became shorter count for cases that are idle, or spam, already. Those that
    /// became longer are noticed when a timer is due.
    static func hasten(_ roster: Roster, in transaction: any DeskTransaction) throws {
        for pool in roster.pools.values.sorted(by: { $0.id < $1.id }) {
            let closeAfter = pool.definition.closeAfter ?? roster.definition.closeAfter
            try transaction.hastenTimers(.idleClose, pool: pool.id, to: closeAfter)
            try transaction.hastenTimers(.spamPurge, pool: pool.id, to: roster.definition.purgeSpamAfter)
        }
    }

    /// The case shows that a deadline has passed; one that was put off meanwhile gets its timer again.
    private static func markOverdue(_ timer: DeskTimer, _ work: CaseWork) throws {
        guard let ticket = try work.transaction.ticket(timer.ticket), !work.isTrashed(ticket) else { return }
        if let due = ticket.clock.nextDue(after: work.now) {
            return try work.transaction.setTimer(DeskTimer(kind: .deadline, ticket: ticket.number, dueAt: due))
        }
        _ = try work.move(ticket, to: ticket, by: nil, reason: nil)
    }

    /// A waiting or done case that nobody touched for so long closes; what the desk says by now counts.
    private static func closeIdle(_ timer: DeskTimer, _ work: CaseWork) throws {
        guard let ticket = try work.transaction.ticket(timer.ticket), ticket.closesWhenIdle, !work.isTrashed(ticket)
        else { return }
        let last = try work.transaction.lastMessage(in: ticket.number).map { max($0, ticket.statusSince) }
        let due = (last ?? ticket.statusSince) + work.closeAfter(ticket)
        if due > work.now {
            return try work.transaction.setTimer(DeskTimer(kind: .idleClose, ticket: ticket.number, dueAt: due))
        }
        var changed = ticket
        changed.status = .closed
        _ = try work.move(ticket, to: changed, by: nil, reason: "nothing happened for long")
    }

    /// A case of spam goes, counted from when it became spam, unless a mail of ours is in it (DESIGN §2).
    private static func purgeSpam(_ timer: DeskTimer, _ work: CaseWork) throws {
        let transaction = work.transaction
        guard let ticket = try transaction.ticket(timer.ticket), ticket.status == .spam,
            !work.isTrashed(ticket), try !transaction.isAnswered(ticket.number)
        else { return }
        let due = ticket.statusSince + work.roster.definition.purgeSpamAfter
        if due > work.now {
            return try transaction.setTimer(DeskTimer(kind: .spamPurge, ticket: ticket.number, dueAt: due))
        }
        if try !work.purge(ticket.number) {
            try transaction.setTimer(DeskTimer(kind: .spamPurge, ticket: ticket.number, dueAt: work.now))
        }
    }
}
