import Mailboxes
import Storage
import Testing

/// MULTIAPPEND (RFC 3502).
struct RFC3502Tests {
    private static func mail(_ number: Int, _ size: Int = 10) -> String {
        "Subject: \(number)\r\nMessage-ID: <m\(number)@acme.example>\r\n\r\n" + String(repeating: "x", count: size) + "\r\n"
    }

    private static func literal(_ text: String) -> String { "{\(text.utf8.count)+}\r\n\(text)" }

    private func contents(_ desk: TestDesk) async throws -> Int64? {
        try await desk.store.database.read { try $0.integer("SELECT count(*) FROM content") }
    }

    @Test func `several messages are appended with flags and dates of their own`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("CREATE Private/A")
        let told = try await anna.write(
            "x APPEND Private/A (\\Seen) \(Self.literal(Self.mail(1)))"
                + " \"01-Feb-2020 10:00:00 +0000\" \(Self.literal(Self.mail(2, 200_000))) (\\Flagged work)"
                + " \(Self.literal(Self.mail(3)))\r\n")
        #expect(told.count == 1 && told[0].hasPrefix("x OK [APPENDUID ") && told[0].contains(" 1:3] "))
        try await desk.dialogue(
            #"""
            C: SELECT Private/A
            S: ...
            S: a OK *
            C: FETCH 1:* (FLAGS INTERNALDATE)
            S: * 1 FETCH (FLAGS (\Seen) INTERNALDATE "03-Mar-2026 12:00:00 +0000")
            S: * 2 FETCH (FLAGS () INTERNALDATE "01-Feb-2020 10:00:00 +0000")
            S: * 3 FETCH (FLAGS (\Flagged work) INTERNALDATE "03-Mar-2026 12:00:00 +0000")
            S: a OK *
            """#)
    }

    @Test func `every synchronising literal is asked for`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        let text = Self.mail(1)
        #expect(try await anna.write("x APPEND Drafts {\(text.utf8.count)}\r\n") == ["+ OK"])
        #expect(try await anna.write("\(text) {\(text.utf8.count)}\r\n") == ["+ OK"])
        #expect(try await anna.write("\(text)\r\n").last?.hasPrefix("x OK") == true)
    }

    @Test func `one message that cannot be taken takes all with it`() async throws {
        let desk = try await TestDesk()
        let configuration = SessionConfiguration(messageSize: 300_000)
        let anna = TestClient(desk, configuration)
        try await anna.start()
        try await anna.say("LOGIN anna@acme.example secret")
        let good = Self.literal(Self.mail(1, 100_000))
        // An empty literal is how a client gives up (RFC 3502 §3).
        #expect(
            try await anna.write("x APPEND Drafts \(good) {0+}\r\n\r\ny NOOP\r\n") == [
                "x NO The message is empty", "y OK NOOP completed",
            ])
        // Nothing more is asked for, and what comes unasked is skipped.
        #expect(
            try await anna.write("x APPEND Drafts \(good) {0}\r\ny NOOP\r\n") == [
                "x NO The message is empty", "y OK NOOP completed",
            ])
        #expect(
            try await anna.write("x APPEND Drafts \(good) {300001+}\r\n") == ["x NO [TOOBIG] Message too large: at most 300000 octets"])
        #expect(
            try await anna.write(String(repeating: "y", count: 300_001) + "\r\ny NOOP\r\n") == ["y OK NOOP completed"])
        #expect(
            try await anna.write("x APPEND Drafts \(good) (\\Foo) {3+}\r\nabc\r\ny NOOP\r\n") == [
                "x BAD Unknown system flag", "y OK NOOP completed",
            ])
        try await anna.expect("STATUS Drafts (MESSAGES UIDNEXT)", has: "* STATUS \"Drafts\" (MESSAGES 0 UIDNEXT 1)")
        // What was staged is dropped by a write of its own, behind which this one stands.
        try await desk.store.write { (_: any MailboxTransaction) in }
        #expect(try await contents(desk) == 0)
    }

    @Test func `so many messages and no more`() async throws {
        let desk = try await TestDesk()
        let anna = TestClient(desk, SessionConfiguration(messagesPerAppend: 3))
        try await anna.start()
        try await anna.say("LOGIN anna@acme.example secret")
        try await anna.say("CREATE Private/A")
        func append(_ count: Int) async throws -> String? {
            let literals = (1...count).map { Self.literal(Self.mail($0)) }.joined(separator: " ")
            return try await anna.write("x APPEND Private/A \(literals)\r\n").last
        }
        #expect(try await append(3)?.hasPrefix("x OK [APPENDUID ") == true)
        #expect(try await append(4) == "x NO [LIMIT] Append at most 3 messages at once")
        #expect(try await append(5) == "x NO [LIMIT] Append at most 3 messages at once")
        try await anna.expect("STATUS Private/A (MESSAGES)", has: "* STATUS \"Private/A\" (MESSAGES 3)")
    }

    @Test func `small messages do not pile up in memory`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("CREATE Private/A")
        let literals = (1...60).map { Self.literal(Self.mail($0, 60_000)) }.joined(separator: " ")
        #expect(
            try await anna.write("x APPEND Private/A \(literals)\r\n").last?.hasPrefix("x OK [APPENDUID ") == true)
        let staged = try await desk.store.database.read {
            try $0.integer("SELECT count(*) FROM content WHERE octets IS NULL")
        }
        #expect((40...44).contains(staged ?? 0))
        try await anna.say("SELECT Private/A")
        try await anna.expect("FETCH 60 RFC822.SIZE", has: "* 60 FETCH (RFC822.SIZE \(Self.mail(60, 60_000).utf8.count))")
        #expect(try await anna.say("FETCH 60 BODY.PEEK[TEXT]")[1].count == 60_000)
    }

    @Test func `mail for the desk is filed all or none`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        func mail(_ number: Int) -> String {
            Self.literal("From: jan@customer.example\r\nTo: help@acme.example\r\n" + Self.mail(number))
        }
        #expect(
            try await anna.write("x APPEND New \(mail(1)) \(mail(2))\r\n").last?.contains(" 1:2] APPEND") == true)
        #expect(try await anna.write("x APPEND New \(mail(3)) {0+}\r\n\r\n").last == "x NO The message is empty")
        // One is there already: no UID can be said for it, so none is.
        #expect(try await anna.write("x APPEND New \(mail(1)) \(mail(4))\r\n").last == "x OK APPEND completed")
        try await anna.expect("STATUS New (MESSAGES)", has: "* STATUS \"New\" (MESSAGES 3)")
    }
}
