import Testing

/// WITHIN (RFC 5032).
struct RFC5032Tests {
    @Test func `OLDER and YOUNGER go by the internal date, to the second`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        desk.clock.advance(by: .seconds(3600))
        await desk.deliver(2)
        desk.clock.advance(by: .seconds(60))
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: SEARCH YOUNGER 60
            S: * SEARCH 2
            S: a OK *
            C: SEARCH YOUNGER 59
            S: * SEARCH
            S: a OK *
            C: SEARCH OLDER 3660
            S: * SEARCH 1
            S: a OK *
            C: SEARCH OLDER 3661
            S: * SEARCH
            S: a OK *
            C: SEARCH NOT OLDER 61 UNSEEN
            S: * SEARCH 2
            S: a OK *
            C: SEARCH YOUNGER 4294967295
            S: * SEARCH 1 2
            S: a OK *
            """#)
    }

    @Test func `an interval is a number of seconds and not 0`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: SEARCH YOUNGER 0
            S: a BAD *
            C: SEARCH OLDER
            S: a BAD *
            C: SEARCH OLDER -5
            S: a BAD *
            C: SEARCH OLDER 4294967296
            S: a BAD *
            C: SEARCH YOUNGER 1h
            S: a BAD *
            """#)
    }
}
