import Desk
import MailTypes
import Mailboxes

/// Flags of neighbouring messages, and nothing else of them: what clients ask of whole mailboxes, and often.
extension Transaction {
    /// What is read of a message without the agent's own flags.
    private struct Plain {
        var uid: UInt32
        var message: Int64
        var modSequence: Int64
        var flags: Int64
        var keywords: String?
        var ticket: Int64?
        var pool: Int64
    }

    /// Messages between which so many others lie are looked up one by one.
    private static let sparseness: Int64 = 4

    /// Reads the messages among `uids`, which lie close together, the agent's own flags of them in one go instead of one
    /// by one. `nil`: their numbers are scattered, so that this would cost more; else whether to go on.
    func eachPlainMessage(
        of uids: ArraySlice<UInt32>, in view: MailboxView, _ body: (MessageRow) throws -> Bool
    ) throws -> Bool? {
        guard let first = uids.first, let last = uids.last, uids.count > 16,
            try isDense(first, last, uids.count, view)
        else { return nil }
        let span = Self.sparseness * Int64(uids.count)
        var plain: [Plain] = []
        plain.reserveCapacity(uids.count)
        var next = uids.startIndex
        try connection.query(
            """
            SELECT e.uid, e.message_id, e.modseq, m.flags, m.keywords, m.ticket_id, e.pool_id
              FROM entry e JOIN message m ON m.id = e.message_id
             WHERE e.mailbox_id = \(view.mailbox) AND e.pool_id IN (\(list: view.pools))
               AND e.uid BETWEEN \(first) AND \(last) ORDER BY e.uid
            """
        ) { row in
            let uid = UInt32(truncatingIfNeeded: row.integer(0))
            while next < uids.endIndex, uids[next] < uid { next += 1 }
            guard next < uids.endIndex, uids[next] == uid else { return }
            plain.append(
                Plain(
                    uid: uid, message: row.integer(1), modSequence: row.integer(2), flags: row.integer(3),
                    keywords: row.optionalText(4), ticket: row.optionalInteger(5), pool: row.integer(6)))
        }
        // Those in between may lie elsewhere.
        let low = plain.lazy.map(\.message).min() ?? 0
        let high = plain.lazy.map(\.message).max() ?? 0
        guard high - low <= span else { return nil }
        var own = try OwnFlags(of: view.agent, low...high, connection)
        var row = MessageRow()
        for message in plain {
            row.uid = message.uid
            row.message = MessageKey(rawValue: message.message)
            row.sharedModSequence = message.modSequence
            row.ticket = message.ticket.map(TicketNumber.init(rawValue:))
            row.setPool(message.pool)
            let personal = own.flags(of: message.message)
            row.personalModSequence = personal?.modSequence ?? 0
            let flags = personal?.flags ?? view.flagsOfOld(row)
            row.setFlags(message.flags, own: flags, keywords: message.keywords)
            guard try body(row) else { return false }
        }
        return true
    }

    /// Whether the numbers of the messages at both ends say that not many others lie between.
    private func isDense(_ first: UInt32, _ last: UInt32, _ count: Int, _ view: MailboxView) throws -> Bool {
        let low = try connection.integer(
            "SELECT message_id FROM entry WHERE mailbox_id = \(view.mailbox) AND uid >= \(first) ORDER BY uid LIMIT 1")
        let high = try connection.integer(
            "SELECT message_id FROM entry WHERE mailbox_id = \(view.mailbox) AND uid <= \(last) ORDER BY uid DESC LIMIT 1")
        guard let low, let high else { return true }
        return abs(high - low) <= Self.sparseness * Int64(count)
    }
}

extension MailboxView {
    /// What counts where the agent has set no flags: as `personalFlags` of a statement says.
    fileprivate func flagsOfOld(_ row: MessageRow) -> Int64 {
        row.message <= joinedAfter || row.isCard ? Flags.seen.rawValue : 0
    }
}

/// An agent's own flags of some messages, read in one range.
private struct OwnFlags {
    private var messages: [Int64] = []
    private var values: [(flags: Int64, modSequence: Int64)] = []
    private var place = 0

    init(of agent: AgentID, _ wanted: ClosedRange<Int64>, _ connection: any SQLConnection) throws {
        messages.reserveCapacity(wanted.count)
        values.reserveCapacity(wanted.count)
        try connection.query(
            """
            SELECT message_id, flags, modseq FROM agent_message
             WHERE agent_id = \(agent) AND message_id BETWEEN \(wanted.lowerBound) AND \(wanted.upperBound)
             ORDER BY message_id
            """
        ) { row in
            messages.append(row.integer(0))
            values.append((row.integer(1), row.integer(2)))
        }
    }

    /// Quickest in ascending order.
    mutating func flags(of message: Int64) -> (flags: Int64, modSequence: Int64)? {
        if place > 0, messages[place - 1] >= message { place = firstPlace(of: message) }
        while place < messages.count, messages[place] < message { place += 1 }
        guard place < messages.count, messages[place] == message else { return nil }
        return values[place]
    }

    private func firstPlace(of message: Int64) -> Int {
        var (low, high) = (0, messages.count)
        while low < high {
            let middle = low + (high - low) / 2
            if messages[middle] < message { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
