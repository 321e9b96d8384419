import Cards
import Desk
import Gateway
import Logging
import MailTypes
import Mailboxes
import Storage
import TestKit
import Testing

/// Cards as sessions see them. Anna reads English, Bartek Polish; both are in Help.
@Suite struct CardTests {
    @Test func `everybody sees the card of the own language, read, before the customer's mail in the thread`()
        async throws
    {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.makeCards()
        for (name, language) in [("anna", "en"), ("bartek", "pl")] {
            let client = try await desk.session(name)
            try await client.expect(
                "STATUS New (MESSAGES UNSEEN UIDNEXT)",
                has: "* STATUS \"New\" (MESSAGES 2 UIDNEXT \(language == "en" ? 3 : 4) UNSEEN 1)")
            try await client.expect("SELECT New", has: "* 2 EXISTS", "* OK [UNSEEN 1] First unseen")
            let card = try await client.say("FETCH 2 (FLAGS BODY.PEEK[HEADER.FIELDS (Content-Language)])")
            #expect(card.contains("Content-Language: \(language)"), "\(card)")
            #expect(card[0].contains("\\Seen"), "\(card)")
            let thread = try await client.say("THREAD REFERENCES UTF-8 ALL")
            #expect(thread.contains("* THREAD (2 1)"), "\(thread)")
            try await client.expect("SEARCH UNSEEN", has: "* SEARCH 1")
            try await client.expect("SEARCH HEADER Content-Language \(language == "en" ? "pl" : "en")", has: "* SEARCH")
        }
    }

    @Test func `a card that is replaced goes and comes under another UID`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.makeCards()
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        try await anna.say("SELECT Pools/Help")
        try await bartek.say("SELECT New")
        #expect(try await bartek.say("UID MOVE 1 INBOX").last?.hasPrefix("a OK") == true)
        #expect(try await anna.say("UID SEARCH ALL").contains("* SEARCH 1 2"))
        desk.clock.advance(by: .seconds(10))
        try await desk.makeCards()
        let told = try await anna.say("NOOP")
        #expect(told.contains("* 2 EXPUNGE") && told.contains("* 2 EXISTS"), "\(told)")
        let uids = try await anna.say("UID SEARCH ALL")
        #expect(uids.contains("* SEARCH 1 4"), "\(uids)")
        try await anna.expect("UID SEARCH FROM Assigned", has: "* SEARCH 4")
        try await anna.expect("UID THREAD REFERENCES UTF-8 ALL", has: "* THREAD (4 1)")
        // The whole case moved, its cards with it.
        try await bartek.expect("SELECT INBOX", has: "* 2 EXISTS")
    }

    @Test func `the card says who is writing an answer, until the draft is gone or the answer sent`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let (anna, bartek) = (try await desk.session("anna"), try await desk.session("bartek"))
        func card() async throws -> String {
            desk.clock.advance(by: .seconds(10))
            try await desk.makeCards()
            try await bartek.say("SELECT Pools/Help")
            return try await bartek.say("FETCH 2 BODY.PEEK[TEXT]").joined(separator: "\n").replacing("=\r\n", with: "").replacing("=\n", with: "")
        }
        func save(_ text: String) async throws {
            let draft = "From: anna@acme.example\r\nSubject: Re: Question 1\r\nMessage-ID: <d@laptop>\r\nIn-Reply-To: <q1@customer.example>\r\n\r\n\(text)\r\n"
            try await anna.say("APPEND Drafts (\\Draft) {\(draft.utf8.count)+}\r\n\(draft)")
        }
        #expect(try await !card().contains("Anna Nowak pisze"))
        try await save("a")
        let first = try await card()
        #expect(first.contains("Anna Nowak pisze"), "\(first)")
        // An autosaved draft takes the place of the last; since when she writes stays.
        desk.clock.advance(by: .seconds(600))
        try await save("ab")
        let since = first.split(separator: "Anna Nowak pisze").last?.prefix(30)
        #expect(try await card().contains("Anna Nowak pisze\(since ?? "?")"))
        try await anna.say("SELECT Drafts")
        try await anna.say("STORE 1 +FLAGS (\\Deleted)")
        try await anna.say("EXPUNGE")
        #expect(try await !card().contains("Anna Nowak pisze"))
        try await save("abc")
        #expect(try await card().contains("Anna Nowak pisze"))
        try await anna.say("UID MOVE 1:* Trash")
        #expect(try await !card().contains("Anna Nowak pisze"))
        try await save("abcd")
        let answer = "From: anna@acme.example\nTo: jan1@customer.example\nSubject: Re: Question 1\nMessage-ID: <s@laptop>\nIn-Reply-To: <q1@customer.example>\n\nabcd\n"
        #expect(await desk.send(answer, as: "anna", to: ["jan1@customer.example"]) == 250)
        #expect(try await !card().contains("Anna Nowak pisze"))
    }

    @Test func `moving the card alone moves its case`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.makeCards()
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        let moved = try await anna.say("UID MOVE 2 INBOX")
        #expect(moved[0].hasPrefix("* OK [COPYUID ") && moved.last == "a OK MOVE completed", "\(moved)")
        try await anna.expect("SELECT INBOX", has: "* 2 EXISTS")
    }

    @Test func `who switches cards off sees none under a new UIDVALIDITY, and a change of language keeps all`()
        async throws
    {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.makeCards()
        var anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        #expect(try await anna.say("UID MOVE 1 INBOX").last?.hasPrefix("a OK") == true)
        func validity() async throws -> String {
            try await anna.say("STATUS INBOX (UIDVALIDITY MESSAGES)").first ?? ""
        }
        let before = try await validity()
        #expect(before.contains("MESSAGES 2"))
        try await desk.apply { $0.agents[0].language = .polish }
        #expect(try await validity() == before)
        let drafts = try await anna.say("STATUS Drafts (UIDVALIDITY)")
        try await desk.apply { $0.agents[0].card = .hidden }
        anna = try await desk.session("anna")
        let after = try await validity()
        #expect(after.contains("MESSAGES 1"))
        #expect(after.replacing("MESSAGES 1", with: "") != before.replacing("MESSAGES 2", with: ""))
        #expect(
            try await anna.say("STATUS Drafts (UIDVALIDITY)").first?.split(separator: "(").last
                == drafts.first?.split(separator: "(").last)
    }

    @Test func `mail from before an agent came and cards from after are read for the newcomer`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.apply { desk in
            desk.agents.append(AgentDefinition(login: "nowy@acme.example", name: "Nowy"))
            desk.pools[0].members.append(PoolMember(login: "nowy@acme.example", priority: 1))
        }
        try await desk.makeCards()
        let client = try await desk.session("nowy")
        try await client.expect("STATUS New (MESSAGES UNSEEN)", has: "* STATUS \"New\" (MESSAGES 2 UNSEEN 0)")
    }

    @Test func `reading a card's text is noted, listing headers is not`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.makeCards()
        var services = desk.services
        services.screens = CardScreens()
        let client = TestClient(desk, services: services)
        try await client.start()
        try await client.say("LOGIN anna@acme.example secret")
        try await client.say("SELECT New")
        let card = try await desk.store.read { (transaction: Transaction) in
            try transaction.cards(of: TicketNumber(rawValue: 1)).first { $0.language == .english }
        }
        let key = try #require(card).message
        try await client.say("FETCH 1:2 (ENVELOPE BODY.PEEK[HEADER])")
        #expect(services.screens.busy(key, at: desk.clock.now) == nil)
        try await client.say("FETCH 1:2 (BODY.PEEK[])")
        #expect(services.screens.busy(key, at: desk.clock.now) == desk.clock.now + CardScreens.attention)
        #expect(services.screens.busy(key, at: desk.clock.now + CardScreens.attention) == nil)
    }
}

extension TestDesk {
    /// Makes the cards that are due.
    func makeCards() async throws {
        let service = CardService(
            store: store, feed: feed, roster: roster, renderer: CardRenderer(), screens: CardScreens(),
            cryptography: WeakCryptography(), clock: clock, hostname: DomainName("mx.acme.example")!,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        _ = try await service.catchUp()
    }
}
