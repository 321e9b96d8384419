import Desk
import Gateway
import Mailboxes
import MailTypes
import Storage
import Testing

/// Pools/POOL/STATUS: a pool's cases by status, for its supervisors (DESIGN §3).
struct PoolStatusTests {
    @Test func `a supervisor sees each case under its status, and it moves by itself`() async throws {
        let desk = try await TestDesk()
        for mail in 1...2 { await desk.deliver(mail) }
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C celina: SELECT Pools/Help/New
            S: ...
            S: * 2 EXISTS
            S: ...
            S: a OK *
            C: SELECT New
            S: ...
            S: a OK *
            C: MOVE 1 INBOX
            S: ...
            S: a OK *
            C celina: NOOP
            S: * 1 EXPUNGE
            S: a OK *
            C celina: STATUS Pools/Help/Assigned (MESSAGES)
            S: * STATUS "Pools/Help/Assigned" (MESSAGES 1)
            S: a OK *
            C celina: MOVE 1 Pools/Help/Done
            S: a NO *
            """#)
    }

    @Test func `nobody else is shown it, and who is sees it in LIST without being subscribed`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        #expect(try await anna.say("STATUS Pools/Help/New (MESSAGES)").last?.hasPrefix("a NO ") == true)
        #expect(try await !anna.say("LIST \"\" Pools/*").contains { $0.contains("Pools/Help/") })
        let celina = try await desk.session("celina")
        #expect(try await celina.say("LIST \"\" Pools/Help/*").count == 10)
        #expect(try await celina.say("LIST (SUBSCRIBED) \"\" Pools/Help/*").count == 1)
        #expect(try await celina.say("STATUS \"Pule/Help/W realizacji\" (MESSAGES)").last?.hasPrefix("a OK ") == true)
    }
}
