import Testing

/// UNSELECT (RFC 3691).
struct RFC3691Tests {
    @Test func `UNSELECT leaves the mailbox and removes nothing`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: UNSELECT
            S: a BAD Select a mailbox first
            C: APPEND Drafts {19+}␍␊Subject: x␍␊␍␊Text!
            S: a OK *
            C: SELECT Drafts
            S: ...
            S: a OK *
            C: STORE 1 +FLAGS.SILENT (\Deleted)
            S: a OK *
            C: UNSELECT
            S: a OK UNSELECT completed
            C: FETCH 1 FLAGS
            S: a BAD Select a mailbox first
            C: UNSELECT
            S: a BAD Select a mailbox first
            C: STATUS Drafts (MESSAGES DELETED)
            S: * STATUS "Drafts" (MESSAGES 1 DELETED 1)
            S: a OK *
            # CLOSE is the one that removes (RFC 3501 §6.4.2).
            C: SELECT Drafts
            S: ...
            S: a OK *
            C: CLOSE
            S: a OK CLOSE completed
            C: STATUS Drafts (MESSAGES)
            S: * STATUS "Drafts" (MESSAGES 0)
            S: a OK *
            C: UNSELECT Drafts
            S: a BAD *
            """#)
    }
}
