import Desk
import Gateway
import Mailboxes
import Testing

/// QUOTA (RFC 9208), and what clients of RFC 2087 ask: one root for the account's own mail.
@Suite struct RFC9208Tests {
    private static func desk(octets: Int = 10_240, messages: Int = 3) async throws -> TestDesk {
        try await TestDesk { $0.agents[0].quota = QuotaDefinition(storage: octets, messages: messages) }
    }

    /// APPEND of a message of so many octets.
    private static func append(_ octets: Int, to mailbox: String) -> String {
        let head = "Subject: a␍␊␍␊"
        return "C: APPEND \(mailbox) {\(octets)+}␍␊\(head)\(String(repeating: "x", count: octets - 14))"
    }

    @Test func `own mail has a root, mail of the desk has none`() async throws {
        try await Self.desk().dialogue(
            #"""
            C: CAPABILITY
            S: * CAPABILITY * QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE *
            S: a OK *
            C: CREATE Private/a
            S: a OK *
            C: GETQUOTAROOT Private/a
            S: * QUOTAROOT *Private/a* "Private"
            S: * QUOTA "Private" (STORAGE 0 10 MESSAGE 0 3)
            S: a OK GETQUOTAROOT completed
            C: GETQUOTAROOT Drafts
            S: * QUOTAROOT *Drafts* "Private"
            S: * QUOTA "Private" *
            S: a OK *
            C: GETQUOTAROOT Private
            S: * QUOTAROOT *Private* "Private"
            S: * QUOTA "Private" *
            S: a OK *
            C: GETQUOTAROOT INBOX
            S: * QUOTAROOT *INBOX*
            S! *"Private"*
            S: a OK *
            C: GETQUOTAROOT Pools/Help
            S: * QUOTAROOT *
            S: a OK *
            C: GETQUOTA Private
            S: * QUOTA "Private" (STORAGE 0 10 MESSAGE 0 3)
            S: a OK GETQUOTA completed
            C: GETQUOTA ""
            S: a NO [NONEXISTENT] *
            C: GETQUOTAROOT Private/nothing
            S: a NO [NONEXISTENT] *
            C: SETQUOTA Private (STORAGE 512 MESSAGE 5)
            S: a NO [NOPERM] *
            C: SETQUOTA Private ()
            S: a NO [NOPERM] *
            C: SETQUOTA Private STORAGE
            S: a BAD *
            C bartek: GETQUOTA Private
            S: * QUOTA "Private" (STORAGE 0 1953125 MESSAGE 0 1000000)
            S: a OK *
            """#)
    }

    @Test func `messages are counted as they come and go`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: CREATE Private/a
            S: a OK *
            \#(Self.append(18, to: "Private/a"))
            S: a OK [APPENDUID * 1] *
            C: GETQUOTA Private
            S: * QUOTA "Private" (STORAGE 1 10 MESSAGE 1 3)
            S: a OK *
            C: SELECT Private/a
            S: ...
            S: a OK *
            C: COPY 1 Private/a
            S: ...
            S: a OK [COPYUID *
            C: COPY 1 Sent
            S: ...
            S: a OK [COPYUID *
            C: COPY 1 Private/a
            S: ...
            S: a NO [OVERQUOTA] *
            C: COPY 1:2 Drafts
            S: ...
            S: a NO [OVERQUOTA] *
            \#(Self.append(18, to: "Private/a"))
            S: a NO [OVERQUOTA] *
            C: MOVE 2 Private
            S: ...
            S: a NO *
            C: MOVE 2 Templates
            S: ...
            S: a OK *
            C: GETQUOTA Private
            S: * QUOTA "Private" (STORAGE 1 10 MESSAGE 3 3)
            S: a OK *
            C: STORE 1 +FLAGS (\Deleted)
            S: ...
            S: a OK *
            C: STATUS Private/a (DELETED DELETED-STORAGE)
            S: * STATUS *Private/a* (DELETED 1 DELETED-STORAGE 1)
            S: a OK *
            C: EXPUNGE
            S: ...
            S: a OK *
            C: GETQUOTA Private
            S: * QUOTA "Private" (STORAGE 1 10 MESSAGE 2 3)
            S: a OK *
            C: SELECT New
            S: ...
            S: a OK *
            C: COPY 1 Private/a
            S: ...
            S: a OK [COPYUID *
            C: COPY 1 Private/a
            S: ...
            S: a NO [OVERQUOTA] *
            C: MOVE 1 INBOX
            S: ...
            S: a OK *
            C: DELETE Private/a
            S: a OK *
            C: GETQUOTA Private
            S: * QUOTA "Private" (STORAGE 1 10 MESSAGE 2 3)
            S: a OK *
            """#)
    }

    @Test func `octets are counted to the last one`() async throws {
        try await Self.desk(messages: 100).dialogue(
            #"""
            C: CREATE Private/a
            S: a OK *
            C: APPEND Private/a {10241}
            S: a NO [OVERQUOTA] *
            \#(Self.append(10_241, to: "Private/a"))
            S: a NO [OVERQUOTA] *
            \#(Self.append(10_240, to: "Private/a"))
            S: a OK *
            C: GETQUOTA Private
            S: * QUOTA "Private" (STORAGE 10 10 MESSAGE 1 100)
            S: a OK *
            \#(Self.append(15, to: "Private/a"))
            S: a NO [OVERQUOTA] *
            \#(Self.append(15, to: "Sent"))
            S: a NO [OVERQUOTA] *
            C: SELECT Private/a
            S: ...
            S: a OK *
            C: STORE 1 +FLAGS.SILENT (\Deleted)
            S: ...
            S: a OK *
            C: CLOSE
            S: a OK *
            \#(Self.append(15, to: "Sent"))
            S: a OK *
            C: GETQUOTA Private
            S: * QUOTA "Private" (STORAGE 1 10 MESSAGE 1 100)
            S: a OK *
            """#)
    }

    @Test func `an autosaved draft is weighed against the one it replaces`() async throws {
        let desk = try await Self.desk(octets: 2000, messages: 1)
        let draft = "Message-ID: <d@acme.example>␍␊␍␊"
        func save(_ filling: Int) -> String {
            "C: APPEND Drafts (\\Draft) {\(filling + 32)+}␍␊\(draft)\(String(repeating: "x", count: filling))"
        }
        try await desk.dialogue(
            #"""
            \#(save(1500))
            S: ...
            S: a OK *
            \#(save(1600))
            S: ...
            S: a OK *
            \#(save(2000))
            S: ...
            S: a NO [OVERQUOTA] *
            C: GETQUOTA Private
            S: * QUOTA "Private" (STORAGE 2 1 MESSAGE 1 1)
            S: a OK *
            C: STATUS Drafts (MESSAGES)
            S: * STATUS *Drafts* (MESSAGES 1)
            S: a OK *
            """#)
    }

    @Test func `several messages of one APPEND fit together or not at all`() async throws {
        let desk = try await Self.desk(messages: 1)
        try await desk.dialogue(
            #"""
            C: CREATE Private/a
            S: a OK *
            C: APPEND Private/a {15+}␍␊Subject: a␍␊␍␊x {15+}␍␊Subject: b␍␊␍␊x
            S: a NO [OVERQUOTA] *
            C: STATUS Private/a (MESSAGES)
            S: * STATUS *Private/a* (MESSAGES 0)
            S: a OK *
            C: GETQUOTA Private
            S: * QUOTA "Private" (STORAGE 0 10 MESSAGE 0 1)
            S: a OK *
            """#)
    }

    @Test func `a lower quota takes nothing away and lets mail go`() async throws {
        let desk = try await Self.desk(messages: 5)
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: CREATE Private/a
            S: a OK *
            \#(Self.append(18, to: "Private/a"))
            S: a OK *
            \#(Self.append(18, to: "Private/a"))
            S: a OK *
            """#)
        try await desk.apply { $0.agents[0].quota = QuotaDefinition(storage: 10_240, messages: 1) }
        try await dialogue.run(
            #"""
            C: GETQUOTA Private
            S: ...
            S: * QUOTA "Private" (STORAGE 1 10 MESSAGE 2 1)
            S: a OK *
            C: SELECT Private/a
            S: ...
            S: a OK *
            C: MOVE 1 Templates
            S: ...
            S: a OK *
            C: COPY 1 Templates
            S: ...
            S: a NO [OVERQUOTA] *
            """#)
    }
}
