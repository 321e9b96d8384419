import Testing

/// STATUS=SIZE (RFC 8438).
struct RFC8438Tests {
    @Test func `SIZE is the sum of the sizes that FETCH tells, to the octet`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: STATUS Drafts (SIZE)
            S: * STATUS "Drafts" (SIZE 0)
            S: a OK *
            C: APPEND Drafts {19+}␍␊Subject: x␍␊␍␊Text!
            S: a OK *
            C: APPEND Drafts {20+}␍␊Subject: y␍␊␍␊Text!!
            S: a OK *
            C: STATUS Drafts (MESSAGES SIZE)
            S: * STATUS "Drafts" (MESSAGES 2 SIZE 39)
            S: a OK *
            C: SELECT Drafts
            S: ...
            S: a OK *
            C: FETCH 1:2 RFC822.SIZE
            S: * 1 FETCH (RFC822.SIZE 19)
            S: * 2 FETCH (RFC822.SIZE 20)
            S: a OK *
            C: FETCH 1 BODY.PEEK[]
            S: * 1 FETCH (BODY[] {19}
            S: Subject: x
            S:
            S: Text!)
            S: a OK *
            """#)
    }

    @Test func `only the mail that this agent sees counts`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await desk.deliver(2, to: "returns@acme.example")
        try await desk.dialogue(
            #"""
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: FETCH 1:* RFC822.SIZE
            S: * 1 FETCH (RFC822.SIZE ${size})
            S: a OK *
            C bartek: STATUS Nowe (SIZE)
            S: * STATUS "Nowe" (SIZE ${size})
            S: a OK *
            """#)
    }
}
