import Testing

/// OBJECTID (RFC 8474).
struct RFC8474Tests {
    @Test func `a mailbox keeps its MAILBOXID under every name`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: CREATE Private/a
            S: a OK [MAILBOXID (${id})] *
            C: SELECT Private/a
            S: ...
            S: * OK [MAILBOXID (${id})] *
            S: ...
            S: a OK *
            C: EXAMINE Private/a
            S: ...
            S: * OK [MAILBOXID (${id})] *
            S: ...
            S: a OK *
            C: RENAME Private/a Private/b
            S: a OK *
            C: STATUS Private/b (MAILBOXID)
            S: * STATUS "Private/b" (MAILBOXID (${id}))
            S: a OK *
            C: LIST "" Private/% RETURN (STATUS (MAILBOXID))
            S: * LIST (*) "/" "Private/b"
            S: * STATUS "Private/b" (MAILBOXID (${id}))
            S: a OK *
            C: CREATE Private/a
            S: a OK [MAILBOXID (${other})] *
            S! a OK [MAILBOXID (${id})] *
            C: STATUS Waiting (MAILBOXID)
            S: * STATUS "Waiting" (MAILBOXID (${waiting}))
            S: a OK *
            C: STATUS "Oczekuje na informacje" (MAILBOXID)
            S: * STATUS "Oczekuje na informacje" (MAILBOXID (${waiting}))
            S: a OK *
            """#)
    }

    @Test func `EMAILID and THREADID go with a mail wherever it is moved or copied`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await desk.deliver(
            "From: jan1@customer.example\nTo: help@acme.example\nSubject: Re: [#1] Question 1\n"
                + "In-Reply-To: <q1@customer.example>\nMessage-ID: <more@customer.example>\n\nMore\n",
            from: "jan1@customer.example")
        await desk.deliver(2)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            # A thread is a case.
            C: FETCH 1:3 (EMAILID THREADID)
            S: * 1 FETCH (EMAILID (${first}) THREADID (${case}))
            S: * 2 FETCH (EMAILID (${second}) THREADID (${case}))
            S: * 3 FETCH (EMAILID (${third}) THREADID (${other}))
            S! *THREADID NIL*
            S: a OK *
            C: SEARCH EMAILID ${second}
            S: * SEARCH 2
            S: a OK *
            C: SEARCH THREADID ${case}
            S: * SEARCH 1 2
            S: a OK *
            C: SEARCH OR EMAILID ${first} EMAILID ${third}
            S: * SEARCH 1 3
            S: a OK *
            C: SEARCH NOT THREADID ${case}
            S: * SEARCH 3
            S: a OK *
            C: CREATE Private/x
            S: a OK *
            C: COPY 1:2 Private/x
            S: a OK [COPYUID * 1:2 1:2] *
            C: UID MOVE 1 INBOX
            S: ...
            S: a OK *
            C: SELECT INBOX
            S: ...
            S: a OK *
            C: FETCH 1:2 (EMAILID THREADID)
            S: * 1 FETCH (EMAILID (${first}) THREADID (${case}))
            S: * 2 FETCH (EMAILID (${second}) THREADID (${case}))
            S: a OK *
            C: SELECT Pools/Help
            S: ...
            S: a OK *
            C: UID SEARCH EMAILID ${second}
            S: * SEARCH 2
            S: a OK *
            # The same EMAILID, so the same THREADID (§5.2).
            C: SELECT Private/x
            S: ...
            S: a OK *
            C: FETCH 1:2 (EMAILID THREADID)
            S: * 1 FETCH (EMAILID (${first}) THREADID (${case}))
            S: * 2 FETCH (EMAILID (${second}) THREADID (${case}))
            S: a OK *
            C: SEARCH THREADID ${case}
            S: * SEARCH 1 2
            S: a OK *
            C: CREATE Private/y
            S: a OK *
            C: MOVE 2 Private/y
            S: ...
            S: a OK *
            C: SELECT Private/y
            S: ...
            S: a OK *
            C: FETCH 1 (THREADID EMAILID)
            S: * 1 FETCH (THREADID (${case}) EMAILID (${second}))
            S: a OK *
            """#)
    }

    @Test func `what was never given matches nothing, and what is no identifier is refused`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: APPEND Drafts {19+}␍␊Subject: x␍␊␍␊Text!
            S: a OK *
            C: SELECT Drafts
            S: ...
            S: a OK *
            C: FETCH 1 (THREADID)
            S: * 1 FETCH (THREADID NIL)
            S: a OK *
            C: SEARCH THREADID T0
            S: * SEARCH
            S: a OK *
            C: SEARCH EMAILID T1
            S: * SEARCH
            S: a OK *
            C: SEARCH EMAILID e1
            S: * SEARCH
            S: a OK *
            C: SEARCH EMAILID E99999999999999999999999999
            S: * SEARCH
            S: a OK *
            C: SEARCH EMAILID
            S: a BAD *
            """#)
    }
}
