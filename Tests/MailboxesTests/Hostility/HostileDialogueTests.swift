import Mailboxes
import Testing

/// Known attacks on mail servers, as dialogues: each ends with a refusal that names the limit, and the session goes on
/// where it can.
struct HostileDialogueTests {
    private func stranger(_ desk: TestDesk) async throws -> TestClient {
        let client = TestClient(desk, SessionConfiguration(offersStartTLS: true))
        try await client.start()
        return client
    }

    private func anna(_ desk: TestDesk) async throws -> TestClient {
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        return anna
    }

    /// The session answers and is not hung up on.
    private func expectAlive(_ client: TestClient, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await client.say("NOOP").last == "a OK NOOP completed", sourceLocation: sourceLocation)
        #expect(client.next == .goOn, sourceLocation: sourceLocation)
    }

    // MARK: - Before login

    /// CVE-2011-0411, CVE-2021-33515.
    @Test func `commands behind STARTTLS in the clear are never carried out`() async throws {
        let desk = try await TestDesk()
        let client = try await stranger(desk)
        let told = try await client.write("a STARTTLS\r\nb LOGIN anna@acme.example secret\r\nc SELECT INBOX\r\n")
        #expect(told == ["a OK Begin TLS now"])
        #expect(client.next == .startTLS)
    }

    /// CVE-2024-34055, CVE-2025-61600, CVE-2026-27857.
    @Test func `who is not logged in gets little room`() async throws {
        let desk = try await TestDesk()
        let client = try await stranger(desk)
        func refused(_ command: String, _ response: String) async throws {
            let told = try await client.write("x \(command)\r\n")
            #expect(told.count == 1 && told[0].hasPrefix("x BAD \(response)"), "\(command.prefix(40)): \(told)")
        }
        #expect(try await client.write("x LOGIN {4096}\r\n") == ["+ OK"])
        _ = try await client.write(String(repeating: "x", count: 4096) + " y\r\n")
        try await refused("LOGIN {4097}", "[TOOBIG] Literal too large: at most 4096 octets")
        try await refused("LOGIN {99999999999999999999999}", "[TOOBIG]")
        try await refused(
            "ID (" + (1...9).map { _ in "{1+}\r\nx" }.joined(separator: " ") + ")", "[LIMIT] Too many literals: at most 8")
        try await refused("ID (" + String(repeating: "\"x\" NIL ", count: 65) + ")", "[LIMIT] List too long")
        try await refused("NOOP " + String(repeating: "x", count: 16_400), "[LIMIT] Line too long: at most 16384")
        try await refused("LOGIN " + String(repeating: "(", count: 16_000), "")
        try await refused("APPEND INBOX {5}", "Log in first")
        try await refused("SEARCH " + String(repeating: "(", count: 16_000), "[LIMIT]")
        try await expectAlive(client)
        // What is sent unasked is skipped as long as it is little; then it is enough.
        let much = String(repeating: "x", count: 70_000)
        let told = try await client.write("x LOGIN {70000+}\r\n\(much)\r\n")
        #expect(told == ["x BAD [TOOBIG] Literal too large: at most 4096 octets", "* BYE Too much to skip"])
        #expect(client.next == .close)
    }

    @Test func `a line without an end is cut off`() async throws {
        let desk = try await TestDesk()
        let client = try await stranger(desk)
        var told: [String] = []
        for _ in 0..<64 where client.next == .goOn { told += try await client.write(String(repeating: "x", count: 4096)) }
        #expect(told == ["* BAD [LIMIT] Line too long: at most 16384 octets", "* BYE Too much to skip"])
        #expect(client.next == .close)
    }

    @Test func `passwords are not guessed for ever`() async throws {
        let desk = try await TestDesk()
        let client = try await stranger(desk)
        let guesses = (1...50).map { "g\($0) LOGIN anna@acme.example guess\($0)\r\n" }.joined()
        let told = try await client.write(guesses)
        #expect(told.count == 6 && told.last == "* BYE Too many refused logins")
        #expect(client.next == .close)
    }

    // MARK: - Tags, NUL and other oddities

    @Test(arguments: ["* NOOP", "+ NOOP", "NOOP", "a", " a NOOP", "\"a\" NOOP", "{1} NOOP", "a\0b NOOP", "%x NOOP", "(a) NOOP"])
    func `what is no tag is not repeated`(line: String) async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        let told = try await anna.write("\(line)\r\n")
        #expect(told.count == 1 && told[0].hasPrefix("* BAD "), "\(told)")
        try await expectAlive(anna)
    }

    @Test func `a tag may be long and odd`() async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        for tag in [String(repeating: "t", count: 60_000), "a]b", "!#$&'-/:;<=>?@^_`|~", "]"] {
            #expect(try await anna.write("\(tag) NOOP\r\n") == ["\(tag) OK NOOP completed"])
        }
    }

    @Test(arguments: [
        "NO\0OP", "SELECT \"IN\0BOX\"", "SELECT {3+}\r\nx\0y", "SEARCH SUBJECT \"\0\"", "STORE 1 +FLAGS (a\0b)",
        "FETCH 1 BODY[HEADER.FIELDS (\"a\0\")]", "CREATE Private/\0", "CREATE \"Private/a\u{7F}b\"",
        "CREATE \"Private/a\rb\"",
    ]) func `NUL and other controls are refused wherever they stand`(command: String) async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        let told = try await anna.write("x \(command)\r\n")
        #expect(told.count == 1 && told[0].hasPrefix("x BAD "), "\(told)")
        try await expectAlive(anna)
    }

    @Test func `line ends cannot be smuggled into an answer`() async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        for command in [
            "FETCH 1 BODY[HEADER.FIELDS ({8+}\r\nX\r\n* BYE)]", "CREATE {16+}\r\nPrivate/a\r\n* BYE",
            "SEARCH RETURN (ALL) KEYWORD {6+}\r\n\r\n* OK", "STORE 1 +FLAGS ({6+}\r\n\r\n* OK)",
            "ID (\"name\" {8+}\r\n\r\n* BYE x)", "THREAD {6+}\r\n\r\n* OK UTF-8 ALL",
        ] {
            let told = try await anna.write("x \(command)\r\n")
            #expect(!told.contains { $0.hasPrefix("* BYE") || $0 == "* OK" }, "\(told)")
        }
        try await expectAlive(anna)
    }

    // MARK: - After login

    @Test func `literals are counted and added up`() async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        func fetch(_ literals: [String]) -> String {
            "x FETCH 1 BODY.PEEK[HEADER.FIELDS ("
                + literals.map { "{\($0.utf8.count)+}\r\n\($0)" }.joined(separator: " ") + ")]\r\n"
        }
        let names = (0..<1001).map { "X\($0)" }
        #expect(try await anna.write(fetch(Array(names.dropLast()))).last == "x OK FETCH completed")
        let limit = "x BAD [LIMIT] Too many literals: at most 1000 with 1048576 octets in a command"
        #expect(try await anna.write(fetch(names)) == [limit])
        let big = (0..<12).map { "X\($0)" + String(repeating: "x", count: 100_000) }
        #expect(try await anna.write(fetch(big)) == [limit])
        #expect(try await anna.write("x SELECT {102401}\r\n") == ["x BAD [TOOBIG] Literal too large: at most 102400 octets"])
        try await expectAlive(anna)
        #expect(
            try await anna.write("x SELECT {999999999+}\r\n") == [
                "x BAD [TOOBIG] Literal too large: at most 102400 octets", "* BYE Too much to skip",
            ])
    }

    @Test func `a command without literals may have 64 KiB`() async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        let set = String(repeating: ",1000000", count: 8189)
        let longest = "x UID FETCH 1\(set),1000 UID\r\n"
        #expect(longest.utf8.count == 65_536)
        #expect(try await anna.write(longest) == ["* 1 FETCH (UID 1)", "x OK FETCH completed"])
        #expect(
            try await anna.write("x UID FETCH 1\(set),10000 UID\r\n") == [
                "x BAD [LIMIT] Line too long: at most 65536 octets"
            ])
        try await expectAlive(anna)
    }

    @Test(arguments: ["(", "NOT ", "OR ALL ", "NOT (", "OR (ALL) ("]) func `search programs nest so deep and no deeper`(
        piece: String
    ) async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        func search(_ count: Int) -> String {
            let end = String(repeating: ")", count: piece.hasSuffix("(") ? count : 0)
            return "x SEARCH \(String(repeating: piece, count: count))ALL\(end)\r\n"
        }
        let levels = piece.contains("NOT (") || piece.contains("OR (") ? 64 : 128
        #expect(try await anna.write(search(levels)).last == "x OK SEARCH completed")
        let limit = "x BAD [LIMIT] Search program nested too deeply: at most 128 levels"
        #expect(try await anna.write(search(levels + 1)) == [limit])
        #expect(try await anna.write(search(60_000 / (piece.utf8.count + 1))) == [limit])
        try await expectAlive(anna)
    }

    @Test func `huge sets mean no more than the mailbox holds`() async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        let many = Array(repeating: "1:4294967295", count: 4000).joined(separator: ",")
        #expect(try await anna.write("x UID FETCH \(many) UID\r\n") == ["* 1 FETCH (UID 1)", "x OK FETCH completed"])
        #expect(try await anna.write("x FETCH \(many) UID\r\n") == ["x BAD The mailbox has no message of that number"])
        #expect(try await anna.write("x UID FETCH \(many) FLAGS\r\n").count == 2)
        #expect(try await anna.write("x UID SEARCH UID \(many)\r\n").first == "* SEARCH 1")
        let falling = stride(from: 19_999, to: 1, by: -2).map(String.init).joined(separator: ",")
        #expect(try await anna.write("x UID FETCH \(falling),1 FLAGS\r\n").count == 2)
        #expect(try await anna.write("x UID FETCH 4294967295:1 UID\r\n").count == 2)
        for set in ["0", "1:0", "4294967296", "1:", ":1", "1,,2", "1:2:3", "*:*:*", "-1", "1;2", "99999999999999999999"] {
            #expect(try await anna.write("x FETCH \(set) UID\r\n").last?.hasPrefix("x BAD ") == true, "\(set)")
        }
        let sets = Array(repeating: "1:*", count: 101)
        #expect(try await anna.write("x SEARCH \(sets.dropLast().joined(separator: " "))\r\n").last == "x OK SEARCH completed")
        #expect(
            try await anna.write("x SEARCH \(sets.joined(separator: " "))\r\n") == [
                "x BAD [LIMIT] Search program too long: at most 100 message sets"
            ])
        try await expectAlive(anna)
    }

    @Test func `items, patterns and keywords are so many and no more`() async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        func fetch(_ count: Int) -> String {
            "x FETCH 1 (" + (1...count).map { "BODY.PEEK[]<\($0).1>" }.joined(separator: " ") + ")\r\n"
        }
        #expect(try await anna.write(fetch(256)).last == "x OK FETCH completed")
        #expect(try await anna.write(fetch(257)) == ["x BAD [LIMIT] Too many items: at most 256 in a FETCH"])
        let stars = String(repeating: "%*", count: 4096)
        #expect(try await anna.write("x LIST \"\" \"\(stars)\"\r\n").last == "x OK LIST completed")
        #expect(
            try await anna.write("x LIST \"\" (\"\(stars)\" a)\r\n") == [
                "x BAD [LIMIT] Patterns too long: at most 8192 octets in a LIST"
            ])
        let keywords = (1...10_001).map { String($0, radix: 36) }.joined(separator: " ")
        #expect(try await anna.write("x STORE 1 +FLAGS (\(keywords))\r\n") == ["x BAD [LIMIT] List too long: at most 10000 elements"])
        try await expectAlive(anna)
    }

    @Test func `thousands of commands in one packet are answered one after another`() async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        let commands = (1...5000).map { "p\($0) NOOP\r\n" }.joined()
        #expect(try await anna.write(commands) == (1...5000).map { "p\($0) OK NOOP completed" })
        let fetches = (1...1000).map { "p\($0) FETCH 1 BODY.PEEK[]\r\n" }.joined()
        _ = anna.largestWrite()
        #expect(try await anna.write(fetches).filter { $0.hasSuffix("OK FETCH completed") }.count == 1000)
        #expect(anna.largestWrite() < 131_072)
    }

    @Test func `bad commands come to an end`() async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        let told = try await anna.write(String(repeating: "x WHAT\r\n", count: 1000))
        #expect(told.count == 21 && told.last == "* BYE [CLIENTBUG] Too many bad commands")
        #expect(anna.next == .close)
    }

    @Test func `DONE, SASL lines and literals out of place are nothing`() async throws {
        let desk = try await TestDesk()
        let anna = try await anna(desk)
        #expect(try await anna.write("DONE\r\n") == ["* BAD There is no IDLE to end"])
        #expect(try await anna.write("x IDLE\r\ny NOOP\r\n").last?.hasPrefix("y") == true)
        #expect(try await anna.write("x IDLE\r\nDONE\r\ny NOOP\r\n").suffix(2) == ["x OK IDLE ended", "y OK NOOP completed"])
        #expect(try await anna.write("AHNlY3JldA==\r\n").first?.hasPrefix("* BAD") == true)
        #expect(try await anna.write("x NOOP {3+}\r\nabc\r\n") == ["x BAD Unexpected argument"])
        try await expectAlive(anna)
    }

    @Test func `an answer many times as large as the message goes out in pieces`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        let fields = (0..<900).map { "X-\($0): \(String(repeating: "y", count: 100))\r\n" }.joined()
        let mail = "Subject: large header\r\n\(fields)\r\nx\r\n"
        _ = try await anna.write("x APPEND Drafts {\(mail.utf8.count)+}\r\n\(mail)\r\n")
        try await anna.say("SELECT Drafts")
        _ = anna.largestWrite()
        let items = (0..<60).map { "BODY.PEEK[HEADER.FIELDS.NOT (X-\($0))]" }.joined(separator: " ")
        let told = try await anna.exchange(Array("x FETCH 1 (\(items))\r\n".utf8))
        #expect(told.count > 60 * 90_000)
        #expect(anna.largestWrite() < 300_000)
    }
}
