import Desk
import Gateway
import MailTypes
import TestKit
import Testing

@testable import Mailboxes

struct UnseenCountsTests {
    private func view(_ desk: TestDesk, _ name: String, _ kind: (AgentID) -> MailboxKind) throws -> MailboxView {
        let roster = desk.roster.current
        let agent = try #require(roster.agents[desk.agent(name)])
        let mailbox = try #require(roster.mailbox(kind(agent.id)))
        return MailboxView(mailbox: mailbox, kind: kind(agent.id), roster: roster, agent: agent)
    }

    private func count(_ counts: UnseenCounts, _ view: MailboxView, _ desk: TestDesk) async throws -> Int {
        try await desk.store.read { (transaction: any MailboxTransaction) in try counts.count(of: view, in: transaction) }
    }

    @Test(arguments: UInt64(1)...6) func `whatever happens, it is as many as a fresh look finds`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let desk = try await TestDesk { $0.pools[0].mayTakeOver = true }
        var sessions: [TestClient] = []
        for name in ["anna", "bartek", "celina"] { sessions.append(try await desk.session(name)) }
        let kept = UnseenCounts()
        var delivered = 0
        for step in 0..<150 {
            let session = sessions[Int.random(in: 0..<sessions.count, using: &random)]
            switch Int.random(in: 0..<7, using: &random) {
            case 0, 1:
                delivered += 1
                await desk.deliver(delivered, to: delivered % 3 == 0 ? "returns@acme.example" : "help@acme.example")
            case 2: try await session.say("SELECT \(["New", "INBOX", "Pools/Help"].randomElement(using: &random)!)")
            case 3: try await session.say("STORE 1:3 +FLAGS.SILENT (\\Seen)")
            case 4: try await session.say("STORE 2:* -FLAGS.SILENT (\\Seen)")
            case 5: try await session.say("MOVE 1 \(["New", "INBOX", "Done"].randomElement(using: &random)!)")
            default: try await session.say("FETCH 1:2 BODY[]")
            }
            for (name, kind): (String, (AgentID) -> MailboxKind) in [
                ("anna", { _ in .new }), ("bartek", { _ in .new }), ("anna", { .inbox($0) }),
            ] {
                let view = try view(desk, name, kind)
                let fresh = try await count(UnseenCounts(), view, desk)
                #expect(try await count(kept, view, desk) == fresh, "seed \(seed), step \(step)")
            }
        }
        #expect(delivered > 20)
    }

    @Test func `what is known is not read again`() async throws {
        let desk = try await TestDesk()
        for number in 1...5 { await desk.deliver(number) }
        let counts = UnseenCounts()
        let anna = try view(desk, "anna") { _ in .new }
        #expect(try await count(counts, anna, desk) == 5)
        // Behind its back, without a mod-sequence: only a fresh look could notice.
        try await desk.store.write { (transaction: any MailboxTransaction) in try transaction.loseEntry(2) }
        await desk.deliver(6)
        #expect(try await count(counts, anna, desk) == 6)
        #expect(try await count(UnseenCounts(), anna, desk) == 5)
    }

    @Test func `mail from before an agent joined is seen, and every agent has a count of one's own`() async throws {
        let desk = try await TestDesk {
            $0.agents.removeAll { $0.login.hasPrefix("bartek") }
            $0.pools[0].members.removeLast()
            $0.groups = []
        }
        await desk.deliver(1)
        try await desk.apply { _ in }
        await desk.deliver(2)
        try await desk.dialogue(
            #"""
            C bartek: STATUS New (UNSEEN)
            S: * STATUS "New" (UNSEEN 1)
            S: a OK *
            C: STATUS New (UNSEEN)
            S: * STATUS "New" (UNSEEN 2)
            S: a OK *
            C bartek: SELECT New
            S: ...
            S: a OK *
            C bartek: STORE 1 -FLAGS.SILENT (\Seen)
            S: ...
            S: a OK *
            C bartek: STATUS New (UNSEEN DELETED)
            S: * STATUS "New" (* 2*
            S: a OK *
            C: STATUS New (UNSEEN)
            S: * STATUS "New" (UNSEEN 2)
            S: a OK *
            """#)
    }

    @Test func `memory is bounded, and what nobody asked for the longest goes first`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        let views = try ["anna", "bartek", "celina"].map { try view(desk, $0) { _ in .new } }
        let one = UnseenCounts()
        _ = try await count(one, views[0], desk)
        let counts = UnseenCounts(octets: 2 * one.octets)
        for view in [views[0], views[1], views[0], views[2]] { _ = try await count(counts, view, desk) }
        #expect(counts.octets == 2 * one.octets)
        try await desk.store.write { (transaction: any MailboxTransaction) in try transaction.loseEntry(2) }
        // The second was dropped and is read anew.
        var found: [Int] = []
        for view in [views[0], views[2], views[1]] { found.append(try await count(counts, view, desk)) }
        #expect(found == [3, 3, 2])
    }

    @Test func `bits come and go`() {
        var bits = UIDBits()
        for uid in [1, 1023, 1024, UInt32.max, 1, 700_000] as [UInt32] { bits.insert(uid) }
        #expect(bits.count == 5 && bits.contains(1023) && bits.contains(.max) && !bits.contains(2))
        for uid in [1023, 1023, 2, UInt32.max] as [UInt32] { bits.remove(uid) }
        #expect(bits.count == 3 && !bits.contains(1023) && bits.contains(1024))
    }
}
