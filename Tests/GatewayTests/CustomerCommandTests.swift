import Desk
import Gateway
import MailTypes
import Mailboxes
import Storage
import TestKit
import Testing

/// What agents tell the desk about customers in a mail, and how they find cases: `#customer`, `#find`.
@Suite struct CustomerCommandTests {
    private static let anna = "anna@acme.example"
    private static let bob = "bob@acme.example"

    private func order(_ line: String, about ticket: Int64?, as login: String = anna, _ desk: DeskFixture) async throws {
        let subject = ticket.map { "[#\($0)] order" } ?? "order"
        let mail = TestMail(
            author: login, from: login, to: "desk@acme.example", subject: subject, id: "\(line.hashValue)@laptop.local",
            extra: ["Content-Type: text/plain; charset=UTF-8"], body: line + "\r\n")
        #expect(try await desk.send(mail, as: login, to: ["desk@acme.example"]) == .accepted)
    }

    private func notices(_ desk: DeskFixture, of login: String = anna) async throws -> [ShownMessage] {
        try await desk.shown(.inbox(desk.agent(login))).filter { $0.header.contains("Auto-Submitted: auto-generated") }
    }

    private func customer(of ticket: Int64, _ desk: DeskFixture) async throws -> Customer {
        let id = try #require(try await desk.ticket(ticket).customer)
        return try #require(try await desk.store.read { (transaction: Transaction) in try transaction.customer(id) })
    }

    private func mail(_ name: String, _ subject: String, body: String = "Hello\r\n") -> TestMail {
        TestMail(
            author: "\(name)@customer.example", from: "\(name) <\(name)@customer.example>", subject: subject,
            id: "\(subject.hashValue)@customer.example", body: body)
    }

    // MARK: - What is known

    private static let facts: [(line: String, fact: String, value: String)] = [
        ("#customer firm=Turtles Ltd", "firm", "Turtles Ltd"), ("#klient firma=Żółw sp. z o.o.", "firm", "Żółw sp. z o.o."),
        ("#customer phone: +48 600 100 200", "phone", "+48 600 100 200"), ("#klient telefon=112", "phone", "112"),
        ("#customer Note=calls at night", "note", "calls at night"), ("#klient uwagi=dzwoni nocą", "note", "dzwoni nocą"),
        ("#klient imię=Jan Kowalski", "name", "Jan Kowalski"),
    ]

    @Test(arguments: facts) func `a fact about the customer is written in either language`(
        line: String, fact: String, value: String
    ) async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(mail("jan", "a"))
            try await order(line, about: 1, desk)
            let known = try await customer(of: 1, desk)
            let facts = ["name": known.name, "firm": known.firm, "phone": known.phone, "note": known.note]
            #expect(facts[fact] == value)
            #expect(try await notices(desk).isEmpty)
            #expect(try await desk.number("SELECT count(*) FROM customer_event WHERE agent_id IS NOT NULL") == 1)
        }
    }

    @Test func `fields of the desk's own are kept under one name, and forgotten without a value`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(mail("jan", "a"))
            try await order("#customer Segment=gold", about: 1, desk)
            try await order("#customer segment=silver", about: 1, desk)
            #expect(try await desk.texts("SELECT name || '=' || value FROM customer_field") == ["Segment=silver"])
            try await order("#customer segment=", about: 1, desk)
            #expect(try await desk.texts("SELECT name FROM customer_field").isEmpty)
        }
    }

    private static let wrong: [(line: String, hint: String)] = [
        ("#customer phon=1", "phone"), ("#customer address=nobody", "no mail address"), ("#customer address=", "no mail address"), ("#customer fi/rm=1", "means nothing"), ("#customer nobody@nowhere.example", "nobody@nowhere.example"),
        ("#customer Nobody Atall", "Nobody Atall"), ("#customer Twin", "more than one"),
    ]

    @Test(arguments: wrong) func `what is no field and nobody is explained`(line: String, hint: String) async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(mail("jan", "a"))
            for name in ["one", "two"] {
                let twin = TestMail(
                    author: "\(name)@twin.example", from: "Twin <\(name)@twin.example>", subject: name,
                    id: "\(name)@twin.example")
                _ = try await desk.open(twin)
            }
            try await order(line, about: 1, desk)
            let notices = try await notices(desk)
            // Quoted-printable: soft line ends go.
            let told = notices.first?.body.replacing("=\r\n", with: "") ?? ""
            #expect(notices.count == 1 && told.contains(hint), "\(told)")
            #expect(try await desk.number("SELECT count(*) FROM customer_event") == 0)
        }
    }

    @Test func `cases are attached by address, name or number, with earlier ones or without, and detached`() async throws {
        try await DeskFixture.run { desk in
            for (name, subject) in [("eva", "a"), ("jan", "b"), ("jan", "c"), ("jan", "d")] {
                _ = try await desk.open(mail(name, subject))
            }
            let (eva, jan) = (try await customer(of: 1, desk).id, try await customer(of: 2, desk).id)
            try await order("#customer detach", about: 4, desk)
            #expect(try await customer(of: 4, desk).id != jan)
            #expect(try await customer(of: 3, desk).id == jan)
            try await order("#klient EVA z wcześniejszymi", about: 3, desk)
            for ticket in [2, 3] as [Int64] { #expect(try await customer(of: ticket, desk).id == eva) }
            try await order("#customer #\(eva)", about: 4, desk)
            #expect(try await customer(of: 4, desk).id == eva)
            #expect(try await notices(desk).isEmpty)
            // The address went along: the next mail of it is hers.
            #expect(try await customer(of: try await desk.open(mail("jan", "e")), desk).id == eva)
        }
    }

    @Test func `a customer gets one address more, whoever had it before`() async throws {
        try await DeskFixture.run { desk in
            for name in ["eva", "jan"] { _ = try await desk.open(mail(name, name)) }
            let eva = try await customer(of: 1, desk).id
            try await order("#customer address=Eva@work.example", about: 1, desk)
            try await order("#klient adres=jan@customer.example", about: 1, desk)
            #expect(try await notices(desk).isEmpty)
            let addresses = try await desk.texts("SELECT spelling FROM address WHERE customer_id = \(eva) ORDER BY id")
            #expect(addresses == ["eva@customer.example", "jan@customer.example", "Eva@work.example"])
            // Nothing was left of the other.
            #expect(try await customer(of: 2, desk).id == eva)
            let later = TestMail(author: "eva@work.example", from: "eva@work.example", subject: "Later", id: "l@work.example")
            #expect(try await customer(of: try await desk.open(later), desk).id == eva)
        }
    }

    @Test func `the card shows what is known of the customer, and is made again when that changes`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(mail("jan", "a"))
            let screens = CardScreens()
            try await desk.makeCards(screens)
            try await order("#customer firm=Turtles Ltd", about: 1, desk)
            try await order("#customer segment=gold", about: 1, desk)
            desk.clock.advance(by: .seconds(10))
            try await desk.makeCards(screens)
            let text = try await desk.cardText(of: 1)
            #expect(text.contains("Turtles Ltd") && text.contains("segment") && text.contains("gold"))
        }
    }

    @Test func `rules set fields of who writes, in every mail, unless the name may be somebody else's`() async throws {
        var definition = DeskDefinition.example
        definition.rules = [
            RuleDefinition(
                name: "gold", when: .subject(.text("gold")),
                then: [.customerField(name: "firma", value: "ACME"), .customerField(name: "segment", value: "gold")])
        ]
        try await DeskFixture.run(definition) { desk in
            _ = try await desk.open(mail("jan", "plain"))
            #expect(try await customer(of: 1, desk).firm == nil)
            for subject in ["gold one", "gold two"] { _ = try await desk.open(mail("jan", subject)) }
            #expect(try await customer(of: 1, desk).firm == "ACME")
            #expect(try await desk.texts("SELECT name || '=' || value FROM customer_field") == ["segment=gold"])
            // What stays as it was is no event.
            #expect(try await desk.number("SELECT count(*) FROM customer_event") == 2)
        }
    }

    // MARK: - Finding

    private func find(_ words: String, as login: String = anna, _ desk: DeskFixture) async throws -> String {
        let before = try await notices(desk, of: login).count
        try await order("#find \(words)", about: nil, as: login, desk)
        let notices = try await notices(desk, of: login)
        #expect(notices.count == before + 1)
        return (notices.last?.header ?? "") + (notices.last?.body ?? "")
    }

    @Test func `cases are found by number, by customer, by address and by the words of their mail`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(mail("lukasz", "A blue kettle", body: "It whistles.\r\n"))
            _ = try await desk.open(mail("eva", "A red kettle", body: "It leaks.\r\n"))
            try await order("#customer name=Łukasz Żółw", about: 1, desk)
            try await order("#customer firm=Turtles 100%", about: 1, desk)
            try await order("#customer phone=600100200", about: 1, desk)
            for words in ["1", "#1", "zolw", "ŻÓŁW łukasz", "turtles", "100%", "600100", "lukasz@customer", "blue", "blue kettle"] {
                let found = try await find(words, desk)
                #expect(found.contains("[#1] A blue kettle"), "\(words): \(found)")
                #expect(!found.contains("[#2]"), "\(words): \(found)")
            }
            let both = try await find("kettle", desk)
            #expect(both.contains("[#1]") && both.contains("[#2]"))
            for words in ["green", "1%0", "zolw eva", "blue whistles leaks"] {
                #expect(try await find(words, desk).contains("No case that you may see"), "\(words)")
            }
        }
    }

    @Test func `words of bodies are found before the index has come to them, and of mails too large for it`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(mail("jan", "A kettle", body: "It whistles shrilly.\r\n"))
            _ = try await desk.open(
                mail("eva", "A toaster", body: String(repeating: "crumbs and more crumbs\r\n", count: 60_000) + "glowing red\r\n"))
            for turn in 0..<2 {
                #expect(try await find("shrilly", desk).contains("[#1]"), "\(turn)")
                #expect(try await find("kettle whistles", desk).contains("[#1]"), "\(turn)")
                #expect(try await find("glowing crumbs", desk).contains("[#2]"), "\(turn)")
                #expect(try await find("shrilly glowing", desk).contains("No case that you may see"))
                try await TextIndexer(store: desk.store, feed: desk.feed).catchUp()
            }
            #expect(try await desk.number("SELECT count(*) FROM message_search WHERE is_cut = 1") == 1)
        }
    }

    @Test func `an agent is told of no case that the agent may not see`() async throws {
        var definition = DeskDefinition.example
        definition.pools[0].membersSee = .own
        try await DeskFixture.run(definition) { desk in
            _ = try await desk.open(mail("jan", "Kettle of Help"))
            _ = try await desk.open(mail("jan", "Kettle of Returns"), to: ["returns@acme.example"])
            // New is open to all members; Returns is Bob's alone.
            var found = try await find("kettle", desk)
            #expect(found.contains("#1]") && !found.contains("#2]"), "\(found)")
            try await desk.decide(.take, 1, as: Self.bob)
            for words in ["kettle", "1", "2", "jan@customer.example"] {
                #expect(try await find(words, desk).contains("No case that you may see"), "\(words)")
            }
            found = try await find("jan", as: Self.bob, desk)
            #expect(found.contains("#1]") && found.contains("#2]"), "\(found)")
            #expect(try await find("kettle", as: "sue@acme.example", desk).contains("#1]"))
        }
    }

    @Test func `a search stands beside other commands, in a mail of any kind`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(mail("jan", "A kettle"))
            try await order("#tag vip\r\n#find kettle\r\n#szukaj jan", about: 1, desk)
            #expect(try await notices(desk).count == 2)
            let tags = try await desk.store.read { (transaction: Transaction) in
                try transaction.tags(of: TicketNumber(rawValue: 1))
            }
            #expect(tags == ["vip"])
            #expect(try await desk.outbox().isEmpty)
        }
    }
}
