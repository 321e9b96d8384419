import Desk
import Mailboxes
import Testing

/// Capabilities that an account does without (`imapWithout`).
@Suite struct SwitchedOffTests {
    private static func desk(without names: [String]) async throws -> TestDesk {
        try await TestDesk { $0.agents[0].imapWithout = names }
    }

    @Test func `what is switched off is not offered and its commands are unknown`() async throws {
        let desk = try await Self.desk(without: ["MOVE", "IDLE", "CONDSTORE", "UIDPLUS", "XLIST"])
        await desk.deliver(1)
        try await Dialogue(desk).run(
            #"""
            C: CAPABILITY
            S: * CAPABILITY IMAP4rev1 * NAMESPACE *
            S! *CONDSTORE*
            S! *MOVE*
            S: a OK *
            C: IDLE
            S: a BAD Unknown command
            C: XLIST "" *
            S: a BAD Unknown command
            C: SELECT New (CONDSTORE)
            S: a BAD *
            C: ENABLE CONDSTORE
            S: * ENABLED
            S: a OK *
            C: SELECT New
            S: ...
            S: a OK *
            C: MOVE 1 INBOX
            S: a BAD Unknown command
            C: UID EXPUNGE 1
            S: a BAD Unknown command
            C: UID COPY 1 INBOX
            S: ...
            S: a OK *
            C bartek: CAPABILITY
            S: * CAPABILITY * MOVE *
            S: a OK *
            """#)
    }

    @Test func `a change of the desk counts from the next login`() async throws {
        let desk = try await Self.desk(without: [])
        let dialogue = Dialogue(desk)
        try await dialogue.run("C: NAMESPACE\nS: ...\nS: a OK *")
        try await desk.apply { $0.agents[0].imapWithout = ["NAMESPACE"] }
        try await dialogue.run("C: NAMESPACE\nS: ...\nS: a OK *\nC anna2: NAMESPACE\nS: a BAD Unknown command")
        try await desk.apply { _ in }
        try await dialogue.run("C anna3: NAMESPACE\nS: ...\nS: a OK *")
    }
}
