import Testing

/// MOVE (RFC 6851).
struct RFC6851Tests {
    @Test func `COPYUID comes before the EXPUNGEs`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: MOVE 1,3 INBOX
            S: * OK [COPYUID * 1,3 1:2] *
            S: * 3 EXPUNGE
            S: * 1 EXPUNGE
            S: a OK MOVE completed
            C: UID MOVE 2 Done
            S: * OK [COPYUID * 2 1] *
            S: * 1 EXPUNGE
            S: a OK MOVE completed
            C: SELECT INBOX
            S: ...
            S: * 2 EXISTS
            S: ...
            S: a OK *
            """#)
    }

    @Test func `flags and internal date go along, Deleted is no hindrance`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: STORE 1 FLAGS.SILENT (\Seen \Flagged urgent)
            S: a OK *
            C: FETCH 1 (FLAGS INTERNALDATE)
            S: ...
            S: * 1 FETCH (FLAGS (${flags}) INTERNALDATE ${date})
            S: a OK *
            C: MOVE 1 INBOX
            S: * OK [COPYUID *
            S: * 1 EXPUNGE
            S: a OK *
            C: SELECT INBOX
            S: ...
            S: a OK *
            C: FETCH 1 (FLAGS INTERNALDATE)
            S: * 1 FETCH (FLAGS (*${flags}) INTERNALDATE ${date})
            S: a OK *
            """#)
    }

    @Test func `a move that cannot be is refused and moves nothing`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: MOVE 1 INBOX
            S: a BAD Select a mailbox first
            C: EXAMINE New
            S: ...
            S: a OK [READ-ONLY] *
            C: MOVE 1 INBOX
            S: a NO This mailbox is selected read-only
            C: SELECT New
            S: ...
            S: a OK *
            C: MOVE 1 Nowhere
            S: a NO [TRYCREATE] There is no such mailbox
            C: MOVE 1 Private/nowhere
            S: a NO [TRYCREATE] There is no such mailbox
            C: MOVE 1 Team
            S: a NO [CANNOT] *
            C: MOVE 1
            S: a BAD *
            C: UID MOVE 1
            S: a BAD *
            C: UID MOVE 77 INBOX
            S: a OK MOVE completed
            # To where it is: nothing happens, nothing is lost.
            C: UID MOVE 1 New
            S: a OK MOVE completed
            C: SEARCH ALL
            S: * SEARCH 1
            S: a OK *
            """#)
    }
}
