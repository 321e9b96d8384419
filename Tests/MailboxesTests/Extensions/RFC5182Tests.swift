import Testing

/// SEARCHRES (RFC 5182).
struct RFC5182Tests {
    private static let select = #"""
        C: SELECT New
        S: ...
        S: a OK *

        """#

    @Test func `the result is used by UID, by sequence number and in another search`() async throws {
        let desk = try await TestDesk()
        for number in 1...4 { await desk.deliver(number) }
        try await desk.dialogue(
            Self.select + #"""
            # Before any search it is empty, which is no error.
            C: FETCH $ FLAGS
            S: a OK FETCH completed
            C: STORE 1,3 +FLAGS.SILENT (\Flagged)
            S: a OK *
            # SAVE alone brings no answer (§2.1).
            C: SEARCH RETURN (SAVE) FLAGGED
            S: a OK SEARCH completed
            C: FETCH $ (UID)
            S: * 1 FETCH (UID 1)
            S: * 3 FETCH (UID 3)
            S: a OK *
            C: UID FETCH $ (UID)
            S: * 1 FETCH (UID 1)
            S: * 3 FETCH (UID 3)
            S: a OK *
            C: UID SEARCH UID $ SUBJECT "Question 3"
            S: * SEARCH 3
            S: a OK *
            C: SEARCH OR $ 4
            S: * SEARCH 1 3 4
            S: a OK *
            C: UID SEARCH RETURN (SAVE) $ NOT 1
            S: a OK *
            C: STORE $ +FLAGS (\Answered)
            S: * 3 FETCH (UID 3 FLAGS (*\Answered*))
            S: a OK *
            C: COPY $ Nowhere
            S: a NO *
            C: UID MOVE $ Done
            S: * OK [COPYUID * 3 1] *
            S: * 3 EXPUNGE
            S: a OK *
            C: UID FETCH $ (UID)
            S: a OK *
            """#)
    }

    @Test func `what went is taken out, what came is not put in`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            Self.select + #"""
            C: SEARCH RETURN (SAVE) ALL
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: MOVE 1 INBOX
            S: ...
            S: a OK *
            D: 4
            C: NOOP
            S: * 1 EXPUNGE
            S: * 3 EXISTS
            S: * 1 RECENT
            S: a OK *
            C: FETCH $ (UID)
            S: * 1 FETCH (UID 2)
            S: * 2 FETCH (UID 3)
            S: a OK *
            # Another mailbox, another result.
            C: SELECT Done
            S: ...
            S: a OK *
            C: UID SEARCH $
            S: * SEARCH
            S: a OK *
            """#)
    }

    @Test func `with MIN and MAX only those are kept, with ALL or COUNT everything`() async throws {
        let desk = try await TestDesk()
        for number in 1...4 { await desk.deliver(number) }
        try await desk.dialogue(
            Self.select + #"""
            C: SEARCH RETURN (SAVE MIN) 2:4
            S: * ESEARCH (TAG "*") MIN 2
            S: a OK *
            C: SEARCH $
            S: * SEARCH 2
            S: a OK *
            C: SEARCH RETURN (SAVE MAX) 1:3
            S: * ESEARCH (TAG "*") MAX 3
            S: a OK *
            C: SEARCH $
            S: * SEARCH 3
            S: a OK *
            C: SEARCH RETURN (MAX SAVE MIN) ALL
            S: * ESEARCH (TAG "*") MIN 1 MAX 4
            S: a OK *
            C: SEARCH $
            S: * SEARCH 1 4
            S: a OK *
            C: SEARCH RETURN (MAX SAVE COUNT) ALL
            S: * ESEARCH (TAG "*") MAX 4 COUNT 4
            S: a OK *
            C: SEARCH $
            S: * SEARCH 1 2 3 4
            S: a OK *
            C: SEARCH RETURN (SAVE ALL MIN) 1:2
            S: * ESEARCH (TAG "*") MIN 1 ALL 1:2
            S: a OK *
            C: SEARCH $
            S: * SEARCH 1 2
            S: a OK *
            """#)
    }

    @Test func `BAD and searches without SAVE leave it as it is, a failed SAVE empties it`() async throws {
        let desk = try await TestDesk()
        for number in 1...2 { await desk.deliver(number) }
        try await desk.dialogue(
            Self.select + #"""
            C: SEARCH RETURN (SAVE) ALL
            S: a OK *
            C: SEARCH RETURN (SAVE) NONSENSE
            S: a BAD *
            C: SEARCH RETURN (COUNT) 1
            S: * ESEARCH (TAG "*") COUNT 1
            S: a OK *
            C: SEARCH CHARSET KOI8-R ALL
            S: a NO [BADCHARSET *
            C: SEARCH $
            S: * SEARCH 1 2
            S: a OK *
            C: SEARCH RETURN (SAVE) CHARSET KOI8-R ALL
            S: a NO [BADCHARSET *
            C: SEARCH $
            S: * SEARCH
            S: a OK *
            """#)
    }
}
