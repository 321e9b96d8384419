import Testing

/// SAVEDATE (RFC 8514).
struct RFC8514Tests {
    private static func append(_ number: Int, _ date: String) -> String {
        let text = "Subject: \(number)\r\nMessage-ID: <s\(number)@acme.example>\r\n\r\nText\r\n"
        return "x APPEND Private/A \"\(date)\" {\(text.utf8.count)+}\r\n\(text)\r\n"
    }

    @Test func `the save date is when the message entered the mailbox, whatever its internal date`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("CREATE Private/A")
        try await anna.say("CREATE Private/B")
        _ = try await anna.write(Self.append(1, "01-Feb-2020 10:00:00 +0000"))
        desk.clock.advance(by: .seconds(86_400))
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: SELECT Private/A
            S: ...
            S: a OK [READ-WRITE] *
            C: FETCH 1 (INTERNALDATE SAVEDATE)
            S: * 1 FETCH (INTERNALDATE "01-Feb-2020 10:00:00 +0000" SAVEDATE "03-Mar-2026 12:00:00 +0000")
            S: a OK *
            C: COPY 1 Private/B
            S: a OK *
            C: SELECT Private/B
            S: ...
            S: a OK [READ-WRITE] *
            C: UID FETCH 1 SAVEDATE
            S: * 1 FETCH (UID 1 SAVEDATE "04-Mar-2026 12:00:00 +0000")
            S: a OK *
            """#)
        desk.clock.advance(by: .seconds(86_400))
        try await dialogue.run(
            #"""
            C: UID MOVE 1 Private/A
            S: ...
            S: a OK MOVE completed
            C: SELECT Private/A
            S: ...
            S: a OK [READ-WRITE] *
            C: FETCH 1:2 SAVEDATE
            S: * 1 FETCH (SAVEDATE "03-Mar-2026 12:00:00 +0000")
            S: * 2 FETCH (SAVEDATE "05-Mar-2026 12:00:00 +0000")
            S: a OK *
            # Flags do not change it.
            C: STORE 1 +FLAGS.SILENT (\Seen)
            S: a OK *
            C: FETCH 1 SAVEDATE
            S: * 1 FETCH (SAVEDATE "03-Mar-2026 12:00:00 +0000")
            S: a OK *
            """#)
    }

    @Test func `messages are found by their save date`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("CREATE Private/A")
        for number in 1...3 {
            _ = try await anna.write(Self.append(number, "01-Feb-2020 10:00:00 +0000"))
            desk.clock.advance(by: .seconds(86_400))
        }
        try await desk.dialogue(
            #"""
            C: SELECT Private/A
            S: ...
            S: a OK [READ-WRITE] *
            C: SEARCH SAVEDON 4-Mar-2026
            S: * SEARCH 2
            S: a OK *
            C: SEARCH SAVEDBEFORE 4-Mar-2026
            S: * SEARCH 1
            S: a OK *
            C: UID SEARCH SAVEDSINCE 4-Mar-2026
            S: * SEARCH 2 3
            S: a OK *
            C: SEARCH NOT SAVEDSINCE "4-Mar-2026" BEFORE 2-Feb-2020
            S: * SEARCH 1
            S: a OK *
            C: SEARCH SAVEDATESUPPORTED
            S: * SEARCH 1 2 3
            S: a OK *
            C: SEARCH NOT SAVEDATESUPPORTED
            S: * SEARCH
            S: a OK *
            C: SEARCH SAVEDON 30-Feb-2026
            S: a BAD *
            C: SEARCH SAVEDON
            S: a BAD *
            """#)
    }

    @Test func `mail of cases has a save date in every mailbox that it came into`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        desk.clock.advance(by: .seconds(3600))
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK [READ-WRITE] *
            C: FETCH 1 SAVEDATE
            S: * 1 FETCH (SAVEDATE "03-Mar-2026 12:00:00 +0000")
            S: a OK *
            C: MOVE 1 INBOX
            S: ...
            S: a OK *
            C: SELECT INBOX
            S: ...
            S: a OK [READ-WRITE] *
            C: FETCH * (SAVEDATE)
            S: * 1 FETCH (SAVEDATE "03-Mar-2026 13:00:00 +0000")
            S: a OK *
            """#)
    }
}
