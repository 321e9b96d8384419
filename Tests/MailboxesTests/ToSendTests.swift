import Desk
import Storage
import Testing

/// To send as a client sees it (DESIGN §3): what waits there can be recalled, released, and nothing else.
struct ToSendTests {
    private func desk() async throws -> TestDesk {
        let desk = try await TestDesk()
        await desk.deliver(1)
        return desk
    }

    private func answer(
        _ desk: TestDesk, as name: String = "anna", to: [String] = ["jan1@customer.example"], body: String = "It comes."
    ) async {
        let code = await desk.send(
            """
            From: \(name)@acme.example
            To: \(to.joined(separator: ", "))
            Subject: Re: Question 1
            Message-ID: <\(name)@laptop>
            In-Reply-To: <q1@customer.example>

            \(body)

            """, as: name, to: to)
        #expect(code == 250)
    }

    @Test func `moving to Drafts recalls, with the UID of the draft`() async throws {
        let desk = try await desk()
        let anna = try await desk.session("anna")
        await answer(desk)
        #expect(try await anna.say("SELECT \"To send\"").contains("* 1 EXISTS"))
        let shown = try await anna.say("FETCH 1 (FLAGS BODY.PEEK[HEADER.FIELDS (Subject)])")
        #expect(shown.contains("Subject: Re: [#1] Question 1"))
        let moved = try await anna.say("UID MOVE 1 Drafts")
        #expect(moved.first?.hasPrefix("* OK [COPYUID ") == true && moved.first?.contains(" 1 1] ") == true)
        #expect(Array(moved.dropFirst()) == ["* 1 EXPUNGE", "a OK MOVE completed"])
        #expect(try await anna.say("SELECT Drafts").contains("* 1 EXISTS"))
        let draft = try await anna.say("FETCH 1 (FLAGS BODY.PEEK[])")
        #expect(draft.first?.contains("\\Draft") == true)
        #expect(draft.contains("Subject: Re: Question 1") && draft.contains("Message-ID: <anna@laptop>"))
        // The case was never touched.
        #expect(try await anna.say("STATUS New (MESSAGES)")[0].contains("MESSAGES 1"))
    }

    @Test(arguments: ["Trash", "Kosz"]) func `moving to Trash recalls to Drafts, too`(trash: String) async throws {
        let desk = try await desk()
        let anna = try await desk.session("anna")
        await answer(desk)
        try await anna.say("SELECT \"To send\"")
        let moved = try await anna.say("MOVE 1 \(trash)")
        #expect(moved.first?.hasPrefix("* OK [COPYUID ") == true, "\(moved)")
        #expect(try await anna.say("STATUS Trash (MESSAGES)")[0].contains("MESSAGES 0"))
        #expect(try await anna.say("STATUS Drafts (MESSAGES)")[0].contains("MESSAGES 1"))
    }

    @Test func `copying to Drafts, marking deleted and expunging recalls once`() async throws {
        let desk = try await desk()
        let anna = try await desk.session("anna")
        await answer(desk)
        try await anna.say("SELECT \"To send\"")
        #expect(try await anna.say("UID COPY 1 Drafts").last?.hasPrefix("a OK [COPYUID ") == true)
        #expect(try await anna.say("UID STORE 1 +FLAGS (\\Deleted)").last == "a OK STORE completed")
        try await anna.expect("EXPUNGE", ["* 1 EXPUNGE", "a OK EXPUNGE completed"])
        #expect(try await anna.say("STATUS Drafts (MESSAGES)")[0].contains("MESSAGES 1"))
    }

    @Test(arguments: ["EXPUNGE", "UID EXPUNGE 1", "CLOSE"]) func `deleting there recalls`(command: String) async throws
    {
        let desk = try await desk()
        let anna = try await desk.session("anna")
        await answer(desk)
        try await anna.say("SELECT \"To send\"")
        #expect(try await anna.say("STORE 1 +FLAGS (\\Deleted)").last == "a OK STORE completed")
        #expect(try await anna.say(command).last?.hasPrefix("a OK") == true)
        #expect(try await anna.say("STATUS Drafts (MESSAGES)")[0].contains("MESSAGES 1"))
        #expect(try await anna.say("STATUS \"To send\" (MESSAGES)")[0].contains("MESSAGES 0"))
        desk.clock.advance(by: .seconds(60))
        try await desk.releaseDue()
        #expect(try await anna.say("STATUS Waiting (MESSAGES)")[0].contains("MESSAGES 0"))
    }

    @Test func `what has left answers with the time`() async throws {
        let desk = try await desk()
        let (anna, bartek) = (try await desk.session("anna"), try await desk.session("bartek"))
        await answer(desk)
        try await anna.say("SELECT \"To send\"")
        desk.clock.advance(by: .seconds(30))
        try await desk.releaseDue()
        try await anna.expect("UID STORE 1 +FLAGS (\\Deleted)", ["* 1 EXPUNGE", "a NO [CANNOT] Already sent at 12:00"])
        await answer(desk, as: "bartek", body: "No.")
        #expect(try await bartek.say("SELECT \"To send\"").contains("* 1 EXISTS"))
        try await bartek.say("UID MOVE 1 \"Do wys&AUI-ania/Potwierdzone\"")
        await answer(desk, as: "bartek", body: "Yes.")
    }

    @Test func `recalling comes too late by a moment`() async throws {
        let desk = try await desk()
        let bartek = try await desk.session("bartek")
        await answer(desk, as: "bartek")
        try await bartek.say("SELECT \"To send\"")
        desk.clock.advance(by: .seconds(30))
        try await desk.releaseDue()
        try await bartek.expect("UID MOVE 1 Drafts", ["* 1 EXPUNGE", "a NO [CANNOT] Juz wyslano o 12:00"])
        try await bartek.expect("UID MOVE 1 Drafts", ["a OK MOVE completed"])
        #expect(try await bartek.say("STATUS Drafts (MESSAGES)")[0].contains("MESSAGES 0"))
    }

    @Test func `a mail with a doubt leaves once it is moved to Confirmed`() async throws {
        let desk = try await desk()
        let anna = try await desk.session("anna")
        await answer(desk, to: ["jan1@customer.example", "eve@else.example"])
        try await anna.say("SELECT \"To send\"")
        let text = try await anna.say("FETCH 1 BODY.PEEK[]").joined(separator: "\n")
        #expect(text.contains("[Stempel] Not sent: no participant of the case: eve@else.example."))
        desk.clock.advance(by: .seconds(3600))
        try await desk.releaseDue()
        #expect(try await anna.say("NOOP") == ["a OK NOOP completed"])
        let moved = try await anna.say("UID MOVE 1 \"To send/Confirmed\"")
        #expect(moved.first?.hasPrefix("* OK [COPYUID ") == true, "\(moved)")
        #expect(Array(moved.dropFirst()) == ["* 1 EXPUNGE", "a OK MOVE completed"])
        #expect(try await anna.say("STATUS \"To send/Confirmed\" (MESSAGES)")[0].contains("MESSAGES 0"))
        #expect(try await anna.say("STATUS Waiting (MESSAGES)")[0].contains("MESSAGES 2"))
    }

    @Test(arguments: ["INBOX", "Done", "Pools/Help", "Sent", "Team/bartek"])
    func `nothing else can be done with it`(destination: String) async throws {
        let desk = try await desk()
        let anna = try await desk.session("anna")
        await answer(desk)
        try await anna.say("SELECT \"To send\"")
        #expect(try await anna.say("MOVE 1 \(destination)").last?.hasPrefix("a NO [CANNOT] A mail that waits") == true)
        #expect(try await anna.say("FETCH 1 UID").first == "* 1 FETCH (UID 1)")
    }

    @Test func `a copy of it among one's own mail outlives the recall and the draft`() async throws {
        let desk = try await desk()
        let anna = try await desk.session("anna")
        await answer(desk)
        try await anna.say("CREATE Private/Kept")
        try await anna.say("SELECT \"To send\"")
        #expect(try await anna.say("COPY 1 Private/Kept").last?.hasPrefix("a OK [COPYUID") == true)
        try await anna.say("MOVE 1 Drafts")
        try await anna.say("SELECT Drafts")
        try await anna.say("STORE 1 +FLAGS (\\Deleted)")
        try await anna.say("EXPUNGE")
        try await anna.say("SELECT Private/Kept")
        #expect(try await anna.say("FETCH 1 BODY.PEEK[TEXT]").contains("It comes."))
    }

    @Test func `recalling and leaving at once ends in one of the two`() async throws {
        for round in 1...10 {
            let desk = try await desk()
            let anna = try await desk.session("anna")
            await answer(desk)
            try await anna.say("SELECT \"To send\"")
            desk.clock.advance(by: .seconds(30))
            async let released: Void = desk.releaseDue()
            let told = try await anna.say("MOVE 1 Drafts")
            try await released
            let isRecalled = told.last == "a OK MOVE completed"
            #expect(isRecalled || told.last == "a NO [CANNOT] Already sent at 12:00", "round \(round): \(told)")
            let left = try await desk.store.read { (transaction: Transaction) in
                try transaction.connection.integer("SELECT count(*) FROM submission")
            }
            #expect(left == (isRecalled ? 0 : 1))
            #expect(try await anna.say("STATUS Drafts (MESSAGES)")[0].contains("MESSAGES \(isRecalled ? 1 : 0)"))
        }
    }

    @Test func `the copy in Sent goes with the recall, and comes with the next sending`() async throws {
        let desk = try await desk()
        let anna = try await desk.session("anna")
        let copy = "Subject: Re: Question 1\r\nMessage-ID: <anna@laptop>\r\n\r\nIt comes.\r\n"
        await answer(desk)
        try await anna.say("APPEND Sent {\(copy.utf8.count)+}\r\n\(copy)")
        #expect(try await anna.say("STATUS Sent (MESSAGES)")[0].contains("MESSAGES 1"))
        try await anna.say("SELECT \"To send\"")
        try await anna.say("MOVE 1 Drafts")
        #expect(try await anna.say("STATUS Sent (MESSAGES)")[0].contains("MESSAGES 0"))
    }

    // MARK: - Drafts

    @Test func `a draft of an answer puts the case in progress, once, and replaces the one before it`() async throws {
        let desk = try await desk()
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await anna.say("MOVE 1 INBOX")
        func events() async throws -> Int64? {
            try await desk.store.read { (transaction: Transaction) in
                try transaction.connection.integer("SELECT count(*) FROM event")
            }
        }
        let before = try #require(try await events())
        for text in ["It", "It co", "It comes."] {
            let draft =
                "Subject: Re: Question 1\r\nMessage-ID: <draft@laptop>\r\nIn-Reply-To: <q1@customer.example>\r\n\r\n\(text)\r\n"
            #expect(
                try await anna.say("APPEND Drafts (\\Draft) {\(draft.utf8.count)+}\r\n\(draft)").last?.hasPrefix("a OK")
                    == true)
        }
        #expect(try await events() == before + 1)
        #expect(try await anna.say("STATUS Drafts (MESSAGES)")[0].contains("MESSAGES 1"))
        let status = try await desk.store.read { (transaction: Transaction) in
            try transaction.ticket(TicketNumber(rawValue: 1))?.status
        }
        #expect(status == .inProgress)
        #expect(try await anna.say("STATUS INBOX (MESSAGES)")[0].contains("MESSAGES 1"))
    }

    @Test func `a draft about a colleague's case changes nothing`() async throws {
        let desk = try await desk()
        let (anna, bartek) = (try await desk.session("anna"), try await desk.session("bartek"))
        try await anna.say("SELECT New")
        try await anna.say("MOVE 1 INBOX")
        let draft = "Subject: x\r\nIn-Reply-To: <q1@customer.example>\r\n\r\nx\r\n"
        try await bartek.say("APPEND Drafts {\(draft.utf8.count)+}\r\n\(draft)")
        let status = try await desk.store.read { (transaction: Transaction) in
            try transaction.ticket(TicketNumber(rawValue: 1))?.status
        }
        #expect(status == .assigned)
    }

    // MARK: - Notices

    @Test func `an answer to a mail to desk@ lies in INBOX and is deleted without a right`() async throws {
        let desk = try await desk()
        let (anna, bartek) = (try await desk.session("anna"), try await desk.session("bartek"))
        #expect(
            await desk.send(
                "From: anna@acme.example\nTo: desk@acme.example\nSubject: Hi\n\nx\n", as: "anna",
                to: ["desk@acme.example"]) == 250)
        #expect(try await anna.say("SELECT INBOX").contains("* 1 EXISTS"))
        #expect(try await anna.say("FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]").contains("Subject: No command: Hi"))
        #expect(try await bartek.say("SELECT \"Team/Anna Nowak\"").contains("* 0 EXISTS"))
        #expect(try await anna.say("STORE 1 +FLAGS (\\Deleted)").last == "a OK STORE completed")
        try await anna.expect("EXPUNGE", ["* 1 EXPUNGE", "a OK EXPUNGE completed"])
    }
}
