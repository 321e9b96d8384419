import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

/// Taking cases apart and joining them (FEATURES S10, S44), and deleting them (S49).
@Suite struct RefilingTests {
    private static let opening = CaseOpening(host: DeskFixture.host, cryptography: FixedCryptography())

    /// Two cases of Jan, the first of two mails.
    private static func prepareTwo(_ desk: DeskFixture) async throws -> (Int64, Int64) {
        let first = try await desk.open(TestMail(subject: "First", id: "a@customer.example"))
        try await desk.receive(
            TestMail(subject: "Re: First", id: "b@customer.example", inReplyTo: "a@customer.example").octets,
            to: ["help@acme.example"])
        let second = try await desk.open(TestMail(subject: "Second", id: "c@customer.example"))
        return (first, second)
    }

    @discardableResult
    private static func work<R: Sendable>(
        _ desk: DeskFixture, _ body: @escaping @Sendable (CaseWork) throws -> R
    ) async throws -> R {
        let (roster, now) = (desk.roster.current, desk.clock.now)
        do {
            return try await desk.store.write { (transaction: Transaction) in
                try body(CaseWork(transaction, roster: roster, now: now))
            }
        } catch {
            throw error.cause ?? error
        }
    }

    private static func merge(
        _ number: Int64, into other: Int64, as login: String, anyway: Bool = false, _ desk: DeskFixture
    ) async throws {
        let agent = desk.agent(login)
        try await work(desk) {
            _ = try $0.merge(
                TicketNumber(rawValue: number), into: TicketNumber(rawValue: other), by: agent, anyway: anyway,
                host: DeskFixture.host)
        }
    }

    private static func unmerge(_ number: Int64, as login: String, _ desk: DeskFixture) async throws {
        let agent = desk.agent(login)
        try await work(desk) { _ = try $0.unmerge(TicketNumber(rawValue: number), by: agent) }
    }

    private static func split(
        _ messages: [Int64], from number: Int64, as login: String, _ desk: DeskFixture
    ) async throws -> Int64 {
        let agent = desk.agent(login)
        return try await work(desk) {
            try $0.split(
                messages.map(MessageKey.init(rawValue:)), from: TicketNumber(rawValue: number), by: agent, with: opening
            ).ticket.number.rawValue
        }
    }

    private static func delete(_ number: Int64, as login: String, _ desk: DeskFixture) async throws {
        let agent = desk.agent(login)
        try await work(desk) { try $0.delete(TicketNumber(rawValue: number), by: agent) }
    }

    // MARK: - Merging

    @Test func `what the receiving server wrote stays above the mark of the case, and a note stays marked`() async throws {
        try await DeskFixture.run { desk in
            let (first, second) = try await Self.prepareTwo(desk)
            let note = TestMail(
                author: "anna@acme.example", from: "anna@acme.example", to: "note@acme.example", subject: "[#\(second)]",
                id: "n@annas-laptop.local", body: "Think.\r\n")
            try await desk.send(note, as: "anna@acme.example", to: ["note@acme.example"])
            try await Self.merge(second, into: first, as: "anna@acme.example", desk)
            let filed = try await desk.messages(first).suffix(2)
            let mail = try #require(filed.first { $0.kind == .inbound }).header
            let names = mail.split(separator: "\r\n").filter { $0.first != "\t" && $0.first != " " }
                .map { String($0.prefix { $0 != ":" }) }
            #expect(names.prefix(3) == ["Return-Path", "Received", "X-Stempel-Case"], "\(mail)")
            #expect(names.count { $0 == "Received" } == 1 && names.count { $0 == "X-Stempel-Case" } == 1)
            #expect(mail.field("X-Stempel-Case") == "\(first)")
            #expect(filed.first { $0.kind == .note }?.header.field("X-Stempel-Note") == "internal")
        }
    }

    @Test func `a merged case lies in the other with its stamp and its thread, and leads there`() async throws {
        try await DeskFixture.run { desk in
            let (first, second) = try await Self.prepareTwo(desk)
            try await desk.decide(.take, second, as: "anna@acme.example")
            try await Self.merge(first, into: second, as: "anna@acme.example", desk)
            #expect(try await desk.ticket(first).mergedInto?.rawValue == second)
            let messages = try await desk.messages(second)
            #expect(messages.count == 3)
            let root = try #require(try await desk.ticket(second).rootMessageID(host: DeskFixture.host))
            for message in messages {
                #expect(message.header.field("Subject")?.contains("[#\(second)]") == true)
                #expect(message.header.field("References")?.hasPrefix(root.description) == true)
                #expect(message.header.field("X-Stempel-Case") == "\(second)")
            }
            #expect(messages.last?.header.field("Subject") == "Re: [#\(second)] [#\(first)] First")
            // Both a reply in the old thread and the old stamp lead to the case that is left.
            try await desk.receive(
                TestMail(subject: "Re: First", inReplyTo: "b@customer.example", body: "x\r\n").octets,
                to: ["help@acme.example"])
            try await desk.receive(
                TestMail(subject: "[#\(first)] once more", body: "y\r\n").octets, to: ["help@acme.example"])
            #expect(try await desk.messages(second).count == 5)
            #expect(try await desk.number("SELECT max(id) FROM ticket") == second)
            #expect(try await desk.place(second) == "inbox anna@acme.example")
            #expect(try await desk.events(first).contains(.merged))
            #expect(try await desk.events(second).contains(.merged))
        }
    }

    @Test func `the undo of a merge restores messages, places and status, and leaves what came since`() async throws {
        try await DeskFixture.run { desk in
            let (first, second) = try await Self.prepareTwo(desk)
            try await desk.decide(.setStatus(.waiting), second, as: "anna@acme.example")
            try await Self.merge(first, into: second, as: "anna@acme.example", desk)
            // It took in a case that needs somebody.
            #expect(try await desk.place(second) == "inbox anna@acme.example")
            try await desk.receive(
                TestMail(subject: "[#\(first)] later", body: "y\r\n").octets, to: ["help@acme.example"])
            try await Self.unmerge(first, as: "anna@acme.example", desk)
            #expect(try await desk.place(first) == "new")
            #expect(try await desk.messages(first).count == 2)
            #expect(try await desk.messages(second).count == 2)
            #expect(try await desk.ticket(first).status == .new)
            #expect(try await desk.place(second) == "waiting anna@acme.example")
            #expect(try await desk.number("SELECT count(*) FROM ticket_merge") == 0)
            #expect(try await desk.events(first).suffix(1) == [.unmerged])
            // And once more, as if nothing had been.
            try await Self.merge(first, into: second, as: "anna@acme.example", desk)
            try await Self.unmerge(first, as: "anna@acme.example", desk)
            #expect(try await desk.messages(first).count == 2)
        }
    }

    @Test func `a case that took one in can go into a third, and the chain leads to its end`() async throws {
        try await DeskFixture.run { desk in
            let (first, second) = try await Self.prepareTwo(desk)
            let third = try await desk.open(TestMail(subject: "Third", id: "d@customer.example"))
            try await Self.merge(first, into: second, as: "anna@acme.example", desk)
            try await Self.merge(second, into: third, as: "anna@acme.example", desk)
            #expect(try await desk.messages(third).count == 4)
            try await desk.receive(
                TestMail(subject: "[#\(first)] more", body: "z\r\n").octets, to: ["help@acme.example"])
            #expect(try await desk.messages(third).count == 5)
            await #expect(throws: CaseRefusal.self) { try await Self.unmerge(first, as: "anna@acme.example", desk) }
            try await Self.unmerge(second, as: "anna@acme.example", desk)
            try await Self.unmerge(first, as: "anna@acme.example", desk)
            #expect(try await desk.messages(first).count == 2)
            #expect(try await desk.messages(second).count == 1)
            #expect(try await desk.messages(third).count == 2)
        }
    }

    @Test func `cases of different customers join only anyway, by a supervisor of both pools`() async throws {
        try await DeskFixture.run { desk in
            let jans = try await desk.open()
            let eves = try await desk.open(.stranger())
            let returns = try await desk.open(.stranger(subject: "Else"), to: ["returns@acme.example"])
            for (login, other, anyway) in [
                ("anna@acme.example", eves, false), ("anna@acme.example", eves, true),
                ("sue@acme.example", eves, false), ("sue@acme.example", returns, true),
            ] {
                await #expect(throws: CaseRefusal.self) {
                    try await Self.merge(jans, into: other, as: login, anyway: anyway, desk)
                }
            }
            try await Self.merge(jans, into: eves, as: "sue@acme.example", anyway: true, desk)
            try await Self.merge(eves, into: returns, as: "ada@acme.example", anyway: true, desk)
            #expect(try await desk.messages(returns).count == 3)
            #expect(try await desk.number("SELECT count(*) FROM participant WHERE ticket_id = \(returns)") == 2)
        }
    }

    @Test func `nothing goes into itself, into what went elsewhere, or out of what it is not in`() async throws {
        try await DeskFixture.run { desk in
            let (first, second) = try await Self.prepareTwo(desk)
            await #expect(throws: CaseRefusal.self) {
                try await Self.merge(first, into: first, as: "anna@acme.example", desk)
            }
            await #expect(throws: CaseRefusal.self) { try await Self.unmerge(first, as: "anna@acme.example", desk) }
            try await Self.merge(first, into: second, as: "anna@acme.example", desk)
            await #expect(throws: CaseRefusal.self) {
                try await Self.merge(second, into: first, as: "anna@acme.example", desk)
            }
            await #expect(throws: CaseRefusal.self) { try await desk.decide(.take, first, as: "anna@acme.example") }
        }
    }

    @Test func `tags, readers and followers go into the other case, and tags out again`() async throws {
        try await DeskFixture.run { desk in
            let (first, second) = try await Self.prepareTwo(desk)
            let (anna, bob) = (desk.agent("anna@acme.example"), desk.agent("bob@acme.example"))
            let read = try await desk.messages(first)[0].key
            try await Self.work(desk) { work in
                try work.transaction.setTags(["urgent", "Both"], of: TicketNumber(rawValue: first), at: work.modSequence())
                try work.transaction.setTags(["both"], of: TicketNumber(rawValue: second), at: work.modSequence())
                try work.transaction.markSeen(
                    MessageKey(rawValue: read), by: anna, at: work.modSequence())
                try work.setFollowing(true, TicketNumber(rawValue: first), by: bob)
            }
            try await Self.merge(first, into: second, as: "anna@acme.example", desk)
            #expect(try await desk.texts("SELECT tags FROM ticket WHERE id = \(second)") == ["both urgent"])
            #expect(
                try await desk.number(
                    """
                    SELECT count(*) FROM agent_message a JOIN message m ON m.id = a.message_id
                     WHERE m.ticket_id = \(second) AND a.agent_id = \(anna) AND a.flags & 1 = 1
                    """) == 1)
            let followed = try #require(desk.roster.current.mailbox(.followed(bob)))
            #expect(try await desk.number("SELECT count(*) FROM entry WHERE mailbox_id = \(followed)") == 3)
            try await Self.unmerge(first, as: "anna@acme.example", desk)
            #expect(try await desk.texts("SELECT tags FROM ticket WHERE id = \(second)") == ["both"])
        }
    }

    // MARK: - Splitting

    @Test func `a split message becomes a case that inherits and is linked, and both say so`() async throws {
        try await DeskFixture.run { desk in
            let (first, _) = try await Self.prepareTwo(desk)
            try await desk.decide(.take, first, as: "anna@acme.example")
            let message = try await desk.messages(first)[1].key
            let new = try await Self.split([message], from: first, as: "anna@acme.example", desk)
            let ticket = try await desk.ticket(new)
            #expect((ticket.status, ticket.assignee) == (.new, desk.agent("anna@acme.example")))
            #expect(try await desk.place(new) == "inbox anna@acme.example")
            #expect(try await desk.messages(first).count == 1)
            let header = try #require(try await desk.messages(new).first).header
            #expect(header.field("Subject") == "Re: [#\(new)] [#\(first)] First")
            #expect(try await desk.texts("SELECT subject FROM ticket WHERE id = \(new)") == ["Re: First"])
            #expect(try await desk.events(first).contains(.split))
            #expect(try await desk.events(new) == [.opened, .assigned, .split])
            #expect(try await desk.number("SELECT count(*) FROM ticket_link WHERE ticket_id = \(first)") == 1)
            // The thread of that mail goes on in its new case.
            try await desk.receive(
                TestMail(subject: "Re: First", inReplyTo: "b@customer.example", body: "x\r\n").octets,
                to: ["help@acme.example"])
            #expect(try await desk.messages(new).count == 2)
        }
    }

    @Test func `a case is not split to nothing, nor by a stranger of its pool`() async throws {
        try await DeskFixture.run { desk in
            let (first, second) = try await Self.prepareTwo(desk)
            let all = try await desk.messages(first).map(\.key)
            let others = try await desk.messages(second).map(\.key)
            await #expect(throws: CaseRefusal.self) {
                _ = try await Self.split(all, from: first, as: "anna@acme.example", desk)
            }
            await #expect(throws: CaseRefusal.self) {
                _ = try await Self.split(others, from: first, as: "anna@acme.example", desk)
            }
            let returns = try await desk.open(TestMail(subject: "R", body: "r\r\n"), to: ["returns@acme.example"])
            let message = try await desk.messages(returns)[0].key
            await #expect(throws: CaseRefusal.self) {
                _ = try await Self.split([message], from: returns, as: "anna@acme.example", desk)
            }
        }
    }

    @Test func `an unwanted mail in a case that we answered goes to Spam by itself`() async throws {
        try await DeskFixture.run { desk in
            let number = try await desk.open(TestMail(id: "a@customer.example"))
            try await desk.send(
                TestMail(from: "anna@acme.example", inReplyTo: "a@customer.example"), as: "anna@acme.example",
                to: ["jan@customer.example"])
            try await desk.receive(
                TestMail.stranger(inReplyTo: "a@customer.example").octets, from: "eve@elsewhere.example",
                to: ["help@acme.example"])
            let messages = try await desk.messages(number)
            let (anna, opening) = (desk.agent("anna@acme.example"), Self.opening)
            let (eves, ours) = (MessageKey(rawValue: messages[2].key), MessageKey(rawValue: messages[1].key))
            await #expect(throws: CaseRefusal.self) {
                try await Self.work(desk) {
                    try $0.moveToSpam([ours, eves], of: TicketNumber(rawValue: number), by: anna, with: opening)
                }
            }
            let moved = try await Self.work(desk) {
                try $0.moveToSpam([eves], of: TicketNumber(rawValue: number), by: anna, with: opening)
            }
            #expect(moved.count == 1)
            #expect(try await desk.messages(number).count == 2)
            #expect(try await desk.place(number + 1) == "spam")
            #expect(
                try await desk.texts(
                    """
                    SELECT a.identity FROM participant p JOIN address a ON a.id = p.address_id
                     WHERE p.ticket_id = \(number + 1)
                    """) == ["eve@elsewhere.example"])
        }
    }

    // MARK: - Deleting

    private static func deletable() -> DeskDefinition {
        var definition = DeskDefinition.example
        for index in definition.agents.indices where definition.agents[index].name == "Sue" {
            definition.agents[index].rights = [.delete]
        }
        return definition
    }

    @Test func `a deleted case is in Trash alone until it is had back or purged, and all of it is told`() async throws {
        try await DeskFixture.run(Self.deletable()) { desk in
            let number = try await desk.open(TestMail(subject: "Delete me"))
            await #expect(throws: CaseRefusal.self) { try await Self.delete(number, as: "anna@acme.example", desk) }
            try await Self.delete(number, as: "sue@acme.example", desk)
            #expect(try await desk.place(number) == "trash sue@acme.example")
            #expect(try await desk.number("SELECT count(*) FROM entry") == 1)
            try await desk.decide(.take, number, as: "sue@acme.example")
            #expect(try await desk.place(number) == "inbox sue@acme.example")
            #expect(try await desk.number("SELECT count(*) FROM timer") == 0)
            try await Self.delete(number, as: "sue@acme.example", desk)
            let due = try await desk.number("SELECT due_at FROM timer WHERE kind = \(TimerKind.trashPurge)")
            #expect(due == (desk.clock.now + .seconds(30 * 86400)).microseconds)
            #expect(
                try await desk.texts("SELECT reason FROM event WHERE kind = \(EventKind.trashed) AND agent_id IS NOT NULL")
                    == ["Delete me", "Delete me"])
            #expect(
                try await desk.texts("SELECT reason FROM event WHERE kind = \(EventKind.restored)") == ["Delete me"])
        }
    }

    @Test func `a purge takes octets and index entries, and leaves number and events`() async throws {
        try await DeskFixture.run(Self.deletable()) { desk in
            let number = try await desk.open(TestMail(subject: "Delete me", id: "a@customer.example"))
            try await desk.send(
                TestMail(from: "sue@acme.example", inReplyTo: "a@customer.example"), as: "sue@acme.example",
                to: ["jan@customer.example"])
            let kept = try await desk.open(TestMail(subject: "Keep me", body: "kept\r\n"))
            try await Self.delete(number, as: "sue@acme.example", desk)
            try await Self.work(desk) { try $0.purgeTrashed(TicketNumber(rawValue: number)) }
            #expect(try await desk.messages(number).isEmpty)
            // What is still to be delivered needs its octets.
            #expect(try await desk.number("SELECT count(*) FROM content") == 2)
            try await desk.store.write { (transaction: Transaction) in
                try transaction.connection.run("UPDATE delivery SET next_attempt_at = NULL")
                try transaction.removeSubmissions(of: TicketNumber(rawValue: number))
            }
            #expect(try await desk.number("SELECT count(*) FROM content") == 1)
            let tables: [(SQL, Int64)] = [("message", 1), ("message_text", 1), ("message_key", 1), ("entry", 3)]
            for (table, left) in tables { #expect(try await desk.number("SELECT count(*) FROM \(table)") == left) }
            #expect(try await desk.events(number).suffix(2) == [.trashed, .purged])
            #expect(try await desk.ticket(number).number.rawValue == number)
            #expect(try await desk.texts("SELECT subject FROM ticket WHERE id = \(number)") == [""])
            #expect(try await desk.messages(kept).count == 1)
        }
    }

    @Test func `a case of many mails is purged piece by piece`() async throws {
        try await DeskFixture.run(Self.deletable()) { desk in
            let number = try await desk.open(TestMail(id: "m0@customer.example"))
            for index in 1...60 {
                try await desk.receive(
                    TestMail(id: "m\(index)@customer.example", inReplyTo: "m0@customer.example", body: "\(index)\r\n")
                        .octets, to: ["help@acme.example"])
            }
            try await Self.delete(number, as: "sue@acme.example", desk)
            try await Self.work(desk) { try $0.purgeTrashed(TicketNumber(rawValue: number)) }
            #expect(try await desk.messages(number).count == 11)
            #expect(try await desk.number("SELECT due_at FROM timer") == desk.clock.now.microseconds)
            try await Self.work(desk) { try $0.purgeTrashed(TicketNumber(rawValue: number)) }
            #expect(try await desk.messages(number).isEmpty)
            // A customer who writes once more is heard.
            try await desk.receive(
                TestMail(subject: "[#\(number)] hello?", body: "x\r\n").octets, to: ["help@acme.example"])
            #expect(try await desk.number("SELECT max(id) FROM ticket") == number + 1)
        }
    }

    @Test func `where deleting means done, it does so for those without the right`() async throws {
        var definition = DeskDefinition.example
        definition.pools[0].deleteMeans = .done
        try await DeskFixture.run(definition) { desk in
            let number = try await desk.open()
            try await Self.delete(number, as: "anna@acme.example", desk)
            #expect(try await desk.place(number) == "done anna@acme.example")
        }
    }
}
