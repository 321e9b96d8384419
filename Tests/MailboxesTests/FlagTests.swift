import Desk
import Testing

struct FlagTests {
    @Test func `seen is personal, answered is shared, tags are the case's`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await desk.deliver(
            """
            From: jan1@customer.example
            To: help@acme.example
            Subject: Re: [#1] Question 1
            In-Reply-To: <q1@customer.example>
            Message-ID: <more@customer.example>

            More

            """, from: "jan1@customer.example")
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        try await anna.say("SELECT New")
        try await bartek.say("SELECT New")
        try await anna.expect(
            "STORE 1 +FLAGS (\\Seen \\Answered refund)",
            has: "* 1 FETCH (UID 1 FLAGS (\\Seen \\Answered refund))", "* 2 FETCH (UID 2 FLAGS (refund))",
            "a OK STORE completed")
        try await bartek.expect(
            "NOOP",
            has: "* 1 FETCH (UID 1 FLAGS (\\Answered refund))", "* 2 FETCH (UID 2 FLAGS (refund))",
            "a OK NOOP completed")
        try await bartek.expect(
            "STORE 2 -FLAGS.SILENT (REFUND)", ["* 1 FETCH (UID 1 FLAGS (\\Answered))", "a OK STORE completed"])
        try await anna.expect(
            "NOOP",
            ["* 1 FETCH (UID 1 FLAGS (\\Seen \\Answered))", "* 2 FETCH (UID 2 FLAGS ())", "a OK NOOP completed"])
        try await anna.expect("STORE 1 FLAGS ()", ["* 1 FETCH (UID 1 FLAGS ())", "a OK STORE completed"])
    }

    @Test(arguments: UInt64(1)...4) func `flags read of many neighbours are those of each`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        // Of three pools' mail an agent sees some, so that gaps are in between, and Bartek came in the middle.
        let desk = try await TestDesk {
            $0.agents.removeAll { $0.login.hasPrefix("bartek") }
            $0.pools[0].members.removeLast()
            $0.groups = []
        }
        for number in 1...40 {
            await desk.deliver(number, to: number % 3 == 0 ? "returns@acme.example" : "help@acme.example")
            if number == 20 { try await desk.apply { _ in } }
        }
        let (anna, bartek) = (try await desk.session("anna"), try await desk.session("bartek"))
        for session in [anna, bartek] {
            try await session.say("SELECT New")
            let count = try await session.uids().count
            for _ in 0..<25 {
                let flag = ["\\Seen", "\\Answered", "\\Flagged", "tag", "\\Deleted"].randomElement(using: &random)!
                let sign = Bool.random(using: &random) ? "+" : "-"
                try await session.say("STORE \(Int.random(in: 1...count, using: &random)) \(sign)FLAGS.SILENT (\(flag))")
            }
        }
        // Out of order: what was moved away and comes back has a higher UID than its neighbours.
        for uid in [5, 2, 9] {
            try await anna.say("UID MOVE \(uid) INBOX")
            try await anna.say("SELECT INBOX")
            try await anna.say("UID MOVE * New")
            try await anna.say("SELECT New")
        }
        for session in [anna, bartek] {
            try await session.say("ENABLE CONDSTORE")
            try await session.say("SELECT New")
            let all = try await session.say("FETCH 1:* (UID FLAGS MODSEQ)").filter { $0.contains(" FETCH (UID ") }
            #expect(all.count > 20)
            for (index, line) in all.enumerated() {
                let one = try await session.say("FETCH \(index + 1) (UID FLAGS MODSEQ)")
                #expect(one.first == line)
            }
        }
    }

    @Test func `flags and tags follow a message when it moves`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await anna.say("STORE 1 +FLAGS.SILENT (\\Seen \\Flagged vip)")
        try await anna.say("MOVE 1 INBOX")
        try await anna.say("SELECT INBOX")
        try await anna.expect("FETCH 1 FLAGS", ["* 1 FETCH (FLAGS (\\Seen \\Flagged vip))", "a OK FETCH completed"])
    }

    @Test func `mail from before an agent joined is seen`() async throws {
        let desk = try await TestDesk {
            $0.agents.removeAll { $0.login.hasPrefix("bartek") }
            $0.pools[0].members.removeLast()
            $0.groups = []
        }
        await desk.deliver(1)
        try await desk.apply { _ in }
        await desk.deliver(2)
        let bartek = try await desk.session("bartek")
        try await bartek.say("SELECT New")
        try await bartek.expect(
            "FETCH 1:2 FLAGS", ["* 1 FETCH (FLAGS (\\Seen))", "* 2 FETCH (FLAGS ())", "a OK FETCH completed"])
        try await bartek.expect("STATUS New (UNSEEN)", has: "* STATUS \"New\" (UNSEEN 1)")
        try await bartek.say("STORE 1 -FLAGS.SILENT (\\Seen)")
        try await bartek.expect("STATUS New (UNSEEN)", has: "* STATUS \"New\" (UNSEEN 2)")
    }

    @Test func `CONDSTORE tells mod-sequences and keeps what changed meanwhile`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await desk.deliver(2)
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        try await anna.say("SELECT New (CONDSTORE)")
        try await bartek.say("SELECT New")
        let fetched = try await anna.say("FETCH 1:2 (MODSEQ)")
        let sequences = fetched.compactMap { Int($0.split(separator: "(").last?.prefix { $0.isNumber } ?? "") }
        #expect(sequences.count == 2 && sequences[0] < sequences[1])
        try await bartek.say("STORE 1 +FLAGS (\\Answered)")
        let stored = try await anna.say("STORE 1:2 (UNCHANGEDSINCE \(sequences[1])) +FLAGS.SILENT (\\Flagged)")
        #expect(stored.last == "a OK [MODIFIED 1] Some had changed meanwhile")
        #expect(stored.contains { $0.hasPrefix("* 2 FETCH (UID 2 MODSEQ (") && !$0.contains("FLAGS") })
        #expect(stored.contains { $0.hasPrefix("* 1 FETCH (UID 1 MODSEQ (") && $0.hasSuffix("FLAGS (\\Answered))") })
        let changed = try await anna.say("FETCH 1:* (FLAGS) (CHANGEDSINCE \(sequences[1]))")
        #expect(changed.count == 3)
        let none = try await anna.say("FETCH 1:* (FLAGS) (CHANGEDSINCE \(sequences[1] + 10))")
        #expect(none.count == 1)
        try await anna.expect("SEARCH MODSEQ \(sequences[1] + 1)", has: "* SEARCH 1 2 (MODSEQ \(sequences[1] + 2))")
    }

    @Test func `EXPUNGE is not told while sequence numbers are spoken of`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await desk.deliver(2)
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        try await anna.say("SELECT New")
        try await bartek.say("SELECT New")
        try await bartek.say("MOVE 1 INBOX")
        try await anna.expect("FETCH 2 UID", ["* 2 FETCH (UID 2)", "a OK FETCH completed"])
        try await anna.expect("STORE 2 +FLAGS.SILENT (\\Seen)", ["a OK STORE completed"])
        try await anna.expect("SEARCH ALL", ["* SEARCH 2", "a OK SEARCH completed"])
        try await anna.expect("UID FETCH 2 UID", ["* 2 FETCH (UID 2)", "* 1 EXPUNGE", "a OK FETCH completed"])
        try await anna.expect("FETCH 1 UID", ["* 1 FETCH (UID 2)", "a OK FETCH completed"])
    }

    @Test func `a mailbox that is examined is not changed`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.expect("EXAMINE New", has: "a OK [READ-ONLY] Selected")
        try await anna.expect("STORE 1 +FLAGS (\\Seen)", ["a NO This mailbox is selected read-only"])
        try await anna.expect("MOVE 1 INBOX", ["a NO This mailbox is selected read-only"])
        try await anna.say("FETCH 1 BODY[]")
        try await anna.expect("FETCH 1 FLAGS", ["* 1 FETCH (FLAGS ())", "a OK FETCH completed"])
    }
}
