import Testing

/// SASL-IR (RFC 4959).
struct RFC4959Tests {
    @Test func `the initial response saves a turn, and none is asked for`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            as: nil,
            #"""
            # NUL anna@acme.example NUL secret
            C: AUTHENTICATE PLAIN AGFubmFAYWNtZS5leGFtcGxlAHNlY3JldA==
            S: a OK [CAPABILITY *
            """#)
    }

    @Test func `without it the server asks, with the space behind the plus`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            as: nil,
            #"""
            C: AUTHENTICATE PLAIN
            S: + 
            C| AGFubmFAYWNtZS5leGFtcGxlAHNlY3JldA==
            S: a OK [CAPABILITY *
            C: AUTHENTICATE PLAIN AGFubmFAYWNtZS5leGFtcGxlAHNlY3JldA==
            S: a BAD You are logged in already
            """#)
    }

    @Test func `an equals sign is a response of nothing, which PLAIN has no use for`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            as: nil,
            #"""
            C: AUTHENTICATE PLAIN =
            S: a BAD *
            C: AUTHENTICATE PLAIN AGFu*
            S: a BAD *
            C: AUTHENTICATE PLAIN
            S: + *
            C| *
            S: a BAD Authentication cancelled
            C: AUTHENTICATE PLAIN
            S: + *
            C| @@@
            S: a BAD *
            C: AUTHENTICATE UNHEARD AGFu
            S: a NO [CANNOT] *
            C: NOOP
            S: a OK *
            C: AUTHENTICATE PLAIN AGFubmFAYWNtZS5leGFtcGxlAHdyb25n
            S: a NO [AUTHENTICATIONFAILED] *
            """#)
    }

    @Test func `what is no response ends AUTHENTICATE with an answer under its tag`() async throws {
        let desk = try await TestDesk()
        defer { withExtendedLifetime(desk) {} }
        let anna = TestClient(desk)
        try await anna.start()
        #expect(try await anna.write("a AUTHENTICATE PLAIN\r\n").first?.hasPrefix("+ ") == true)
        let answers = try await anna.write("b NOOP\r\n")
        #expect(answers.first?.hasPrefix("a BAD ") == true)
        #expect(answers.last == "b OK NOOP completed")
        #expect(try await anna.write("c AUTHENTICATE PLAIN\r\n").first?.hasPrefix("+ ") == true)
        let long = try await anna.write(String(repeating: "A", count: 20_000) + "\r\n")
        #expect(long.last?.hasPrefix("c BAD [LIMIT] ") == true, "\(long)")
        #expect(try await anna.write("d NOOP\r\n") == ["d OK NOOP completed"])
    }
}
