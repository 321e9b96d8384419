import Desk
import Gateway
import MailTypes
import Mailboxes
import Storage
import Testing

@Suite(.timeLimit(.minutes(5))) struct NextOffersTests {
    /// A desk whose offers move when a test says so, and who is connected to it.
    private struct Play {
        let desk: TestDesk

        init(_ change: (inout DeskDefinition) -> Void = { _ in }) async throws { desk = try await TestDesk(change) }

        func connect(_ names: String...) { for name in names { desk.next.connected(desk.agent(name)) } }

        /// The case that the agent is offered, and whether exactly its messages are in Next.
        func offer(to name: String) async throws -> Int64? {
            let (agent, roster) = (desk.agent(name), desk.roster.current)
            let next = try #require(roster.mailbox(.next(agent)))
            let person = try #require(roster.agents[agent])
            return try await desk.store.read { (transaction: Transaction) -> Int64? in
                let offer = try transaction.offer(to: agent)
                let messages = try offer.map { try transaction.messages(of: $0.ticket) } ?? []
                #expect(try transaction.uids(of: messages, in: next).count == messages.count)
                let view = MailboxView(mailbox: next, kind: .next(agent), roster: roster, agent: person)
                var count = 0
                try transaction.eachUID(in: view, above: 0) { _ in count += 1 }
                #expect(count == messages.count)
                return offer?.ticket.rawValue
            }
        }

        func uids(of name: String) async throws -> [UInt32] {
            let (agent, roster) = (desk.agent(name), desk.roster.current)
            let next = try #require(roster.mailbox(.next(agent)))
            let view = MailboxView(
                mailbox: next, kind: .next(agent), roster: roster, agent: try #require(roster.agents[agent]))
            return try await desk.store.read { (transaction: Transaction) -> [UInt32] in
                var uids: [UInt32] = []
                try transaction.eachUID(in: view, above: 0) { uids.append($0) }
                return uids
            }
        }

        /// Time passes, and what is due is done.
        func wait(_ duration: Duration) async {
            desk.clock.advance(by: duration)
            await desk.next.process()
        }
    }

    @Test func `the oldest case of the most urgent pool is offered`() async throws {
        let play = try await Play()
        await play.desk.deliver(1, to: "returns@acme.example")
        await play.desk.deliver(2)
        await play.desk.deliver(3)
        play.connect("anna")
        await play.desk.next.process()
        #expect(try await play.offer(to: "anna") == 2)
    }

    @Test func `with nothing in the first pool the next one gives`() async throws {
        let play = try await Play()
        await play.desk.deliver(1, to: "returns@acme.example")
        play.connect("anna")
        await play.desk.next.process()
        #expect(try await play.offer(to: "anna") == 1)
    }

    @Test func `nobody is offered the case of a colleague, of a foreign pool, or a second one`() async throws {
        let play = try await Play()
        for number in 1...3 { await play.desk.deliver(number) }
        play.connect("anna", "bartek", "olga", "ewa", "celina")
        await play.desk.next.process()
        await play.desk.next.process()
        #expect(try await Set([play.offer(to: "anna"), play.offer(to: "bartek")]) == [1, 2])
        for name in ["olga", "ewa", "celina"] { #expect(try await play.offer(to: name) == nil) }
    }

    @Test func `who is not connected is offered nothing`() async throws {
        let play = try await Play()
        await play.desk.deliver(1)
        await play.desk.next.process()
        await play.desk.next.looked(.next(play.desk.agent("anna")), agent: play.desk.agent("anna"))
        #expect(try await play.offer(to: "anna") == nil)
    }

    @Test func `whoever looks into Next finds the offer there`() async throws {
        let play = try await Play()
        await play.desk.deliver(1)
        let agent = play.desk.agent("anna")
        play.connect("anna")
        await play.desk.next.looked(.next(agent), agent: agent)
        #expect(try await play.offer(to: "anna") == 1)
    }

    @Test func `an offer that ran out goes to a colleague who has none`() async throws {
        let play = try await Play()
        await play.desk.deliver(1)
        play.connect("anna")
        await play.desk.next.process()
        play.connect("bartek")
        await play.wait(.seconds(599))
        #expect(try await play.offer(to: "anna") == 1)
        #expect(try await play.offer(to: "bartek") == nil)
        await play.wait(.seconds(1))
        #expect(try await play.offer(to: "bartek") == 1)
        #expect(try await play.offer(to: "anna") == nil)
        await play.wait(.seconds(600))
        #expect(try await play.offer(to: "anna") == 1)
        #expect(try await play.offer(to: "bartek") == nil)
    }

    @Test func `with nobody else the same case is offered again under the same UID`() async throws {
        let play = try await Play()
        await play.desk.deliver(1)
        await play.desk.deliver(2)
        play.connect("anna")
        await play.desk.next.process()
        let uids = try await play.uids(of: "anna")
        for _ in 0..<3 { await play.wait(.seconds(600)) }
        #expect(try await play.offer(to: "anna") == 1)
        #expect(try await play.uids(of: "anna") == uids)
        await play.wait(.seconds(599))
        #expect(try await play.offer(to: "anna") == 1)
    }

    @Test func `two who let their offers run out change them`() async throws {
        let play = try await Play()
        await play.desk.deliver(1)
        await play.desk.deliver(2)
        play.connect("anna", "bartek")
        await play.desk.next.process()
        let before = try await [play.offer(to: "anna"), play.offer(to: "bartek")]
        await play.wait(.seconds(600))
        #expect(try await [play.offer(to: "bartek"), play.offer(to: "anna")] == before)
        #expect(Set(before) == [1, 2])
    }

    @Test func `an offer outlives the last connection by a minute`() async throws {
        let play = try await Play()
        await play.desk.deliver(1)
        play.connect("anna", "anna", "bartek")
        await play.desk.next.process()
        play.desk.next.disconnected(play.desk.agent("anna"))
        await play.wait(.seconds(120))
        #expect(try await play.offer(to: "anna") == 1)
        play.desk.next.disconnected(play.desk.agent("anna"))
        await play.wait(.seconds(59))
        #expect(try await play.offer(to: "anna") == 1)
        await play.wait(.seconds(1))
        #expect(try await play.offer(to: "anna") == nil)
        #expect(try await play.offer(to: "bartek") == 1)
    }

    @Test func `who comes back within the minute keeps the offer`() async throws {
        let play = try await Play()
        await play.desk.deliver(1)
        play.connect("anna")
        await play.desk.next.process()
        play.desk.next.disconnected(play.desk.agent("anna"))
        await play.wait(.seconds(50))
        play.connect("anna")
        await play.wait(.seconds(50))
        #expect(try await play.offer(to: "anna") == 1)
    }

    @Test func `offers of a former process end a minute after the start`() async throws {
        let play = try await Play()
        await play.desk.deliver(1)
        play.connect("anna")
        await play.desk.next.process()
        let later = NextOffers(store: play.desk.store, roster: play.desk.roster, clock: play.desk.clock)
        await later.process()
        #expect(try await play.offer(to: "anna") == 1)
        play.desk.clock.advance(by: .seconds(60))
        await later.process()
        #expect(try await play.offer(to: "anna") == nil)
    }

    @Test func `who loses the pool loses the offer`() async throws {
        let play = try await Play()
        await play.desk.deliver(1)
        play.connect("bartek")
        await play.desk.next.process()
        #expect(try await play.offer(to: "bartek") == 1)
        try await play.desk.apply { $0.pools[0].members.removeLast() }
        let agent = play.desk.agent("bartek")
        await play.desk.next.looked(.next(agent), agent: agent)
        #expect(try await play.offer(to: "bartek") == nil)
    }

    @Test func `a customer's further mail shows in Next, too`() async throws {
        let play = try await Play()
        await play.desk.deliver(1)
        play.connect("anna")
        await play.desk.next.process()
        await play.desk.deliver(
            """
            From: jan1@customer.example
            Subject: Re: Question 1
            Message-ID: <again@customer.example>
            In-Reply-To: <q1@customer.example>

            Hello?

            """, from: "jan1@customer.example")
        await play.desk.next.process()
        #expect(try await play.offer(to: "anna") == 1)
        #expect(try await play.uids(of: "anna").count == 2)
    }
}

@Suite(.timeLimit(.minutes(5))) struct NextOffersServiceTests {
    /// Has the service run while a test plays.
    private func run(_ play: (TestDesk) async throws -> Void) async throws {
        let desk = try await TestDesk()
        let service = Task { await desk.next.run(feed: desk.feed) }
        do {
            try await play(desk)
        } catch {
            service.cancel()
            throw error
        }
        service.cancel()
        await service.value
    }

    private func offered(_ desk: TestDesk, _ name: String, _ number: Int64?) async throws {
        let agent = desk.agent(name)
        while try await desk.store.read({ (transaction: Transaction) in
            try transaction.offer(to: agent)?.ticket.rawValue
        }) != number {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test func `a new case reaches who waits for one, and the next one who took it`() async throws {
        try await run { desk in
            desk.next.connected(desk.agent("anna"))
            await desk.deliver(1)
            try await offered(desk, "anna", 1)
            await desk.deliver(2)
            let (agent, roster, now) = (desk.agent("anna"), desk.roster.current, desk.clock.now)
            _ = try await desk.store.write { (transaction: Transaction) in
                try CaseWork(transaction, roster: roster, now: now)
                    .apply(.take, to: TicketNumber(rawValue: 1), by: agent).ticket
            }
            try await offered(desk, "anna", 2)
        }
    }

    @Test func `a client that idles in Next is told of the offer`() async throws {
        try await run { desk in
            let client = try await desk.session("anna")
            #expect(try await client.say("SELECT Next").contains("* 0 EXISTS"))
            try await client.write("i IDLE\r\n")
            await desk.deliver(1)
            try await offered(desk, "anna", 1)
            var told: [String] = []
            while told.isEmpty {
                try Task.checkCancellation()
                told = try await client.told()
            }
            #expect(told.contains("* 1 EXISTS"))
        }
    }

    @Test func `the end of the service is prompt`() async throws {
        try await run { _ in }
    }
}
