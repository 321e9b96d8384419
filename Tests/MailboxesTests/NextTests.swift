import Desk
import Mailboxes
import Testing

struct NextTests {
    @Test func `Next offers the oldest case of the most urgent pool to one agent alone`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1, to: "returns@acme.example")
        desk.clock.advance(by: .seconds(1))
        await desk.deliver(2)
        desk.clock.advance(by: .seconds(1))
        await desk.deliver(3)
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        await desk.next.process()
        try await anna.expect("SELECT Next", has: "* 1 EXISTS")
        try await bartek.expect("SELECT Next", has: "* 1 EXISTS")
        #expect(try await anna.say("FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]").contains("Subject: [#2] Question 2"))
        #expect(try await bartek.say("FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]").contains("Subject: [#3] Question 3"))
        let taken = try await anna.say("MOVE 1 INBOX")
        #expect(taken[0].hasPrefix("* OK [COPYUID ") && taken.contains("* 1 EXPUNGE"))
        try await anna.expect("SELECT Next", has: "* 1 EXISTS")
        #expect(
            try await anna.say("FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]").contains("Subject: [RET#1] Question 1"))
    }

    @Test func `an offered case that is taken from New leaves Next`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        await desk.next.process()
        try await anna.say("SELECT Next")
        let bartek = try await desk.session("bartek")
        try await bartek.say("SELECT New")
        #expect(try await bartek.say("MOVE 1 INBOX").last == "a OK MOVE completed")
        try await anna.expect("MOVE 1 INBOX", ["* 1 EXPUNGE", "a NO [INUSE] Bartek Żak has taken this case"])
    }

    @Test func `an offer keeps a case out of other agents' Next, not from a hand that takes it out of New`()
        async throws
    {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        await desk.next.process()
        try await anna.expect("SELECT Next", has: "* 1 EXISTS")
        try await bartek.say("SELECT New")
        #expect(try await bartek.say("MOVE 1 INBOX").contains("* 1 EXPUNGE"))
        await desk.next.process()
        try await anna.expect("NOOP", has: "* 1 EXPUNGE")
    }

    @Test func `an offer runs out and is withdrawn after the agent left`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        await desk.next.process()
        try await anna.expect("STATUS Next (MESSAGES)", has: "* STATUS \"Next\" (MESSAGES 1)")
        let bartek = try await desk.session("bartek")
        await desk.next.process()
        try await bartek.expect("STATUS Next (MESSAGES)", has: "* STATUS \"Next\" (MESSAGES 0)")
        desk.clock.advance(by: .seconds(601))
        await desk.next.process()
        try await bartek.expect("STATUS Next (MESSAGES)", has: "* STATUS \"Next\" (MESSAGES 1)")
        try await anna.expect("STATUS Next (MESSAGES)", has: "* STATUS \"Next\" (MESSAGES 0)")
        bartek.end()
        await desk.next.process()
        try await anna.expect("STATUS Next (MESSAGES)", has: "* STATUS \"Next\" (MESSAGES 0)")
        desk.clock.advance(by: .seconds(61))
        await desk.next.process()
        try await anna.expect("STATUS Next (MESSAGES)", has: "* STATUS \"Next\" (MESSAGES 1)")
    }

    @Test func `a pool that only Next gives out is hidden in New, but for its supervisors`() async throws {
        let desk = try await TestDesk { $0.pools[0].takeNextOnly = true }
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.expect("SELECT New", has: "* 0 EXISTS")
        let celina = try await desk.session("celina")
        try await celina.expect("SELECT New", has: "* 1 EXISTS")
        await desk.next.process()
        try await anna.expect("SELECT Next", has: "* 1 EXISTS")
        #expect(try await anna.say("MOVE 1 INBOX").last == "a OK MOVE completed")
    }

    @Test func `moving back to Next gives the case back`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        await desk.next.process()
        try await anna.say("SELECT Next")
        try await anna.say("MOVE 1 INBOX")
        try await anna.say("SELECT INBOX")
        #expect(try await anna.say("MOVE 1 Next")[0].hasPrefix("* OK [COPYUID "))
        try await anna.expect("STATUS New (MESSAGES)", has: "* STATUS \"New\" (MESSAGES 1)")
    }
}
