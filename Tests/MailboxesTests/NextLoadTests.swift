import Desk
import Gateway
import MailTypes
import Mailboxes
import Synchronization
import Testing

/// Next under load: 20 agents take 1,000 cases as fast as they can.
@Suite(.timeLimit(.minutes(5))) struct NextLoadTests {
    private static let names = (1...20).map { "agent\($0)" }
    private static let cases = 1000

    /// What was taken, in the order in which the agents heard of it, and by whom.
    private final class Ledger: Sendable {
        private let taken = Mutex<[(number: Int, agent: String)]>([])
        func note(_ number: Int, _ agent: String) { taken.withLock { $0.append((number, agent)) } }
        var all: [(number: Int, agent: String)] { taken.withLock { $0 } }
    }

    @Test func `20 agents take 1,000 cases in turn, and none is offered or taken twice`() async throws {
        let desk = try await TestDesk { definition in
            definition.agents += Self.names.map { AgentDefinition(login: "\($0)@acme.example", name: $0) }
            definition.pools[0].members += Self.names.map { PoolMember(login: "\($0)@acme.example") }
            definition.pools[0].takeNextOnly = true
        }
        for number in 1...Self.cases { await desk.deliver(number) }
        let service = Task { await desk.next.run(feed: desk.feed) }
        let ledger = Ledger()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in Self.names {
                group.addTask { try await Self.work(as: name, desk, ledger) }
            }
            try await group.waitForAll()
        }
        service.cancel()
        await service.value
        let taken = ledger.all
        #expect(taken.map(\.number).sorted() == Array(1...Self.cases))
        // First come, first served: nobody is further ahead than the others' offers, and the time until one is noted.
        for (index, one) in taken.enumerated() { #expect(one.number <= index + 1 + 2 * Self.names.count) }
        for name in Self.names {
            let own = taken.filter { $0.agent == name }.map(\.number)
            #expect(own == own.sorted())
            // Everybody gets a part of the work.
            #expect(own.count >= 5, "\(name)")
        }
    }

    private static func work(as name: String, _ desk: TestDesk, _ ledger: Ledger) async throws {
        let client = try await desk.session(name)
        while true {
            let selected = try await client.say("SELECT Next")
            if selected.contains("* 0 EXISTS") { return client.end() }
            #expect(selected.contains("* 1 EXISTS"))
            let subject = try await client.say("FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
                .first { $0.hasPrefix("Subject:") }
            let moved = try await client.say("MOVE 1 INBOX")
            #expect(moved.last == "a OK MOVE completed", "\(moved)")
            ledger.note(subject?.split(separator: " ").last.flatMap { Int($0) } ?? 0, name)
            await Task.yield()
        }
    }

    @Test func `out of turn nothing is taken, by no way`() async throws {
        let desk = try await TestDesk { $0.pools[0].takeNextOnly = true }
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: * 0 EXISTS
            S: ...
            C: SELECT Next
            S: ...
            S: * 1 EXISTS
            S: ...
            C: CLOSE
            S: a OK *
            C: SELECT Pools/Help
            S: ...
            S: * 3 EXISTS
            S: ...
            C: UID MOVE 2 INBOX
            S: a NO [NOPERM] Cases of Help are taken from Next, first come, first served
            C: UID MOVE 3 Done
            S: a NO [NOPERM] *
            C: UID COPY 2 INBOX
            S: a NO [NOPERM] *
            C: UID MOVE 1 INBOX
            S: * OK [COPYUID *
            S: ...
            S: a OK *
            # The next one is there at once.
            C: STATUS Next (MESSAGES)
            S: * STATUS "Next" (MESSAGES 1)
            S: a OK *
            """#)
    }

    @Test func `how long an offer stands is the desk's to say`() async throws {
        let desk = try await TestDesk { $0.offerFor = .seconds(120) }
        for number in 1...2 { await desk.deliver(number) }
        desk.next.connected(desk.agent("anna"))
        await desk.next.process()
        let agent = desk.agent("anna")
        let now = desk.clock.now
        let offer = try await desk.store.read { try $0.offer(to: agent) }
        #expect(offer?.expiresAt == now + .seconds(120))
    }
}
