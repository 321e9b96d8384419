import Testing

/// UIDPLUS (RFC 4315).
struct RFC4315Tests {
    @Test func `APPEND, COPY and MOVE tell the UIDs that came of it`() async throws {
        let desk = try await TestDesk()
        for number in 1...4 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: STATUS Drafts (UIDVALIDITY)
            S: * STATUS "Drafts" (UIDVALIDITY ${drafts})
            S: a OK *
            C: APPEND Drafts (\Draft) {19+}␍␊Subject: x␍␊␍␊Text!
            S: a OK [APPENDUID ${drafts} 1] *
            C: CREATE Private/x
            S: a OK *
            C: STATUS Private/x (UIDVALIDITY)
            S: * STATUS "Private/x" (UIDVALIDITY ${copies})
            S: a OK *
            C: SELECT New
            S: ...
            S: a OK *
            # In the order of the set, source and destination side by side.
            C: UID COPY 1,3:4 Private/x
            S: a OK [COPYUID ${copies} 1,3:4 1:3] *
            C: COPY 1 Private/x
            S: a OK [COPYUID ${copies} 1 4] *
            # Nothing named, nothing said.
            C: UID COPY 77 Private/x
            S: a OK COPY completed
            C: UID MOVE 3 INBOX
            S: * OK [COPYUID * 3 1] *
            S: * 3 EXPUNGE
            S: a OK MOVE completed
            """#)
    }

    @Test func `UID EXPUNGE removes only what it names and is marked deleted`() async throws {
        let desk = try await TestDesk()
        for number in 1...4 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: CREATE Private/x
            S: a OK *
            C: SELECT New
            S: ...
            S: a OK *
            C: COPY 1:4 Private/x
            S: a OK *
            C: SELECT Private/x
            S: ...
            S: a OK *
            C: UID STORE 1:3 +FLAGS.SILENT (\Deleted)
            S: a OK *
            C: UID EXPUNGE 2:4,9:*
            S: * 3 EXPUNGE
            S: * 2 EXPUNGE
            S: a OK EXPUNGE completed
            C: UID SEARCH ALL
            S: * SEARCH 1 4
            S: a OK *
            C: UID EXPUNGE 4
            S: a OK EXPUNGE completed
            C: EXPUNGE
            S: * 1 EXPUNGE
            S: a OK EXPUNGE completed
            C: UID EXPUNGE
            S: a BAD *
            C: UID EXPUNGE 0
            S: a BAD *
            """#)
    }

    @Test func `UID EXPUNGE needs a mailbox that may be written`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: UID EXPUNGE 1
            S: a BAD Select a mailbox first
            C: EXAMINE New
            S: ...
            S: a OK [READ-ONLY] *
            C: UID EXPUNGE 1
            S: a NO This mailbox is selected read-only
            C: SELECT Drafts
            S: ...
            S: a OK *
            # Where nothing sticks there would be UIDNOTSTICKY; every mailbox here keeps its UIDs.
            C: STATUS Drafts (UIDNEXT)
            S: * STATUS "Drafts" (UIDNEXT 1)
            S: a OK *
            C: APPEND Nowhere {19+}␍␊Subject: x␍␊␍␊Text!
            S: a NO [TRYCREATE] *
            """#)
    }
}
