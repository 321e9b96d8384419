import Desk
import Gateway
import IMAPProtocol
import MailTypes
import Testing

@testable import Mailboxes

struct SharedMapsTests {
    private func view(_ desk: TestDesk, _ name: String, _ kind: (AgentID) -> MailboxKind) throws -> MailboxView {
        let roster = desk.roster.current
        let agent = try #require(roster.agents[desk.agent(name)])
        let mailbox = try #require(roster.mailbox(kind(agent.id)))
        return MailboxView(mailbox: mailbox, kind: kind(agent.id), roster: roster, agent: agent)
    }

    private func map(_ count: UInt32) -> UIDMap {
        var map = UIDMap()
        for uid in 1...count { map.append(uid * 2) }
        return map
    }

    @Test func `sessions of one view share a map, and the newest stays`() async throws {
        let desk = try await TestDesk()
        let maps = SharedMaps()
        let (anna, bartek) = (try view(desk, "anna") { _ in .new }, try view(desk, "bartek") { _ in .new })
        // Anna sees a pool more.
        #expect(anna.mailbox == bartek.mailbox && anna.pools != bartek.pools)
        let old = map(3)
        _ = maps.share(old, asOf: ModSequence(5), of: anna)
        #expect(maps.find(bartek) == nil)
        #expect(maps.find(anna)?.1 == ModSequence(5))
        // The same messages later: the map is true as of then.
        #expect(maps.share(old.withoutLoaded, asOf: ModSequence(7), of: anna).loadedCount == 1)
        #expect(maps.find(anna)?.1 == ModSequence(7))
        let new = map(4)
        #expect(maps.share(new, asOf: ModSequence(9), of: anna).count == 4)
        // Who lags behind keeps what it has.
        #expect(maps.share(old, asOf: ModSequence(8), of: anna).count == 3)
        #expect(maps.find(anna)?.0.count == 4)
        #expect(maps.bare(new, of: anna).loadedCount == 0 && maps.bare(new, of: anna).count == 4)
        maps.forget(anna)
        #expect(maps.find(anna) == nil && maps.octets == 0)
    }

    @Test func `what nobody asked for the longest goes first`() async throws {
        let desk = try await TestDesk()
        let maps = SharedMaps(octets: 3 * (256 + map(2000).octets))
        let kinds: [(AgentID) -> MailboxKind] = [{ .inbox($0) }, { .waiting($0) }, { .done($0) }, { .closed($0) }]
        let views = try kinds.map { try view(desk, "anna", $0) }
        for index in 0..<3 { _ = maps.share(map(2000), asOf: ModSequence(1), of: views[index]) }
        #expect(maps.find(views[0]) != nil)
        _ = maps.share(map(2000), asOf: ModSequence(1), of: views[3])
        #expect(views.map { maps.find($0) != nil } == [true, false, true, true])
        #expect(maps.octets <= 3 * (256 + map(2000).octets))
    }

    @Test func `a session at rest keeps few UIDs in memory, and its picture is the same`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        for uid in 2...70 {
            try await desk.store.write { (transaction: any MailboxTransaction) in
                try transaction.skipUIDs(1024)
            }
            await desk.deliver(uid)
        }
        try await anna.say("SELECT New")
        let uids = try await anna.uids()
        #expect(uids.count == 70 && uids[69] > 70_000)
        #expect(desk.maps.octets > 0)
        let bartek = try await desk.session("bartek")
        try await bartek.say("SELECT New")
        try await bartek.say("UID MOVE \(uids[20]) INBOX")
        try await anna.expect("FETCH 22 UID", ["* 22 FETCH (UID \(uids[21]))", "a OK FETCH completed"])
        try await anna.expect("NOOP", ["* 21 EXPUNGE", "a OK NOOP completed"])
        try await anna.expect("FETCH 21 UID", ["* 21 FETCH (UID \(uids[21]))", "a OK FETCH completed"])
        try await anna.expect("UID FETCH \(uids[20]) UID", ["a OK FETCH completed"])
        #expect(try await anna.uids() == uids.filter { $0 != uids[20] })
    }

    @Test func `a picture that lags behind is read as it was`() async throws {
        let desk = try await TestDesk()
        for number in 1...4 {
            await desk.deliver(number)
            guard number != 2 else { continue }
            try await desk.store.write { (transaction: any MailboxTransaction) in try transaction.skipUIDs(5000) }
        }
        let anna = try await desk.session("anna")
        try await anna.expect("SELECT New", has: "* 4 EXISTS")
        // Of the second and third message nothing was read yet when one of them goes.
        let bartek = try await desk.session("bartek")
        try await bartek.say("SELECT New")
        try await bartek.say("UID MOVE 5002 INBOX")
        await desk.deliver(5)
        try await anna.expect("FETCH 3 UID", ["* 3 FETCH (UID 5003)", "* 5 EXISTS", "* 1 RECENT", "a OK FETCH completed"])
        try await anna.expect("NOOP", ["* 2 EXPUNGE", "a OK NOOP completed"])
        try await anna.expect("FETCH 2 UID", ["* 2 FETCH (UID 5003)", "a OK FETCH completed"])
    }

    @Test func `counts that are wrong end the session instead of telling wrong numbers`() async throws {
        let desk = try await TestDesk()
        for number in 1...4 {
            await desk.deliver(number)
            guard number != 2 else { continue }
            try await desk.store.write { (transaction: any MailboxTransaction) in try transaction.skipUIDs(5000) }
        }
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await desk.store.write { (transaction: any MailboxTransaction) in try transaction.loseEntry(5002) }
        let told = try await anna.say("FETCH 2 UID")
        #expect(told.first?.hasPrefix("* BYE") == true, "\(told)")
    }
}
