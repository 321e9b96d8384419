import Storage
import Testing

struct AppendTests {
    private static let draft = crlf(
        """
        From: anna@acme.example
        To: jan@customer.example
        Subject: Draft
        Message-ID: <draft@acme.example>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Za=C5=BC=C3=B3=C5=82=C4=87 g=C4=99=C5=9Bl=C4=85
        --b
        Content-Type: application/octet-stream

        data
        --b--

        """)

    private func append(_ client: TestClient, _ mailbox: String, _ text: String, _ flags: String = "") async throws
        -> [String]
    {
        try await client.write("x APPEND \(mailbox) \(flags){\(text.utf8.count)+}\r\n\(text)\r\n")
    }

    @Test func `a draft keeps its octets, flags and date`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        let told = try await append(anna, "Drafts", Self.draft, "(\\Seen \\Draft work) \"01-Feb-2026 10:00:00 +0100\" ")
        #expect(told.last?.hasPrefix("x OK [APPENDUID ") == true)
        try await anna.say("SELECT Drafts")
        try await anna.expect(
            "FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE)",
            [
                "* 1 FETCH (FLAGS (\\Seen \\Draft work) INTERNALDATE \"01-Feb-2026 09:00:00 +0000\" RFC822.SIZE \(Self.draft.utf8.count))",
                "a OK FETCH completed",
            ])
        let body = try await anna.say("FETCH 1 BODY.PEEK[]")
        #expect(body.joined(separator: "\r\n").contains("{\(Self.draft.utf8.count)}\r\n\(Self.draft))\r\n"))
        try await anna.expect("FETCH 1 BODY.PEEK[2]", ["* 1 FETCH (BODY[2] {4}", "data)", "a OK FETCH completed"])
        try await anna.expect(
            "FETCH 1 BODY.PEEK[2]<1.2>", ["* 1 FETCH (BODY[2]<1> {2}", "at)", "a OK FETCH completed"])
        try await anna.expect("FETCH 1 BODY.PEEK[3]", ["* 1 FETCH (BODY[3] NIL)", "a OK FETCH completed"])
        let structure = try await anna.say("FETCH 1 (BODY ENVELOPE)")
        #expect(
            structure[0].contains("BODY ((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"quoted-printable\" "))
        #expect(structure[0].contains("ENVELOPE (NIL \"Draft\" ((NIL NIL \"anna\" \"acme.example\"))"))
    }

    @Test func `an autosaved draft takes the place of the last, a sent mail is kept once`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        _ = try await append(anna, "Drafts", Self.draft)
        _ = try await append(anna, "Drafts", Self.draft)
        try await anna.expect("STATUS Drafts (MESSAGES UIDNEXT)", has: "* STATUS \"Drafts\" (MESSAGES 1 UIDNEXT 3)")
        let first = try await append(anna, "Sent", Self.draft)
        let second = try await append(anna, "Sent", Self.draft)
        #expect(first == second)
        try await anna.expect("STATUS Sent (MESSAGES)", has: "* STATUS \"Sent\" (MESSAGES 1)")
    }

    @Test func `mail is not put where cases are decided about`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        for mailbox in ["Team", "Done", "Spam", "Next", "Team/bartek", "\"Groups/Second line\""] {
            #expect(try await append(anna, mailbox, Self.draft).last?.hasPrefix("x NO [CANNOT]") == true, "\(mailbox)")
        }
        #expect(try await append(anna, "Private/x", Self.draft).last?.hasPrefix("x NO [TRYCREATE]") == true)
        try await anna.expect("NOOP", ["a OK NOOP completed"])
    }

    @Test func `mail put into New, INBOX or a pool is filed by the intake`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        func mail(_ number: Int, _ size: Int = 1) -> String {
            crlf("From: jan@customer.example\nTo: returns@acme.example\nSubject: Phoned \(number)\n")
                + "Message-ID: <p\(number)@customer.example>\r\n\r\n"
                + String(repeating: String(repeating: "y", count: 98) + "\r\n", count: size)
        }
        #expect(try await append(anna, "New", mail(1)).last?.hasPrefix("x OK [APPENDUID ") == true)
        #expect(try await append(anna, "INBOX", mail(2, 9000), "(\\Seen) ").last?.hasPrefix("x OK [APPENDUID ") == true)
        #expect(try await append(anna, "Pools/Help", mail(3)).last?.hasPrefix("x OK [APPENDUID ") == true)
        #expect(try await append(anna, "New", mail(1)) == ["x OK That mail is there already"])
        try await anna.say("SELECT New")
        #expect(
            try await anna.say("FETCH 1:* BODY.PEEK[HEADER.FIELDS (Subject)]").filter { $0.hasPrefix("Subject") } == [
                "Subject: [RET#1] Phoned 1", "Subject: [#3] Phoned 3",
            ])
        try await anna.say("SELECT INBOX")
        let fetched = try await anna.say("FETCH 1 (FLAGS RFC822.SIZE BODY.PEEK[TEXT])")
        #expect(
            fetched[0].hasPrefix("* 1 FETCH (FLAGS (\\Seen) RFC822.SIZE 900")
                && fetched[0].hasSuffix("BODY[TEXT] {900000}"))
        let ewa = try await desk.session("ewa")
        #expect(try await append(ewa, "Pools/Help", mail(4)).last?.hasPrefix("x OK [APPENDUID ") == true)
        try await ewa.expect("STATUS Pools/Help (MESSAGES)", has: "* STATUS \"Pools/Help\" (MESSAGES 0)")
        let olga = try await desk.session("olga")
        #expect(try await append(olga, "New", mail(5)) == ["x NO [CANNOT] No pool of yours takes this mail"])
    }

    @Test func `a large message is staged and streamed in pieces`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        let line = String(repeating: "x", count: 998) + "\r\n"
        let text = "Subject: large\r\n\r\n" + String(repeating: line, count: 600)
        #expect(try await append(anna, "Private/big", text).last?.contains("TRYCREATE") == true)
        try await anna.say("CREATE Private/big")
        #expect(try await append(anna, "Private/big", text).last?.hasPrefix("x OK [APPENDUID") == true)
        try await anna.say("SELECT Private/big")
        let fetched = try await anna.say("FETCH 1 (UID BODY[])").joined(separator: "\r\n")
        #expect(
            fetched == "* 1 FETCH (UID 1 BODY[] {\(text.utf8.count)}\r\n\(text) FLAGS (\\Seen))\r\na OK FETCH completed"
        )
        try await anna.expect(
            "FETCH 1 BODY.PEEK[]<65530.10>",
            [
                "* 1 FETCH (BODY[]<65530> {10}", String(text.utf8.dropFirst(65530).prefix(10))! + ")",
                "a OK FETCH completed",
            ])
    }

    @Test func `own mail moves, is copied, deleted and expunged as in any server`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("CREATE Private/A")
        _ = try await append(anna, "Private/A", Self.draft, "(\\Flagged) ")
        _ = try await append(anna, "Private/A", Self.draft.replacing("draft@", with: "other@"))
        try await anna.say("SELECT Private/A")
        let copied = try await anna.say("COPY 1 Templates")
        #expect(copied.last?.contains(" 1 1] COPY completed") == true)
        let moved = try await anna.say("UID MOVE 2 Trash")
        #expect(moved.dropFirst() == ["* 2 EXPUNGE", "a OK MOVE completed"])
        try await anna.say("STORE 1 +FLAGS.SILENT (\\Deleted)")
        try await anna.expect("UID EXPUNGE 2:9", ["a OK EXPUNGE completed"])
        try await anna.expect("EXPUNGE", ["* 1 EXPUNGE", "a OK EXPUNGE completed"])
        try await anna.say("SELECT Templates")
        try await anna.expect("FETCH 1 FLAGS", ["* 1 FETCH (FLAGS (\\Flagged))", "a OK FETCH completed"])
        #expect(try await anna.say("FETCH 1 BODY.PEEK[2]").contains("data)"))
        #expect(try await anna.say("MOVE 1 INBOX").last?.hasPrefix("a NO [CANNOT] Your own mail") == true)
    }

    @Test func `the octets of mail that is gone go when nobody shares them`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        _ = try await append(anna, "Sent", Self.draft)
        try await anna.say("SELECT Sent")
        try await anna.say("COPY 1 Templates")
        try await anna.say("STORE 1 +FLAGS (\\Deleted)")
        try await anna.say("CLOSE")
        try await anna.say("SELECT Templates")
        #expect(try await anna.say("FETCH 1 BODY.PEEK[2]").contains("data)"))
        try await anna.say("STORE 1 +FLAGS (\\Deleted)")
        try await anna.say("EXPUNGE")
        let left = try await desk.store.database.read { try $0.integer("SELECT count(*) FROM content") }
        #expect(left == 0)
    }
}
