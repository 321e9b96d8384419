import Testing

/// ESEARCH (RFC 4731).
struct RFC4731Tests {
    @Test func `the answer has what was asked for, with the tag of the command`() async throws {
        let desk = try await TestDesk()
        for number in 1...4 { await desk.deliver(number) }
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: STORE 2 +FLAGS.SILENT (\Seen)
            S: a OK *
            C| s1 SEARCH RETURN (MIN COUNT) UNSEEN
            S: * ESEARCH (TAG "s1") MIN 1 COUNT 3
            S: s1 OK *
            C| s2 UID SEARCH RETURN () UNSEEN
            S: * ESEARCH (TAG "s2") UID ALL 1,3:4
            S: s2 OK *
            C| s3 UID SEARCH RETURN (MAX ALL MIN COUNT) ALL
            S: * ESEARCH (TAG "s3") UID MIN 1 MAX 4 ALL 1:4 COUNT 4
            S: s3 OK *
            # Nothing found: MIN, MAX and ALL are left out, COUNT is not (§3.1).
            C| s4 SEARCH RETURN (MIN MAX ALL COUNT) FLAGGED
            S: * ESEARCH (TAG "s4") COUNT 0
            S: s4 OK *
            C| s5 SEARCH RETURN (ALL) FLAGGED
            S: * ESEARCH (TAG "s5")
            S: s5 OK *
            C| s6 SEARCH RETURN (COUNT) CHARSET UTF-8 UNSEEN
            S: * ESEARCH (TAG "s6") COUNT 3
            S: s6 OK *
            # Without RETURN it is the old answer.
            C| s7 SEARCH FLAGGED
            S: * SEARCH
            S: s7 OK *
            """#)
    }

    @Test func `what cannot be understood is refused`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: SEARCH RETURN (MIN) ALL
            S: a BAD Select a mailbox first
            C: SELECT New
            S: ...
            S: a OK *
            C: SEARCH RETURN (UNHEARD) ALL
            S: a BAD *
            C: SEARCH RETURN (MIN)
            S: a BAD *
            C: SEARCH RETURN MIN ALL
            S: a BAD *
            C: SEARCH RETURN (COUNT) CHARSET KOI8-R ALL
            S: a NO [BADCHARSET (UTF-8 US-ASCII)] *
            """#)
    }
}
