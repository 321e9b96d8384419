import Testing

/// REPLACE (RFC 8508).
struct RFC8508Tests {
    private static func mail(_ id: String, _ text: String) -> String {
        "Subject: Draft\r\nMessage-ID: <\(id)@acme.example>\r\n\r\n\(text)\r\n"
    }

    private static func replace(_ command: String, _ text: String) -> String {
        "x \(command) {\(text.utf8.count)+}\r\n\(text)\r\n"
    }

    private func annaWithDrafts(_ desk: TestDesk, _ count: Int = 3) async throws -> TestClient {
        let anna = try await desk.session("anna")
        for number in 1...count {
            _ = try await anna.write(Self.replace("APPEND Drafts (\\Draft)", Self.mail("d\(number)", "Text \(number)")))
        }
        try await anna.say("SELECT Drafts")
        return anna
    }

    @Test func `the new message is there before the old one goes`() async throws {
        let desk = try await TestDesk()
        let anna = try await annaWithDrafts(desk)
        let told = try await anna.write(Self.replace("REPLACE 2 Drafts (\\Seen \\Draft)", Self.mail("new", "New")))
        #expect(told.count == 5)
        #expect(told[0].hasPrefix("* OK [APPENDUID ") && told[0].contains(" 4] "))
        #expect(told.dropFirst() == ["* 4 EXISTS", "* 1 RECENT", "* 2 EXPUNGE", "x OK REPLACE completed"])
        try await anna.expect(
            "UID FETCH 1:* (FLAGS BODY.PEEK[TEXT])",
            has: "* 3 FETCH (UID 4 FLAGS (\\Recent \\Seen \\Draft) BODY[TEXT] {5}", "New")
        #expect(try await anna.uids() == [1, 3, 4])
    }

    @Test func `a draft that keeps its Message-ID is replaced by UID`() async throws {
        let desk = try await TestDesk()
        let anna = try await annaWithDrafts(desk, 1)
        let told = try await anna.write(Self.replace("UID REPLACE 1 Drafts", Self.mail("d1", "Again")))
        #expect(told.dropFirst() == ["* 2 EXISTS", "* 1 RECENT", "* 1 EXPUNGE", "x OK REPLACE completed"])
        let star = try await anna.write(Self.replace("UID REPLACE * Drafts", Self.mail("d2", "And again")))
        #expect(star.last == "x OK REPLACE completed")
        #expect(try await anna.uids() == [3])
    }

    @Test func `a message is replaced by one in another mailbox`() async throws {
        let desk = try await TestDesk()
        let anna = try await annaWithDrafts(desk)
        let told = try await anna.write(Self.replace("REPLACE 1 Sent (\\Seen)", Self.mail("d1", "Sent")))
        #expect(told.dropFirst() == ["* 1 EXPUNGE", "x OK REPLACE completed"])
        try await anna.expect("STATUS Sent (MESSAGES)", has: "* STATUS \"Sent\" (MESSAGES 1)")
        // In Sent the same mail twice is one, but a replaced one has made room.
        try await anna.say("SELECT Sent")
        let again = try await anna.write(Self.replace("UID REPLACE 1 Sent (\\Seen)", Self.mail("d1", "Corrected")))
        #expect(again.last == "x OK REPLACE completed")
        #expect(try await anna.uids() == [2])
        #expect(try await anna.say("FETCH 1 BODY.PEEK[TEXT]").contains("Corrected"))
    }

    @Test func `what cannot be replaced stays, and its successor is not filed`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await annaWithDrafts(desk, 1)
        func refused(_ command: String, _ prefix: String) async throws {
            let told = try await anna.write(Self.replace(command, Self.mail("n", "New")))
            #expect(told.count == 1 && told[0].hasPrefix("x \(prefix)"), "\(command): \(told)")
        }
        try await refused("REPLACE 2 Drafts", "BAD")
        try await refused("UID REPLACE 9 Drafts", "NO [NONEXISTENT]")
        try await refused("REPLACE 1 Private/none", "NO [TRYCREATE]")
        try await refused("REPLACE 1 INBOX", "NO [CANNOT]")
        try await refused("REPLACE 1 Done", "NO [CANNOT]")
        try await refused("REPLACE 1:2 Drafts", "BAD")
        try await refused("REPLACE 1 Drafts (\\Foo)", "BAD")
        try await refused("REPLACE 0 Drafts", "BAD")
        let empty = try await anna.write("x REPLACE 1 Drafts {0+}\r\n\r\n")
        #expect(empty == ["x NO The message is empty"])
        // Only one message takes the place of one.
        let text = Self.mail("n", "New")
        let two = try await anna.write("x REPLACE 1 Drafts {\(text.utf8.count)+}\r\n\(text) {1+}\r\na\r\ny NOOP\r\n")
        #expect(two == ["x BAD REPLACE takes one message", "y OK NOOP completed"])
        #expect(try await anna.uids() == [1])
        try await anna.expect("REPLACE 1 Drafts", ["a BAD REPLACE without a message as its last argument"])
        try await anna.say("EXAMINE Drafts")
        try await refused("REPLACE 1 Drafts", "NO")
        try await anna.say("SELECT New")
        try await refused("REPLACE 1 Drafts", "NO [CANNOT]")
        try await anna.say("UNSELECT")
        try await refused("REPLACE 1 Drafts", "BAD Select a mailbox first")
        try await anna.expect("STATUS Drafts (MESSAGES UIDNEXT)", has: "* STATUS \"Drafts\" (MESSAGES 1 UIDNEXT 2)")
    }

    @Test func `a message that another session took away is not replaced`() async throws {
        let desk = try await TestDesk()
        let anna = try await annaWithDrafts(desk, 1)
        let text = Self.mail("new", "New")
        let asked = try await anna.write("x UID REPLACE 1 Drafts {\(text.utf8.count)}\r\n")
        #expect(asked == ["+ OK"])
        let other = try await desk.session("anna")
        try await other.say("SELECT Drafts")
        try await other.say("STORE 1 +FLAGS (\\Deleted)")
        try await other.say("EXPUNGE")
        #expect(
            try await anna.write("\(text)\r\n") == ["* 1 EXPUNGE", "x NO [EXPUNGEISSUED] That message is gone"])
        try await anna.expect("STATUS Drafts (MESSAGES)", has: "* STATUS \"Drafts\" (MESSAGES 0)")
    }
}
