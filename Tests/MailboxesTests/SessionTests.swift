import Desk
import Testing

struct SessionTests {
    @Test func `a client logs in, selects New and reads a mail`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let client = TestClient(desk)
        #expect(
            try await client.start() == [
                "* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IMAP4rev2 AUTH=SCRAM-SHA-256 AUTH=PLAIN] localhost Stempel ready"
            ])
        try await client.expect(
            "LOGIN anna@acme.example wrong", ["a NO [AUTHENTICATIONFAILED] Login or password is wrong"])
        #expect(
            try await client.say("LOGIN anna@acme.example secret").last?.hasPrefix("a OK [CAPABILITY IMAP4rev1 ")
                == true)
        let selected = try await client.say("SELECT New")
        #expect(selected.contains("* 1 EXISTS"))
        #expect(selected.contains("* OK [UNSEEN 1] First unseen"))
        #expect(selected.contains("* OK [UIDNEXT 2] Next UID"))
        #expect(selected.last == "a OK [READ-WRITE] Selected")
        let fetched = try await client.say("FETCH 1 (UID FLAGS BODY.PEEK[TEXT])")
        #expect(fetched == ["* 1 FETCH (UID 1 FLAGS () BODY[TEXT] {8}", "Text 1", ")", "a OK FETCH completed"])
        try await client.expect(
            "FETCH 1 BODY[HEADER.FIELDS (Subject)]",
            [
                "* 1 FETCH (BODY[HEADER.FIELDS (Subject)] {28}", "Subject: [#1] Question 1", "", " FLAGS (\\Seen))",
                "a OK FETCH completed",
            ])
    }

    @Test func `PLAIN logs in with and without an initial response`() async throws {
        let desk = try await TestDesk()
        let client = TestClient(desk)
        try await client.start()
        try await client.expect("AUTHENTICATE PLAIN", ["+ "])
        #expect(
            try await client.write("AGFubmFAYWNtZS5leGFtcGxlAHNlY3JldA==\r\n").last?.hasPrefix("a1 OK [CAPABILITY")
                == true)
        let second = TestClient(desk)
        try await second.start()
        #expect(
            try await second.say("AUTHENTICATE PLAIN AGFubmFAYWNtZS5leGFtcGxlAHNlY3JldA==").last?.hasPrefix(
                "a OK [CAPA") == true)
    }

    @Test func `an account has so many connections and no more`() async throws {
        let desk = try await TestDesk()
        var clients: [TestClient] = []
        for _ in 0..<3 { clients.append(try await desk.session("anna")) }
        let another = TestClient(desk)
        try await another.start()
        #expect(try await another.say("LOGIN anna@acme.example secret").first?.hasPrefix("a NO [LIMIT]") == true)
        clients.removeLast().end()
        let last = TestClient(desk)
        try await last.start()
        #expect(try await last.say("LOGIN anna@acme.example secret").last?.hasPrefix("a OK") == true)
    }

    @Test func `an idling client hears of a mail without asking`() async throws {
        let desk = try await TestDesk()
        let client = try await desk.session("anna")
        try await client.say("SELECT New")
        try await client.expect("IDLE", ["+ idling"])
        await desk.deliver(1)
        #expect(try await client.told() == ["* 1 EXISTS", "* 1 RECENT"])
        await desk.deliver(2)
        #expect(try await client.told() == ["* 2 EXISTS", "* 2 RECENT"])
        #expect(try await client.write("DONE\r\n").last?.hasSuffix("OK IDLE ended") == true)
    }

    @Test func `an agent sees nothing of a pool without membership`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await desk.deliver(2, to: "returns@acme.example")
        let olga = try await desk.session("olga")
        #expect(try await olga.say("SELECT New").contains("* 0 EXISTS"))
        try await olga.expect("UID FETCH 1:* (FLAGS)", ["a OK FETCH completed"])
        try await olga.expect(
            "STATUS Pools/Help (MESSAGES UIDNEXT)",
            [
                "* STATUS \"Pools/Help\" (MESSAGES 0 UIDNEXT 1)", "a OK STATUS completed",
            ])
        let bartek = try await desk.session("bartek")
        #expect(try await bartek.say("SELECT Nowe").contains("* 1 EXISTS"))
        let anna = try await desk.session("anna")
        #expect(try await anna.say("SELECT New").contains("* 2 EXISTS"))
        let ewa = try await desk.session("ewa")
        #expect(try await ewa.say("SELECT New").contains("* 1 EXISTS"))
        #expect(try await ewa.uids() == [2])
        try await ewa.expect("UID FETCH 1 BODY[]", ["a OK FETCH completed"])
        try await ewa.expect("UID MOVE 1 INBOX", ["a OK MOVE completed"])
    }

    @Test func `who sees no more cases of colleagues keeps all mailboxes but those that show them`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let (anna, celina) = (try await desk.session("anna"), try await desk.session("celina"))
        let names = ["New", "INBOX", "Spam", "\"Groups/Second line\"", "Pools/Returns", "Pools/Help", "Overdue", "\"Team/Bartek &AXs-ak\""]
        func validities(_ client: TestClient) async throws -> [String] {
            var lines: [String] = []
            for name in names { lines += try await client.say("STATUS \(name) (UIDVALIDITY)").prefix(1) }
            return lines
        }
        let (before, supervisors) = (try await validities(anna), try await validities(celina))
        try await anna.say("SELECT New")
        try await anna.say("IDLE")
        let other = try await desk.session("anna")
        try await other.expect("SELECT Pools/Help", has: "* 1 EXISTS")
        try await other.say("IDLE")
        try await desk.apply { $0.pools[0].membersSee = .own }
        #expect(try await other.told().first?.hasPrefix("* BYE ") == true)
        #expect(try await anna.told().isEmpty)
        try await anna.write("DONE\r\n")
        try await anna.expect("UID FETCH 1 (UID)", has: "* 1 FETCH (UID 1)")
        let after = try await validities(anna)
        #expect(zip(before, after).map { $0 == $1 } == [true, true, true, true, true, false, false, false], "\(before) \(after)")
        #expect(try await validities(celina) == supervisors)
        try await anna.expect("STATUS Pools/Help (MESSAGES)", has: "* STATUS \"Pools/Help\" (MESSAGES 0)")
        try await desk.apply { _ in }
        let again = try await validities(anna)
        #expect(zip(after, again).map { $0 == $1 } == [true, true, true, true, true, false, false, false])
        try await anna.expect("STATUS Pools/Help (MESSAGES)", has: "* STATUS \"Pools/Help\" (MESSAGES 1)")
    }

    @Test func `a changed membership ends sessions that have the view selected`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await anna.say("IDLE")
        try await desk.apply { $0.pools[0].members.removeFirst() }
        #expect(try await anna.told().first?.hasPrefix("* BYE ") == true)
    }
}
