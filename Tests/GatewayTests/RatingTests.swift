import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

/// Closing mails, and what customers say through their links.
@Suite struct RatingTests {
    static func definition(undo: Duration = .zero) -> DeskDefinition {
        var definition = DeskDefinition.example
        definition.undo = undo
        definition.templates = [
            .init(name: "over", subject: "Case ${case.number} is over", text: "Dear ${customer.name},\n\n${rating.links}\n"),
            .init(name: "bare", subject: nil, text: "Zamknięte."),
        ]
        definition.pools[0].closingMail = "over"
        (definition.pools[1].closingMail, definition.pools[1].language) = ("bare", .polish)
        return definition
    }

    @Test func `a case that is closed asks its customer once, with five links that the desk does not see`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.setStatus(.closed), 1, as: "anna@acme.example")
            try await desk.settleClosing()
            let leaving = try #require(try await desk.outbox().first)
            #expect(leaving.recipients == ["jan@customer.example"] && leaving.reversePath == nil)
            #expect(leaving.header.field("Subject") == "[#1] Case 1 is over")
            #expect(leaving.header.field("Auto-Submitted") == "auto-generated")
            #expect(leaving.header.field("In-Reply-To") == "<first@customer.example>")
            let sent = String(decoding: try await desk.outgoingBody(1), as: UTF8.self).replacing("=\r\n", with: "")
            let token = try #require(try await desk.link())
            for rating in 1...5 { #expect(sent.contains("https://rate.example/rating/\(token)/\(rating)")) }
            #expect(sent.contains("Dear Jan Kowalski"))
            let shown = try #require(try await desk.messages(1).last)
            #expect(shown.kind == .automatic)
            let octets = String(decoding: try await desk.content(shown.content), as: UTF8.self)
            #expect(!octets.contains("rate.example") && octets.contains("[the customer's link]"))
            #expect(try await desk.ticket(1).status == .closed)
            try await desk.decide(.setStatus(.done), 1, as: "anna@acme.example")
            try await desk.settleClosing()
            #expect(try await desk.outbox().count == 1)
        }
    }

    @Test func `who was in copy and wrote last is not asked, the customer is`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"))
            let (now, carrier) = (desk.clock.now, NamedAddress(address: emailAddress("carrier@post.example")))
            try await desk.store.write { (transaction: Transaction) in
                let address = try transaction.correspondent(carrier, at: now).address
                try transaction.addParticipant(address, to: TicketNumber(rawValue: 1))
            }
            let mail = TestMail(
                author: "carrier@post.example", from: "carrier@post.example", subject: "Re: [#1] Parcel", id: "c@post.example",
                inReplyTo: "first@customer.example")
            try await desk.receive(mail.octets, from: "carrier@post.example", to: ["help@acme.example"])
            #expect(try await desk.messages(1).last?.kind == .inbound)
            try await desk.decide(.setStatus(.closed), 1, as: "anna@acme.example")
            try await desk.settleClosing()
            #expect(try await desk.outbox().map(\.recipients) == [["jan@customer.example"]])
        }
    }

    @Test func `a template without a place for the links gets them at its end, in the pool's language`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            _ = try await desk.open(TestMail(to: "returns@acme.example"), to: ["returns@acme.example"])
            try await desk.decide(.setStatus(.done), 1, as: "bob@acme.example")
            try await desk.settleClosing()
            let leaving = try #require(try await desk.outbox().first)
            #expect(leaving.header.field("Subject") == "[REK#1] Where is my parcel?")
            let link = try #require(try await desk.link())
            let page = try #require(try await desk.ratings.page(link))
            #expect(page.stamp == "[REK#1]" && page.language == .polish)
            #expect(page.rating == nil && page.changeableUntil == nil)
        }
    }

    @Test func `looking says nothing, a rating is one keyword, and it can be changed for 7 days`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let link = try await desk.closedCase()
            _ = try await desk.ratings.page(link)
            #expect(try await desk.tags(1) == [])
            #expect(try await desk.ratings.rate(link, as: .good, comment: "")?.rating == .good)
            #expect(try await desk.tags(1) == ["rating-4"])
            desk.clock.advance(by: .seconds(6 * 86400))
            #expect(try await desk.ratings.rate(link, as: .veryBad, comment: "")?.rating == .veryBad)
            #expect(try await desk.tags(1) == ["rating-1"])
            desk.clock.advance(by: .seconds(86400))
            #expect(try await desk.ratings.rate(link, as: .veryGood, comment: "") == nil)
            #expect(try await desk.ratings.page(link) == nil)
            #expect(try await desk.tags(1) == ["rating-1"])
            #expect(try await desk.texts("SELECT to_value FROM event WHERE kind = 63 ORDER BY id") == ["4", "1"])
            #expect(try await desk.texts("SELECT from_value FROM event WHERE kind = 63 ORDER BY id") == ["NULL", "4"])
        }
    }

    @Test func `a comment is a note of the case, once`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let link = try await desk.closedCase()
            _ = try await desk.ratings.rate(link, as: .bad, comment: "  Zbyt wolno!\r\n<script>\u{7}\r\n\r\n")
            _ = try await desk.ratings.rate(link, as: .fair, comment: "  Zbyt wolno!\r\n<script>")
            let notes = try await desk.messages(1).filter { $0.kind == .note }
            let note = try #require(notes.first)
            #expect(notes.count == 1 && note.header.field("Reply-To") == "note@acme.example")
            #expect(note.header.field("Subject") == "[#1] Rating 2 of 5")
            let octets = String(decoding: try await desk.content(note.content), as: UTF8.self)
            #expect(octets.contains("Zbyt wolno!") && octets.contains("<script>") && !octets.contains("\u{7}"))
            _ = try await desk.ratings.rate(link, as: .fair, comment: String(repeating: "ż", count: 9000))
            let long = try #require(try await desk.messages(1).last)
            #expect(long.kind == .note)
            #expect(try await desk.content(long.content).count < 20_000)
            #expect(try await desk.ticket(1).status == .closed)
        }
    }

    @Test func `a link that is no link leads nowhere, and changes nothing`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let link = try await desk.closedCase()
            let reply = desk.keys.sign(TicketNumber(rawValue: 1), for: .reply, subject: 1).text
            let other = desk.keys.sign(TicketNumber(rawValue: 1), for: .rating, subject: 99).text
            let forged = String(link.dropLast()) + (link.hasSuffix("a") ? "b" : "a")
            for wrong in [forged, reply, other, "", "1.as", String(repeating: "a", count: 9000), link + "a", "2" + link] {
                #expect(try await desk.ratings.page(wrong) == nil, "\(wrong.prefix(80))")
                #expect(try await desk.ratings.rate(wrong, as: .veryGood, comment: "No") == nil)
            }
            #expect(try await desk.tags(1) == [])
            #expect(try await desk.messages(1).count == 2)
        }
    }

    @Test func `a case that is closed again soon asks nobody twice; later a new mail takes the place of the old`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let first = try await desk.closedCase()
            let thanks = TestMail(id: "thanks@customer.example", inReplyTo: "first@customer.example")
            #expect(try await desk.receive(thanks.octets, to: ["help@acme.example"]) == 250)
            try await desk.settleClosing()
            try await desk.decide(.setStatus(.closed), 1, as: "anna@acme.example")
            try await desk.settleClosing()
            #expect(try await desk.outbox().count == 1)
            #expect(try await desk.ratings.rate(first, as: .good, comment: "") != nil)
            desk.clock.advance(by: .seconds(7 * 86400 - 10))
            #expect(try await desk.ratings.page(first) != nil)
            try await desk.decide(.take, 1, as: "anna@acme.example")
            try await desk.settleClosing()
            desk.clock.advance(by: .seconds(20))
            try await desk.decide(.setStatus(.closed), 1, as: "anna@acme.example")
            try await desk.settleClosing()
            #expect(try await desk.outbox().count == 2)
            let second = try #require(try await desk.link(2))
            #expect(try await desk.ratings.page(first) == nil)
            _ = try await desk.ratings.rate(second, as: .veryBad, comment: "")
            #expect(try await desk.tags(1) == ["rating-1"])
        }
    }

    @Test func `what an agent closes waits for the undo time, and going on takes it back`() async throws {
        try await DeskFixture.run(Self.definition(undo: .seconds(30))) { desk in
            _ = try await desk.open()
            try await desk.decide(.setStatus(.closed), 1, as: "anna@acme.example")
            try await desk.settleClosing()
            let waiting = try #require(try await desk.toSend("anna@acme.example").first)
            #expect(!waiting.body.contains("rate.example") && waiting.header.field("Subject") == "[#1] Case 1 is over")
            #expect(try await desk.ratings.page(try #require(try await desk.unsentLink())) == nil)
            try await desk.decide(.take, 1, as: "anna@acme.example")
            try await desk.settleClosing()
            #expect(try await desk.toSend("anna@acme.example").isEmpty)
            try await desk.pass(.seconds(60))
            #expect(try await desk.outbox().isEmpty)
            // It was not asked, so it is asked now.
            try await desk.decide(.setStatus(.closed), 1, as: "anna@acme.example")
            try await desk.settleClosing()
            try await desk.pass(.seconds(60))
            #expect(try await desk.outbox().count == 1)
            #expect(try await desk.ratings.page(try #require(try await desk.link())) != nil)
        }
    }

    @Test func `a closing mail that is still held leaves for no case that goes on, whoever forgot it`() async throws {
        try await DeskFixture.run(Self.definition(undo: .seconds(30))) { desk in
            _ = try await desk.open()
            try await desk.decide(.setStatus(.closed), 1, as: "anna@acme.example")
            try await desk.settleClosing()
            try await desk.decide(.take, 1, as: "anna@acme.example")
            try await desk.pass(.seconds(60))
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.toSend("anna@acme.example").isEmpty)
        }
    }

    @Test func `a trainee's waits for approval, and the case stays closed`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            _ = try await desk.open()
            try await desk.decide(.setStatus(.closed), 1, as: "tom@acme.example")
            try await desk.settleClosing()
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.ticket(1).status == .closed)
            let waiting = try #require(try await desk.approval("sue@acme.example").first)
            #expect(!waiting.body.contains("rate.example"))
            try await desk.judge(.approve, waiting.uid, as: "sue@acme.example")
            #expect(try await desk.outbox().count == 1)
            #expect(try await desk.ticket(1).status == .closed)
            #expect(try await desk.ratings.page(try #require(try await desk.link())) != nil)
        }
    }

    static let silent: [(what: String, mail: TestMail, reversePath: String?)] = [
        ("a machine", TestMail(extra: ["Auto-Submitted: auto-generated"]), "jan@customer.example"),
        ("a list", TestMail(extra: ["List-Id: <l.lists.example>", "List-Unsubscribe: <mailto:x@lists.example>"]), "jan@customer.example"),
        ("no-reply", TestMail(author: "no-reply@shop.example", from: "Shop <no-reply@shop.example>"), "no-reply@shop.example"),
        ("bulk", TestMail(extra: ["Precedence: bulk"]), "jan@customer.example"),
        ("an agent's address", TestMail(from: "Anna <anna@acme.example>"), "jan@customer.example"),
    ]

    @Test(arguments: silent.indices) func `nobody is asked who is no person, or one of us`(row: Int) async throws {
        let silent = Self.silent[row]
        try await DeskFixture.run(Self.definition()) { desk in
            #expect(try await desk.receive(silent.mail.octets, from: silent.reversePath, to: ["help@acme.example"]) == 250)
            try await desk.decide(.setStatus(.closed), 1, as: "anna@acme.example")
            try await desk.settleClosing()
            #expect(try await desk.outbox().isEmpty, "\(silent.what)")
        }
    }

    @Test func `spam, cases filed away, cases that go into others and pools without the mail ask nobody`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            _ = try await desk.open(TestMail(id: "1@customer.example"))
            _ = try await desk.open(TestMail(subject: "Other", id: "2@customer.example"))
            _ = try await desk.open(TestMail(to: "queue@acme.example", id: "3@customer.example"), to: ["queue@acme.example"])
            try await desk.decide(.setStatus(.spam), 1, as: "anna@acme.example")
            try await desk.decide(.take, 2, as: "anna@acme.example")
            let (roster, now, anna) = (desk.roster.current, desk.clock.now, desk.agent("anna@acme.example"))
            _ = try await desk.open(TestMail(subject: "Third", id: "4@customer.example"))
            try await desk.store.write { (transaction: Transaction) in
                _ = try CaseWork(transaction, roster: roster, now: now).merge(
                    TicketNumber(rawValue: 4), into: TicketNumber(rawValue: 2), by: anna, host: DeskFixture.host)
            }
            try await desk.settleClosing()
            #expect(try await desk.outbox().isEmpty)
        }
    }

    @Test func `what is said of a case that went into another counts there, and two ratings are never on one`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let link = try await desk.closedCase()
            _ = try await desk.open(TestMail(subject: "Other", id: "2@customer.example"))
            _ = try await desk.ratings.rate(link, as: .good, comment: "")
            let (roster, now, anna) = (desk.roster.current, desk.clock.now, desk.agent("anna@acme.example"))
            try await desk.store.write { (transaction: Transaction) in
                _ = try CaseWork(transaction, roster: roster, now: now).merge(
                    TicketNumber(rawValue: 1), into: TicketNumber(rawValue: 2), by: anna, host: DeskFixture.host)
            }
            #expect(try await desk.tags(2) == ["rating-4"])
            #expect(try await desk.ratings.rate(link, as: .bad, comment: "Hm") != nil)
            #expect(try await desk.tags(2) == ["rating-2"])
            #expect(try await desk.messages(2).contains { $0.kind == .note })
        }
    }

    /// What joins and parts cases in these tests.
    private func join(_ number: Int64, into other: Int64?, _ desk: DeskFixture) async throws {
        let (roster, now, anna) = (desk.roster.current, desk.clock.now, desk.agent("anna@acme.example"))
        try await desk.store.write { (transaction: Transaction) in
            let work = CaseWork(transaction, roster: roster, now: now)
            if let other {
                _ = try work.merge(
                    TicketNumber(rawValue: number), into: TicketNumber(rawValue: other), by: anna, host: DeskFixture.host)
            } else {
                _ = try work.unmerge(TicketNumber(rawValue: number), by: anna)
            }
        }
    }

    @Test func `a rating that changed while its case was part of another goes with it when they part`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let link = try await desk.closedCase()
            _ = try await desk.open(TestMail(subject: "Other", id: "2@customer.example"))
            _ = try await desk.ratings.rate(link, as: .good, comment: "")
            try await join(1, into: 2, desk)
            _ = try await desk.ratings.rate(link, as: .bad, comment: "")
            #expect(try await desk.tags(2) == ["rating-2"])
            try await join(1, into: nil, desk)
            #expect(try await desk.tags(1) == ["rating-2"])
            #expect(try await desk.tags(2) == [])
            _ = try await desk.ratings.rate(link, as: .veryGood, comment: "")
            #expect(try await desk.tags(1) == ["rating-5"])
            #expect(try await desk.tags(2) == [])
        }
    }

    @Test func `of two cases with ratings of their own each has its own again when they part`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let first = try await desk.closedCase()
            _ = try await desk.open(TestMail(subject: "Other", id: "2@customer.example"))
            try await desk.decide(.setStatus(.closed), 2, as: "anna@acme.example")
            try await desk.settleClosing()
            let second = try #require(try await desk.link(2))
            _ = try await desk.ratings.rate(first, as: .good, comment: "")
            _ = try await desk.ratings.rate(second, as: .veryGood, comment: "")
            try await join(1, into: 2, desk)
            #expect(try await desk.tags(2) == ["rating-5"])
            _ = try await desk.ratings.rate(first, as: .veryBad, comment: "")
            #expect(try await desk.tags(2) == ["rating-1"])
            try await join(1, into: nil, desk)
            #expect(try await desk.tags(1) == ["rating-1"])
            #expect(try await desk.tags(2) == ["rating-5"])
        }
    }

    @Test func `a case that was not rated gets a rating back that came while it was part of another`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let link = try await desk.closedCase()
            _ = try await desk.open(TestMail(subject: "Other", id: "2@customer.example"))
            try await join(1, into: 2, desk)
            _ = try await desk.ratings.rate(link, as: .fair, comment: "")
            #expect(try await desk.tags(2) == ["rating-3"])
            try await join(1, into: nil, desk)
            #expect(try await desk.tags(1) == ["rating-3"])
            #expect(try await desk.tags(2) == [])
        }
    }

    @Test func `an erased customer's link leads nowhere`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let link = try await desk.closedCase()
            _ = try await desk.ratings.rate(link, as: .good, comment: "My secret")
            let (roster, now) = (desk.roster.current, desk.clock.now)
            let erasure = Erasure("test", roster: roster, deciders: .init(admin: nil, supervisor: nil), now: now)
            try await desk.store.write { (transaction: Transaction) in
                let address = try #require(try transaction.address(identity: "jan@customer.example"))
                while try !erasure.step([address], [address.customer], in: transaction) {}
                try erasure.finish([address], [address.customer], in: transaction)
            }
            #expect(try await desk.ratings.page(link) == nil)
            #expect(try await desk.ratings.rate(link, as: .bad, comment: "") == nil)
            #expect(try await desk.texts("SELECT to_value FROM event WHERE kind = 63") == ["4"])
            #expect(try await desk.number("SELECT count(*) FROM rating") == 0)
        }
    }

    @Test func `a storm of closings is capped`() async throws {
        var definition = Self.definition()
        definition.autoReplyLimits.perSender = .init(tenMinutes: 2, day: 10)
        try await DeskFixture.run(definition) { desk in
            for number in 1...4 {
                _ = try await desk.open(TestMail(subject: "No \(number)", id: "\(number)@customer.example"))
                try await desk.decide(.setStatus(.closed), Int64(number), as: "anna@acme.example")
            }
            try await desk.settleClosing()
            #expect(try await desk.outbox().count == 2)
            // The others are asked later, as far as the caps allow.
            #expect(try await desk.number("SELECT count(*) FROM timer WHERE due_at > \(desk.clock.now.microseconds)") >= 2)
            desk.clock.advance(by: .seconds(601))
            try await desk.settleClosing()
            #expect(try await desk.outbox().count == 4)
        }
    }

    @Test func `without room nothing is taken, and nothing claims to be`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let link = try await desk.closedCase()
            let full = desk.ratings(room: NoRoom())
            await #expect(throws: StoreFailure.self) { try await full.rate(link, as: .good, comment: "") }
            #expect(try await desk.tags(1) == [])
        }
    }
}

private struct NoRoom: RoomGauge {
    var refusal: Reply? { .insufficientStorage }
}
