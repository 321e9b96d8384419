import Testing

/// IDLE (RFC 2177).
struct RFC2177Tests {
    @Test func `an idling client is told what happens as it happens`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK [READ-WRITE] *
            C: IDLE
            S: + idling
            W:
            D: 2
            W:
            S: * 2 EXISTS
            S: * 1 RECENT
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: STORE 1 +FLAGS.SILENT (urgent)
            S: a OK *
            W:
            S: * FLAGS (* urgent)
            S: * OK [PERMANENTFLAGS (* urgent \*)] *
            S: * 1 FETCH (UID 1 FLAGS (urgent))
            C bartek: UID MOVE 2 INBOX
            S: ...
            S: a OK *
            W:
            S: * 2 EXPUNGE
            C| DONE
            S: a OK IDLE ended
            """#)
    }

    @Test func `what happened before IDLE is told when it begins`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            D: 2
            C: IDLE
            S: + idling
            S: * 2 EXISTS
            S: * 1 RECENT
            C| done
            S: a OK IDLE ended
            """#)
    }

    @Test func `IDLE needs a login, but no mailbox, and takes no argument`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            as: nil,
            #"""
            C: IDLE
            S: a BAD Log in first
            C: LOGIN anna@acme.example secret
            S: a OK *
            C: IDLE now
            S: a BAD *
            C: IDLE
            S: + idling
            C| DONE
            S: a OK IDLE ended
            C| DONE
            S: * BAD *
            """#)
    }

    @Test func `anything but DONE ends IDLE with BAD and is carried out`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: IDLE
            S: + idling
            C| x NOOP
            S: a BAD IDLE ends with DONE
            S: x OK NOOP completed
            """#)
    }
}
