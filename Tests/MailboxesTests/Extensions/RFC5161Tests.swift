import Testing

/// ENABLE (RFC 5161).
struct RFC5161Tests {
    @Test func `ENABLED names what this command enabled, and what is unknown is passed over`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: ENABLE X-GOOD-IDEA
            S: * ENABLED
            S: a OK ENABLE completed
            C: ENABLE condstore X-GOOD-IDEA
            S: * ENABLED CONDSTORE
            S: a OK ENABLE completed
            # Enabled before: not by this command.
            C: ENABLE CONDSTORE
            S: * ENABLED
            S: a OK ENABLE completed
            # Nothing to enable (§3.1): IDLE needs none.
            C: ENABLE IDLE
            S: * ENABLED
            S: a OK ENABLE completed
            C: ENABLE
            S: a BAD *
            C: ENABLE (CONDSTORE)
            S: a BAD *
            """#)
    }

    @Test func `ENABLE is for those who have logged in`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            as: nil,
            #"""
            C: ENABLE CONDSTORE
            S: a BAD Log in first
            """#)
    }
}
