import Testing

/// LITERAL+ (RFC 7888).
struct RFC7888Tests {
    @Test func `a literal comes with and without being asked for`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            as: nil,
            #"""
            C: LOGIN {17+}␍␊anna@acme.example {6+}␍␊secret
            S: a OK *
            C: STATUS {5}
            S: + *
            C| INBOX (MESSAGES)
            S: * STATUS "INBOX" (MESSAGES 0)
            S: a OK *
            C: LIST "" {0+}␍␊
            S: * LIST (\Noselect) "/" ""
            S: a OK *
            """#)
    }

    @Test func `a literal larger than allowed is named, and the connection goes on`() async throws {
        let desk = try await TestDesk()
        let dialogue = Dialogue(desk, as: nil)
        let large = String(repeating: "x", count: 9000)
        // With LITERAL+ the octets come unasked: they are read and thrown away (§4).
        try await dialogue.run(
            """
            C: LOGIN {9000+}␍␊\(large) secret
            S: a BAD [TOOBIG] *
            C: NOOP
            S: a OK *
            C: LOGIN {9000}
            S: a BAD [TOOBIG] *
            C: NOOP
            S: a OK *
            C: LOGIN anna@acme.example {6+}␍␊secret
            S: a OK *
            """)
    }

    @Test func `APPEND takes its message either way`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: APPEND Drafts {19}
            S: + *
            C| Subject: x␍␊␍␊Text!
            S: a OK [APPENDUID *
            C: APPEND Drafts {19+}␍␊Subject: x␍␊␍␊Text!
            S: a OK [APPENDUID *
            # Refused before it is sent: it is not asked for.
            C: APPEND Nowhere {19}
            S: a NO [TRYCREATE] *
            C: APPEND Nowhere {19+}␍␊Subject: x␍␊␍␊Text!
            S: a NO [TRYCREATE] *
            C: NOOP
            S: a OK *
            """#)
    }

    @Test func `what looks like a literal and is none is refused`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: STATUS {5-}
            S: a BAD *
            C: STATUS {-5}
            S: a BAD *
            C: STATUS {}
            S: a BAD *
            C: STATUS {99999999999999999999999}
            S: a BAD *
            C: NOOP
            S: a OK *
            """#)
    }
}
