import Desk
import Gateway
import MailTypes
import Storage
import StorageSQLite
import Synchronization
import TestKit
import Testing

/// Statements that no other module's tests reach, over a real database.
@Suite struct TransactionTests {
    private let directory = TemporaryDirectory()
    private let feed = ChangeFeed()
    private let store: Store

    init() throws {
        store = Store(
            try SQLiteDatabase(path: directory.file("desk.sqlite"), migrator: Migrator(Schema.migrations)), feed: feed)
    }

    private func number(_ sql: SQL) async throws -> Int64 {
        try await store.read { (transaction: Transaction) in try transaction.connection.integer(sql) ?? -1 }
    }

    @Test func `a UIDVALIDITY is greater than the last and not before now`() async throws {
        let taken = try await store.write { (transaction: Transaction) in
            try [1000, 1000, 999, 5000].map { try transaction.takeUIDValidity(at: Timestamp(seconds: $0)) }
        }
        #expect(taken == [1000, 1001, 1002, 5000])
    }

    @Test func `after a restore every mailbox is new and numbers skip`() async throws {
        let next = try await store.write { (transaction: Transaction) in
            _ = try transaction.takeTicketNumber()
            _ = try transaction.insertMailbox(
                .new, uidValidity: transaction.takeUIDValidity(at: Timestamp(seconds: 10)))
            _ = try transaction.insertAgent(login: "anna")
            let validity = try transaction.takeUIDValidity(at: Timestamp(seconds: 20))
            try transaction.renewAfterRestore(uidValidity: validity, skippingNumbers: 1000)
            return try transaction.takeTicketNumber()
        }
        #expect(next == TicketNumber(rawValue: 1002))
        #expect(try await number("SELECT uid_validity FROM mailbox") == 20)
        #expect(try await number("SELECT view_validity FROM agent") == 20)
    }

    @Test func `a settled mail of which nothing is to stay goes, and its number is given to no other`() async throws {
        @Sendable func enqueue(_ transaction: Transaction) throws -> SubmissionID {
            let octets = Array("Subject: x\r\n\r\nsecret words\r\n".utf8)
            let recipient = try #require(EmailAddress("jan@customer.example"))
            return try transaction.enqueue(
                NewSubmission(
                    ticket: nil, message: nil, agent: nil, content: try transaction.insertContent(octets, headerSize: 14),
                    bodyOffset: 14, header: Array(octets.prefix(14)), reversePath: nil, recipients: [recipient],
                    isEightBit: false, needsSMTPUTF8: false, acceptedAt: Timestamp(seconds: 1), expiresAt: Timestamp(seconds: 2)))
        }
        let (first, second, third) = try await store.write { (transaction: Transaction) in
            let first = try enqueue(transaction)
            try transaction.connection.run("UPDATE delivery SET state = 'delivered', next_attempt_at = NULL")
            try transaction.dropSettled(first)
            let second = try enqueue(transaction)
            try transaction.connection.run("UPDATE delivery SET state = 'delivered', next_attempt_at = NULL")
            try transaction.dropSettled(second)
            return (first, second, try enqueue(transaction))
        }
        #expect(Set([first, second, third]).count == 3)
        // Of the first nothing is left, of the second an empty row.
        #expect(try await number("SELECT count(*) FROM submission WHERE id = \(first)") == 0)
        #expect(try await number("SELECT count(*) FROM delivery WHERE recipient = 'nobody@invalid'") == 1)
        #expect(try await number("SELECT count(*) FROM content WHERE size > 0") == 1)
    }

    @Test func `the sweep takes what nobody finished and leaves what is under way or filed`() async throws {
        let swept = try await store.write { (transaction: Transaction) in
            for (seconds, isFiled) in [(Int64(10), false), (10, true), (100, false)] {
                let content = try transaction.beginStaging(at: Timestamp(seconds: seconds))
                try transaction.stage([1, 2, 3], ordinal: 0, of: content)
                try transaction.stage([4], ordinal: 1, of: content)
                if isFiled { try transaction.commitStaged(content, size: 4, headerSize: 0) }
            }
            return try transaction.sweep(stagedBefore: Timestamp(seconds: 50), expungedBefore: Timestamp(seconds: 50))
        }
        #expect(swept == 1)
        #expect(try await number("SELECT count(*) FROM content") == 2)
        #expect(try await number("SELECT count(*) FROM content_chunk") == 4)
    }

    @Test func `filed content is not dropped, whoever asks`() async throws {
        try await store.write { (transaction: Transaction) in
            let content = try transaction.beginStaging(at: Timestamp(seconds: 1))
            try transaction.stage([1], ordinal: 0, of: content)
            try transaction.commitStaged(content, size: 1, headerSize: 0)
            try transaction.dropStaged(content)
        }
        #expect(try await number("SELECT count(*) FROM content_chunk") == 1)
    }

    @Test func `every kind of system mailbox is read back as it was written`() async throws {
        let read = try await store.write { (transaction: Transaction) in
            let anna = try transaction.insertAgent(login: "anna")
            let kinds: [MailboxKind] = [
                .inbox(anna), .next(anna), .waiting(anna), .done(anna), .closed(anna), .drafts(anna), .sent(anna),
                .templates(anna), .trash(anna), .new, .spam, .group(GroupID(rawValue: 3)), .pool(PoolID(rawValue: 4)),
            ]
            let written = try kinds.map { ($0, try transaction.insertMailbox($0, uidValidity: 1)) }
            return (written, try transaction.systemMailboxes())
        }
        #expect(read.1 == Dictionary(uniqueKeysWithValues: read.0))
    }

    @Test func `tags are of the case and of each of its messages`() async throws {
        try await store.write { (transaction: Transaction) in
            let ticket = try Self.ticket(in: transaction)
            let new = ticket.mailbox
            let sequence = try transaction.takeModSequence()
            let key = try Self.message(of: ticket, in: transaction, at: sequence)
            _ = try transaction.enter([key], into: new, pool: ticket.pool, at: sequence, now: Timestamp(seconds: 1))
            let later = try transaction.takeModSequence()
            try transaction.setTags(["refund", "vip"], of: ticket.number, at: later)
            #expect(try transaction.tags(of: ticket.number) == ["refund", "vip"])
            #expect(try transaction.connection.integer("SELECT modseq FROM entry") == later.number)
            #expect(try transaction.connection.integer("SELECT modseq_highest FROM mailbox_pool") == later.number)
            try transaction.setTags([], of: ticket.number, at: later)
            #expect(try transaction.tags(of: ticket.number) == [])
            #expect(try !transaction.connection.exists("SELECT 1 FROM message WHERE keywords IS NOT NULL"))
        }
    }

    @Test func `entering and leaving keep UIDs ascending and gone ones gone`() async throws {
        try await store.write { (transaction: Transaction) in
            let ticket = try Self.ticket(in: transaction)
            let sequence = try transaction.takeModSequence()
            let keys = try (0..<3).map { _ in try Self.message(of: ticket, in: transaction, at: sequence) }
            let (box, pool, now) = (ticket.mailbox, ticket.pool, Timestamp(seconds: 1))
            let first = try transaction.enter(keys, into: box, pool: pool, at: sequence, now: now)
            #expect(first == [UID(1), UID(2), UID(3)])
            #expect(try transaction.leave([keys[1]], from: box, at: sequence, now: now) == [UID(2)])
            #expect(try transaction.leave([keys[1]], from: box, at: sequence, now: now) == [])
            #expect(try transaction.enter([keys[1]], into: box, pool: pool, at: sequence, now: now) == [UID(4)])
            #expect(try transaction.enter([], into: box, pool: pool, at: sequence, now: now) == [])
            #expect(try transaction.connection.integer("SELECT messages FROM mailbox_pool") == 3)
            #expect(try transaction.connection.integer("SELECT uid_highest FROM mailbox_pool") == 4)
        }
    }

    @Test func `UIDs do not run over`() async throws {
        await #expect(throws: StoreFailure.self) {
            try await store.write { (transaction: Transaction) in
                let ticket = try Self.ticket(in: transaction)
                let sequence = try transaction.takeModSequence()
                let key = try Self.message(of: ticket, in: transaction, at: sequence)
                try transaction.connection.run("UPDATE mailbox SET uid_next = 4294967295")
                _ = try transaction.enter(
                    [key], into: ticket.mailbox, pool: ticket.pool, at: sequence, now: Timestamp(seconds: 1))
            }
        }
    }

    // MARK: - The feed

    @Test func `the feed hears of what was committed and of nothing else`() async throws {
        let heard = Mutex<[Set<MailboxID>]>([])
        let subscription = feed.subscribe { change in heard.withLock { $0.append(change.mailboxes) } }
        defer { feed.cancel(subscription) }
        try await store.write { (transaction: Transaction) in
            transaction.note(Change(mailboxes: [MailboxID(rawValue: 1)]))
            transaction.note(Change(mailboxes: [MailboxID(rawValue: 2)]))
        }
        await #expect(throws: StoreFailure.self) {
            try await store.write { (transaction: Transaction) in
                transaction.note(Change(mailboxes: [MailboxID(rawValue: 3)]))
                throw StoreFailure(.rejected)
            }
        }
        try await store.write { (_: Transaction) in }
        #expect(heard.withLock { $0 } == [[MailboxID(rawValue: 1), MailboxID(rawValue: 2)]])
    }

    // MARK: - Rows

    private static func ticket(in transaction: Transaction) throws -> Ticket {
        let pool = PoolID(rawValue: try transaction.insertPart(.pool, name: "Help"))
        let new = try transaction.insertMailbox(.new, uidValidity: 1)
        let ticket = Ticket(
            number: try transaction.takeTicketNumber(), pool: pool, status: .new, assignee: nil, group: nil,
            mailbox: new, customer: nil, address: nil, rootToken: "token", openedAt: Timestamp(seconds: 1),
            statusSince: Timestamp(seconds: 1))
        try transaction.insert(ticket, subject: "x")
        return ticket
    }

    private static func message(
        of ticket: Ticket, in transaction: Transaction, at sequence: ModSequence
    ) throws -> MessageKey {
        let content = try transaction.insertContent(Array("A: b\r\n\r\nbody".utf8), headerSize: 8)
        return try transaction.insert(
            NewMessage(
                ticket: ticket.number, kind: .inbound, pool: ticket.pool, content: content, bodyOffset: 8,
                contentSize: 12, header: Array("A: b\r\n\r\n".utf8), envelope: [], structure: [],
                keys: SortKeys(), internalDate: Timestamp(seconds: 1), sentAt: nil, modSequence: sequence, messageID: nil))
    }
}
