import Cards
import Desk
import Gateway
import Logging
import MailFormat
import MailTypes
import Storage
import TestKit
import Testing

/// Cards behind the commits that change their cases.
@Suite struct CardTests {
    /// The example desk with Bob seeing cards in Polish and Tom none.
    private static func definition(eventMails: Bool = false) -> DeskDefinition {
        var definition = DeskDefinition.example
        for index in definition.agents.indices {
            if definition.agents[index].login == "bob@acme.example" { definition.agents[index].card = .polish }
            if definition.agents[index].login == "tom@acme.example" { definition.agents[index].card = .hidden }
        }
        for index in definition.pools.indices { definition.pools[index].eventMails = eventMails }
        return definition
    }

    private func run(
        _ definition: DeskDefinition = Self.definition(), _ body: (DeskFixture, CardScreens) async throws -> Void
    )
        async throws
    {
        try await DeskFixture.run(definition) { desk in try await body(desk, CardScreens()) }
    }

    private func cards(_ desk: DeskFixture, of ticket: Int64) async throws -> [StoredMessage] {
        try await desk.messages(ticket).filter { $0.kind == .card }
    }

    @Test func `a case gets one card in each language in use, root of its thread and dated as it was opened`()
        async throws
    {
        try await run { desk, screens in
            let ticket = try await desk.open(TestMail(id: "a@customer.example"))
            #expect(try await cards(desk, of: ticket).isEmpty)
            try await desk.makeCards(screens)
            let cards = try await cards(desk, of: ticket)
            #expect(cards.map { $0.header.field("Content-Language") } == ["en", "pl"])
            let root = try #require(try await desk.ticket(ticket).rootMessageID(host: DeskFixture.host))
            for card in cards {
                #expect(card.header.field("Message-ID") == root.description)
                #expect(card.header.field("Reply-To") == "note@acme.example")
                #expect(card.header.field("X-Stempel-Case") == "\(ticket)")
                #expect(card.header.field("Subject") == "[#\(ticket)] Where is my parcel?")
            }
            #expect(cards[0].header.field("From") == "New <note@acme.example>")
            #expect(
                try await desk.number(
                    "SELECT count(*) FROM message WHERE kind = 7 AND internal_date = \(try await desk.ticket(ticket).openedAt.microseconds)"
                ) == 2)
            let octets = try await desk.content(cards[0].content)
            #expect(String(decoding: octets, as: UTF8.self).contains("mailto:desk@acme.example?subject="))
            // Nothing is due any more.
            #expect(try await desk.number("SELECT count(*) FROM card_mark") == 0)
        }
    }

    @Test func `an answer to a card that was replaced is a note of its case`() async throws {
        try await run { desk, screens in
            let ticket = try await desk.open()
            try await desk.makeCards(screens)
            try await desk.decide(.take, ticket, as: "anna@acme.example")
            desk.clock.advance(by: .seconds(10))
            try await desk.makeCards(screens)
            let id = try #require(try await cards(desk, of: ticket).first?.header.field("Message-ID"))
            try await desk.decide(.setStatus(.done), ticket, as: "anna@acme.example")
            desk.clock.advance(by: .seconds(10))
            try await desk.makeCards(screens)
            let note = TestMail(
                author: "anna@acme.example", from: "anna@acme.example", to: "note@acme.example", subject: "Re: Where",
                id: "n@annas-laptop.local", inReplyTo: String(id.dropFirst().dropLast()), body: "Think.\r\n")
            #expect(try await desk.send(note, as: "anna@acme.example", to: ["note@acme.example"]) == .accepted)
            #expect(try await desk.messages(ticket).contains { $0.kind == .note })
        }
    }

    @Test func `a change of what a card shows makes another message, and other changes none`() async throws {
        try await run { desk, screens in
            let ticket = try await desk.open()
            try await desk.makeCards(screens)
            let first = try await cards(desk, of: ticket).map(\.key)
            desk.clock.advance(by: .seconds(10))
            try await desk.decide(.take, ticket, as: "anna@acme.example")
            try await desk.makeCards(screens)
            let second = try await cards(desk, of: ticket)
            #expect(second.count == 2 && Set(second.map(\.key)).isDisjoint(with: first))
            #expect(second[0].header.field("From")?.contains("Assigned") == true)
            // Thunderbird would take it for the one that it moved, and show that.
            let root = try #require(try await desk.ticket(ticket).rootMessageID(host: DeskFixture.host))
            let id = try #require(second[0].header.field("Message-ID"))
            #expect(id != root.description && id.hasPrefix("<ticket-\(ticket)."))
            #expect(second[0].header.field("References") == root.description)
            // It is the oldest of its thread all the same.
            #expect(HeaderSection(Array(second[0].header.utf8)).date == desk.clock.now - .seconds(11))
            #expect(try await desk.number("SELECT count(*) FROM tombstone WHERE message_id = \(first[0])") >= 2)
            #expect(
                try await desk.number(
                    "SELECT count(*) FROM content c WHERE NOT EXISTS (SELECT 1 FROM message WHERE content_id = c.id)")
                    == 0)
            // Another mail of the customer changes nothing that the card shows.
            desk.clock.advance(by: .seconds(10))
            let stamp = TestMail(subject: "Re: [#\(ticket)] Where is my parcel?")
            try await desk.receive(stamp.octets, to: ["help@acme.example"])
            #expect(try await desk.number("SELECT count(*) FROM card_mark") == 1)
            try await desk.makeCards(screens)
            #expect(try await cards(desk, of: ticket).map(\.key) == second.map(\.key))
        }
    }

    @Test
    func `a card lives five seconds at least, and as long as somebody reads it, unless status or assignee change`()
        async throws
    {
        try await run { desk, screens in
            let ticket = try await desk.open()
            try await desk.makeCards(screens)
            let first = try await cards(desk, of: ticket).map(\.key)
            desk.clock.advance(by: .seconds(1))
            try await desk.follow(ticket, as: "anna@acme.example")
            #expect(try await desk.makeCards(screens) == desk.clock.now + .seconds(4))
            #expect(try await cards(desk, of: ticket).map(\.key) == first)
            // Somebody reads it when the time is over.
            desk.clock.advance(by: .seconds(3))
            screens.shown(first.map { MessageKey(rawValue: $0) }, at: desk.clock.now)
            desk.clock.advance(by: .seconds(2))
            #expect(try await desk.makeCards(screens) == desk.clock.now + .seconds(58))
            #expect(try await cards(desk, of: ticket).map(\.key) == first)
            // A change of the status does not wait for the reader, though another change does.
            try await desk.decide(.take, ticket, as: "anna@acme.example")
            desk.clock.advance(by: .seconds(5))
            screens.shown(first.map { MessageKey(rawValue: $0) }, at: desk.clock.now)
            try await desk.makeCards(screens)
            #expect(Set(try await cards(desk, of: ticket).map(\.key)).isDisjoint(with: first))
        }
    }

    @Test func `a reader who looks away gets the card that was due`() async throws {
        try await run { desk, screens in
            let ticket = try await desk.open()
            try await desk.makeCards(screens)
            let first = try await cards(desk, of: ticket).map(\.key)
            desk.clock.advance(by: .seconds(10))
            screens.shown(first.map { MessageKey(rawValue: $0) }, at: desk.clock.now)
            try await desk.follow(ticket, as: "anna@acme.example")
            #expect(try await desk.makeCards(screens) == desk.clock.now + .seconds(60))
            desk.clock.advance(by: .seconds(60))
            try await desk.makeCards(screens)
            #expect(Set(try await cards(desk, of: ticket).map(\.key)).isDisjoint(with: first))
        }
    }

    @Test func `what was prepared of a case that changed meanwhile is not written`() async throws {
        try await run { desk, screens in
            let ticket = try await desk.open()
            let mark = try #require(
                try await desk.store.read { (transaction: Transaction) in
                    try transaction.cardMark(of: TicketNumber(rawValue: ticket))
                })
            try await desk.decide(.take, ticket, as: "anna@acme.example")
            let removed = try await desk.store.write { (transaction: Transaction) in
                try transaction.removeCardMark(mark)
            }
            #expect(!removed)
            try await desk.makeCards(screens)
            #expect(try await cards(desk, of: ticket)[0].header.field("From")?.contains("Assigned") == true)
        }
    }

    @Test func `a card goes where its case goes, and a case without mail loses it`() async throws {
        try await run { desk, screens in
            let ticket = try await desk.open()
            try await desk.makeCards(screens)
            try await desk.decide(.take, ticket, as: "anna@acme.example")
            desk.clock.advance(by: .seconds(10))
            try await desk.decide(.changePool(desk.pool("Returns")), ticket, as: "anna@acme.example")
            try await desk.makeCards(screens)
            let card = try await cards(desk, of: ticket)[0]
            #expect(card.header.field("Subject") == "[REK#\(ticket)] Where is my parcel?")
            // The invariants hold each message to its case's places.
            let number = TicketNumber(rawValue: ticket)
            let (now, roster) = (desk.clock.now, desk.roster.current)
            try await desk.store.write { (transaction: Transaction) in
                let mail = try transaction.connection.all(
                    "SELECT id FROM message WHERE ticket_id = \(ticket) AND kind = 1"
                ) { MessageKey(rawValue: $0.integer(0)) }
                let work = CaseWork(transaction, roster: roster, now: now)
                for mailbox in try transaction.mailboxes(of: number) {
                    _ = try transaction.leave(mail, from: mailbox, at: work.modSequence(), now: now)
                }
                for message in mail {
                    try transaction.connection.run("UPDATE message SET ticket_id = NULL WHERE id = \(message)")
                }
                try transaction.record(TicketEvent(ticket: number, at: now, kind: .purged))
            }
            try await desk.makeCards(screens)
            #expect(try await cards(desk, of: ticket).isEmpty)
        }
    }

    @Test func `nobody outside reaches a case by the Message-ID of its card`() async throws {
        try await run { desk, screens in
            let ticket = try await desk.open()
            try await desk.makeCards(screens)
            let root = try #require(try await desk.ticket(ticket).rootMessageID(host: DeskFixture.host))
            let other = try await desk.open(.stranger(inReplyTo: root.text))
            #expect(other != ticket)
        }
    }

    @Test func `the card knows the customer's other cases, and of those in other pools only how many`() async throws {
        try await run { desk, screens in
            _ = try await desk.open(
                TestMail(to: "returns@acme.example", subject: "Secret of Returns"), to: ["returns@acme.example"])
            let first = try await desk.open(TestMail(subject: "My first parcel"))
            let ticket = try await desk.open(
                TestMail(subject: "My second parcel", extra: ["Reply-To: jan@freemail.example"]))
            try await desk.makeCards(screens)
            let text = try await desk.cardText(of: ticket)
            #expect(text.contains("Last cases"))
            #expect(text.contains("#\(first): My first parcel"))
            #expect(text.contains("1 case in other pools") && !text.contains("Secret of Returns"))
            #expect(text.contains("The same sender has an open case: #\(first)"))
            #expect(text.contains("another domain: jan@freemail.example"))
        }
    }

    @Test func `the clock of the solution is told while it runs, while it stands still and after the end`() async throws {
        var definition = Self.definition()
        for index in definition.pools.indices { definition.pools[index].solveWithin = .days(2) }
        try await run(definition) { desk, screens in
            let ticket = try await desk.open()
            func card() async throws -> String {
                desk.clock.advance(by: .seconds(10))
                try await desk.makeCards(screens)
                return try await desk.cardText(of: ticket)
            }
            #expect(try await card().contains("Solution: by "))
            try await desk.decide(.setStatus(.waiting), ticket, as: "anna@acme.example")
            #expect(try await card().contains("Solution: stands still while the customer is asked"))
            try await desk.decide(.setStatus(.closed), ticket, as: "anna@acme.example")
            #expect(try await card().contains("Solution: in time, "))
        }
    }

    @Test func `a claim to belong to another case is told, and a forged result of a check is not`() async throws {
        try await run { desk, screens in
            let first = try await desk.open()
            let forged = "Authentication-Results: \(DeskFixture.host.ascii); dmarc=pass"
            let ticket = try await desk.open(.stranger(subject: "Re: [#\(first)] Where is my parcel?", extra: [forged]))
            try #require(ticket != first)
            try await desk.makeCards(screens)
            let text = try await desk.cardText(of: ticket)
            #expect(text.contains("claims to belong to #\(first)") && !text.contains("DMARC"))
        }
    }

    @Test func `what people do stands in the thread where the pool wants it, read for who did it`() async throws {
        try await run(Self.definition(eventMails: true)) { desk, screens in
            let ticket = try await desk.open()
            try await desk.makeCards(screens)
            #expect(try await desk.messages(ticket).filter { $0.kind == .event }.isEmpty)
            try await desk.decide(.take, ticket, as: "anna@acme.example")
            try await desk.makeCards(screens)
            // The card waits its five seconds, the event does not.
            let events = try await desk.messages(ticket).filter { $0.kind == .event }
            #expect(events.count == 1)
            let event = try #require(events.first)
            #expect(event.header.field("From") == "Anna <note@acme.example>")
            #expect(event.header.field("Subject")?.contains("took the case") == true)
            #expect(
                event.header.field("References")
                    == (try await desk.ticket(ticket)).rootMessageID(host: DeskFixture.host)?.description)
            let seen = try await desk.texts(
                "SELECT agent_id || ':' || flags FROM agent_message WHERE message_id = \(event.key)")
            #expect(seen == ["\(desk.agent("anna@acme.example")):1"])
            desk.clock.advance(by: .seconds(5))
            try await desk.makeCards(screens)
            #expect(try await desk.messages(ticket).filter { $0.kind == .event }.count == 1)
            #expect(try await cards(desk, of: ticket)[0].header.field("From")?.contains("Assigned") == true)
        }
    }

    @Test func `a language that comes into use gets cards of all open cases`() async throws {
        var definition = DeskDefinition.example
        try await run(definition) { desk, screens in
            let first = try await desk.open()
            let second = try await desk.open(TestMail(subject: "Another"))
            try await desk.makeCards(screens)
            #expect(try await cards(desk, of: first).count == 1)
            definition = Self.definition()
            try await desk.apply(definition)
            desk.clock.advance(by: .seconds(5))
            try await desk.makeCards(screens)
            for ticket in [first, second] {
                #expect(try await cards(desk, of: ticket).map { $0.header.field("Content-Language") } == ["en", "pl"])
            }
            // Who sees other cards now has another UIDVALIDITY, and only who does.
            let bob = try #require(desk.roster.current.agents[desk.agent("bob@acme.example")])
            let anna = try #require(desk.roster.current.agents[desk.agent("anna@acme.example")])
            #expect(bob.cardValidity > 0 && anna.cardValidity == 0)
        }
    }

    @Test func `a card stays in its language when its reader's folders change theirs`() async throws {
        try await run(.example) { desk, _ in
            var definition = DeskDefinition.example
            for index in definition.agents.indices { definition.agents[index].language = .polish }
            try await desk.apply(definition)
            let anna = try #require(desk.roster.current.agents[desk.agent("anna@acme.example")])
            #expect(anna.language == .polish && anna.cardLanguage == .english && anna.cardValidity == 0)
            for index in definition.agents.indices { definition.agents[index].card = .hidden }
            try await desk.apply(definition)
            let hidden = try #require(desk.roster.current.agents[desk.agent("anna@acme.example")])
            #expect(hidden.cardLanguage == nil && hidden.cardValidity > 0)
            for index in definition.agents.indices { definition.agents[index].card = .shown }
            try await desk.apply(definition)
            #expect(desk.roster.current.agents[desk.agent("anna@acme.example")]?.cardLanguage == .polish)
        }
    }
}

extension DeskFixture {
    /// Makes the cards that are due; answers when the next are.
    @discardableResult func makeCards(_ screens: CardScreens) async throws -> Timestamp? {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        return try await CardService(
            store: store, feed: feed, roster: roster, renderer: CardRenderer(), screens: screens,
            cryptography: cryptography, clock: clock, hostname: Self.host, logger: logger
        ).catchUp()
    }

    func follow(_ ticket: Int64, as login: String) async throws {
        let (roster, now, agent) = (roster.current, clock.now, agent(login))
        try await store.write { (transaction: Transaction) in
            try CaseWork(transaction, roster: roster, now: now).setFollowing(
                true, TicketNumber(rawValue: ticket), by: agent)
        }
    }

    /// The English card as plain text.
    func cardText(of ticket: Int64) async throws -> String {
        let card = try #require(
            try await messages(ticket).first { $0.kind == .card && $0.header.contains("Content-Language: en") })
        let octets = try await content(card.content)
        var scanner = MIMEScanner()
        scanner.consume(octets)
        let text = String(decoding: octets, as: UTF8.self)
        let part = text.components(of: "Content-Transfer-Encoding: quoted-printable\r\n")
        // Quoted-printable: soft line ends go; flowed lines are joined.
        return part.replacing("=\r\n", with: "").replacing(" \r\n", with: " ").replacing("=3D", with: "=").replacing(
            "=20\r\n", with: " ")
    }
}

extension String {
    /// The whole text behind the first occurrence; for parts of messages that tests look at.
    fileprivate func components(of mark: String) -> String {
        guard let range = firstRange(of: mark) else { return self }
        return String(self[range.upperBound...])
    }
}
