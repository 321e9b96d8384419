import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

/// Customers: who an address belongs to, which cases are whose, and erasing one.
@Suite struct CustomerTests {
    private func customer(of ticket: Int64, _ desk: DeskFixture) async throws -> CustomerID? {
        try await desk.ticket(ticket).customer
    }

    private func work(_ desk: DeskFixture, _ body: @escaping @Sendable (CustomerWork) throws -> Void) async throws {
        let (agent, now) = (desk.agent("ada@acme.example"), desk.clock.now)
        try await desk.store.write { (transaction: Transaction) in
            try body(CustomerWork(transaction, by: agent, now: now))
        }
    }

    private func mail(_ name: String, _ subject: String) -> TestMail {
        TestMail(
            author: "\(name)@customer.example", from: "\(name) <\(name)@customer.example>", subject: subject,
            id: "\(subject)@customer.example")
    }

    @Test func `a case goes to another customer with its address, and with earlier cases where that is wanted`()
        async throws
    {
        try await DeskFixture.run { desk in
            for (name, subject) in [("eva", "a"), ("jan", "b"), ("jan", "c"), ("jan", "d")] {
                _ = try await desk.open(mail(name, subject))
            }
            let eva = try #require(try await customer(of: 1, desk))
            try await work(desk) { try $0.attach(TicketNumber(rawValue: 3), to: eva, withEarlier: false) }
            // The address went over, and nobody was left: the rest is hers, too.
            let customers = try await desk.texts("SELECT DISTINCT customer_id || '' FROM ticket")
            #expect(customers == [eva.description])
            #expect(try await desk.number("SELECT count(*) FROM address WHERE customer_id = \(eva)") == 2)
            #expect(try await desk.events(3).contains(.customerChanged))
            let joined = try await desk.number(
                "SELECT count(*) FROM customer WHERE joined_into = \(eva) AND name IS NULL")
            #expect(joined == 1)
            // What comes now is of the customer who took over.
            #expect(try await customer(of: try await desk.open(mail("jan", "e")), desk) == eva)
        }
    }

    @Test func `earlier cases go along only where that is wanted`() async throws {
        try await DeskFixture.run { desk in
            for (name, subject) in [("jan", "a"), ("jan", "b"), ("jan", "c")] {
                _ = try await desk.open(mail(name, subject))
            }
            let jan = try #require(try await customer(of: 1, desk))
            try await work(desk) { _ = try $0.detach(TicketNumber(rawValue: 2), withEarlier: false) }
            #expect(try await customer(of: 1, desk) == jan)
            #expect(try await customer(of: 2, desk) != jan)
            #expect(try await customer(of: 3, desk) == jan)
            // The only address stays with the customer.
            #expect(try await desk.number("SELECT count(*) FROM address WHERE customer_id = \(jan)") == 1)
            try await work(desk) { _ = try $0.detach(TicketNumber(rawValue: 3), withEarlier: true) }
            let (first, third) = (try await customer(of: 1, desk), try await customer(of: 3, desk))
            #expect(first == third)
            #expect(try await customer(of: 1, desk) != jan)
        }
    }

    @Test func `a name is found by its letters, whatever marks they have`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(
                TestMail(
                    author: "z@customer.example",
                    from: "=?utf-8?q?=C5=81ukasz_=C5=BB=C3=B3=C5=82w?= <z@customer.example>"))
            try await desk.store.write { (transaction: Transaction) in
                // As a database from before has it.
                try transaction.connection.run("UPDATE customer SET name_folded = NULL")
                #expect(try !transaction.foldCustomerNames(limit: 10))
            }
            for (text, count) in [("lukasz", 1), ("zolw", 1), ("z@customer", 1), ("nobody", 0)] {
                let found = try await desk.store.read { (transaction: Transaction) in
                    try transaction.customers(holding: [text], below: nil, limit: 10).count
                }
                #expect(found == count, "\(text)")
            }
        }
    }

    @Test func `a customer has as many fields as one card can stand, and what is too much changes nothing`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(mail("jan", "a"))
            let jan = try #require(try await customer(of: 1, desk))
            let limit = CustomerField.ownLimit
            let most = (1...limit).map { (field: CustomerField.own("field \($0)"), value: String?.some("x")) }
            try await work(desk) { try $0.set(most, of: jan) }
            let bad: [[(field: CustomerField, value: String?)]] = [
                [(.firm, "ACME"), (.own("one more"), "x")], [(.firm, "ACME"), (.address, "nobody")],
                [(.firm, "ACME"), (.note, String(repeating: "x", count: CustomerField.longestValue + 1))],
            ]
            for values in bad {
                await #expect(throws: (any Error).self) { try await work(desk) { try $0.set(values, of: jan) } }
            }
            #expect(try await desk.number("SELECT count(*) FROM customer_field") == Int64(limit))
            #expect(try await desk.number("SELECT count(*) FROM customer WHERE firm IS NOT NULL") == 0)
            // In place of another there is room.
            try await work(desk) { try $0.set([(.own("FIELD 1"), nil), (.own("one more"), "x")], of: jan) }
            #expect(try await desk.number("SELECT count(*) FROM customer_field") == Int64(limit))
        }
    }

    // MARK: - Erasing

    private func erase(_ identity: String, _ desk: DeskFixture) async throws {
        let (roster, now) = (desk.roster.current, desk.clock.now)
        let deciders = Erasure.Deciders(
            admin: desk.agent("ada@acme.example"), supervisor: desk.agent("sue@acme.example"))
        let erasure = Erasure("e1", roster: roster, deciders: deciders, now: now)
        let found = try #require(
            try await desk.store.read { (transaction: Transaction) in try transaction.address(identity: identity) })
        let copies = try await desk.store.read { (transaction: Transaction) in
            try erasure.copies([found], [found.customer], in: transaction)
        }
        try await desk.store.write { (transaction: Transaction) in try erasure.drop(copies, in: transaction) }
        while try await !desk.store.write({ (transaction: Transaction) in
            try erasure.step([found], [found.customer], in: transaction)
        }) {}
        try await desk.store.write { (transaction: Transaction) in
            try erasure.finish([found], [found.customer], in: transaction)
        }
    }

    @Test func `numbers, statuses and times of an erased customer's cases stay, and nothing else`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(TestMail(id: "1@customer.example"))
            try await desk.decide(.take, 1, as: "anna@acme.example")
            _ = try await desk.open(mail("eva", "hers"))
            let before = try await desk.events(1)
            try await erase("jan@customer.example", desk)
            #expect(try await desk.ticket(1).status == .closed)
            let after = try await desk.events(1)
            #expect(Array(after.prefix(before.count)) == before)
            #expect(try await desk.messages(1).isEmpty)
            #expect(try await desk.messages(2).count == 1)
            for table: SQL in ["content", "message", "message_text", "message_key", "acceptance"] {
                #expect(try await desk.number("SELECT count(*) FROM \(table)") == 1)
            }
            let known = try await desk.texts(
                """
                SELECT identity FROM address UNION ALL SELECT coalesce(name, '') FROM customer
                UNION ALL SELECT subject FROM ticket UNION ALL SELECT coalesce(reason, '') FROM event
                """)
            #expect(!known.contains { $0.contains("jan") || $0.contains("Jan") || $0.contains("parcel") }, "\(known)")
            #expect(try await desk.number("SELECT count(*) FROM tombstone") >= 2)
            // Twice does no harm, and the audit names both who decided.
            let audited = try await desk.number(
                "SELECT count(*) FROM audit WHERE action = 'erase' AND agent_id <> second_agent_id")
            #expect(audited == 1)
        }
    }

    @Test func `an erased customer's mail in another's case goes, the case stays`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(mail("eva", "hers"))
            _ = try await desk.open(TestMail(id: "own@customer.example"))
            // A stranger in the thread: filed, unconfirmed.
            let reply = TestMail(subject: "Me too", id: "too@customer.example", inReplyTo: "<hers@customer.example>")
            #expect(try await desk.receive(reply.octets, to: ["help@acme.example"]) == 250)
            #expect(try await desk.messages(1).count == 2)
            try await erase("jan@customer.example", desk)
            #expect(try await desk.messages(1).count == 1)
            #expect(try await desk.ticket(1).status == .new)
        }
    }

    @Test func `cards, events, deliveries and notices elsewhere name an erased customer no more`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(mail("eva", "hers"))
            _ = try await desk.open(TestMail(subject: "A secret kettle", id: "own@customer.example"))
            let anna = "anna@acme.example"
            func order(_ line: String, _ ticket: Int64) async throws {
                let mail = TestMail(
                    author: anna, from: anna, to: "desk@acme.example", subject: "[#\(ticket)] order",
                    id: "\(ticket)\(line.count)@laptop.local", body: line + "\r\n")
                #expect(try await desk.send(mail, as: anna, to: ["desk@acme.example"]) == .accepted)
            }
            try await order("#cc jan@customer.example", 1)
            try await order("#find kettle", 1)
            let answer = TestMail(
                author: anna, from: anna, to: "eva@customer.example, jan@customer.example", subject: "[#1] Re: hers",
                id: "answer@laptop.local", inReplyTo: "hers@customer.example", body: "Well\r\n")
            #expect(try await desk.send(
                answer, as: anna, to: ["eva@customer.example", "jan@customer.example"]) == .accepted)
            try await desk.confirm(anna)
            try await desk.store.write { (transaction: Transaction) in
                try transaction.link(TicketNumber(rawValue: 1), with: TicketNumber(rawValue: 2))
                try transaction.connection.run("UPDATE delivery SET state = 'delivered', next_attempt_at = NULL")
            }
            let screens = CardScreens()
            try await desk.makeCards(screens)
            #expect(try await desk.cardText(of: 1).contains("secret kettle"))
            try await erase("jan@customer.example", desk)
            #expect(try await desk.messages(1).contains { $0.kind == .card } == false)
            let left = try await desk.texts(
                """
                SELECT coalesce(to_value, '') FROM event UNION ALL SELECT recipient FROM delivery
                UNION ALL SELECT recipients FROM client_copy UNION ALL SELECT spelling FROM address
                """)
            #expect(left.contains("erased") && !left.contains { $0.contains("jan@") }, "\(left)")
            #expect(left.contains { $0.contains("eva@") })
            #expect(try await desk.shown(.inbox(desk.agent(anna))).allSatisfy { !$0.body.contains("kettle") })
            desk.clock.advance(by: .seconds(60))
            try await desk.makeCards(screens)
            #expect(try await !desk.cardText(of: 1).contains("secret kettle"))
        }
    }

    // MARK: - How mail came in

    @Test func `each accepted mail leaves one row, a refused one none but that it was refused`() async throws {
        var definition = DeskDefinition.example
        definition.rules = [RuleDefinition(name: "no", when: .subject(.text("no")), then: [.reject("Not this")])]
        try await DeskFixture.run(definition) { desk in
            let mail = TestMail(subject: "a", id: "a@customer.example")
            let both = ["help@acme.example", "returns@acme.example"]
            #expect(try await desk.receive(mail.octets, to: both) == 250)
            #expect(try await desk.receive(mail.octets, to: both) == 250)
            let refused = TestMail(subject: "no", id: "no@customer.example")
            #expect(try await desk.receive(refused.octets, to: both) == 550)
            let rows = try await desk.texts(
                "SELECT peer || ' ' || recipients || ' ' || is_duplicate FROM acceptance ORDER BY id")
            #expect(
                rows == [
                    "192.0.2.1 help@acme.example returns@acme.example 0",
                    "192.0.2.1 help@acme.example returns@acme.example 1",
                ])
            let refusals = try await desk.texts("SELECT rfc_message_id || ' ' || reply FROM refusal")
            #expect(refusals.count == 1)
            #expect(
                refusals.first?.contains("no@customer.example") == true && refusals.first?.contains("Not this") == true)
        }
    }

    @Test func `a refusal tells how its connection was encrypted, where that was kept, and its cause`() async throws {
        try await DeskFixture.run { desk async throws -> Void in
            let log = RefusalLog(store: desk.store, clock: desk.clock)
            func note(_ helo: String, tls: String?, cause: String?) async throws {
                let origin = MailOrigin(
                    session: "S", peer: "192.0.2.9", helo: helo, tls: tls, agent: nil, reversePath: nil, recipients: [])
                log.note(origin, reply: .unknownRecipient, cause: cause)
                try await desk.store.write { (_: Transaction) in }
            }
            try await note("clear", tls: nil, cause: nil)
            try await note("secret", tls: "TLSv1.3 TLS_AES_256_GCM_SHA384", cause: "filter f")
            try await note("old", tls: nil, cause: nil)
            let host = try #require(IPAddress("192.0.2.9"))
            let found = try await desk.store.write { (transaction: Transaction) in
                // As a row of a release before is.
                try transaction.connection.run("UPDATE refusal SET tls = NULL WHERE helo = 'old'")
                return try transaction.refusals(from: host, limit: 10)
            }
            #expect(found.map(\.origin.encryption) == [.unknown, .tls("TLSv1.3 TLS_AES_256_GCM_SHA384"), .none])
            #expect(found.map(\.cause) == [nil, "filter f", nil])
        }
    }

    @Test func `refusals are kept for some days, and not too many`() async throws {
        try await DeskFixture.run { desk async throws -> Void in
            let log = RefusalLog(store: desk.store, clock: desk.clock)
            let origin = MailOrigin(
                session: "S", peer: "192.0.2.9", helo: "x", tls: nil, agent: nil, reversePath: nil,
                recipients: ["a@b.example"])
            func count() async throws -> Int64 {
                // Behind what was noted before.
                try await desk.store.write { (transaction: Transaction) in
                    try transaction.connection.integer("SELECT count(*) FROM refusal") ?? -1
                }
            }
            log.note(origin, reply: .unknownRecipient)
            #expect(try await count() == 1)
            desk.clock.advance(by: .seconds(15 * 86400))
            log.note(origin, reply: .unknownRecipient)
            #expect(try await count() == 1)
            // A flood is not written whole.
            for _ in 0..<5000 { log.note(origin, reply: .unknownRecipient) }
            #expect(try await count() < 5000)
        }
    }
}
