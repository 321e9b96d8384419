import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

/// `desk apply`: the database says what the definition says, and nothing is ever deleted.
@Suite struct DeskAdministrationTests {
    /// Everything in the tables that a definition fills.
    private func contents(_ desk: DeskFixture) async throws -> [String] {
        try await desk.texts(
            """
            SELECT 'agent ' || id || login || is_active || view_validity || memberships || coalesce(credential, '') FROM agent
            UNION ALL SELECT 'pool ' || id || name || is_active FROM pool
            UNION ALL SELECT 'group ' || id || name || is_active FROM agent_group
            UNION ALL SELECT 'mailbox ' || id || class || uid_validity || uid_next FROM mailbox
            UNION ALL SELECT 'counter ' || name || value FROM counter
            UNION ALL SELECT 'tombstone ' || uid FROM tombstone
            UNION ALL SELECT 'event ' || id FROM event
            """)
    }

    @Test func `applying a definition twice changes nothing`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open()
            try await desk.decide(.take, 1, as: "anna@acme.example")
            let before = try await contents(desk)
            desk.clock.advance(by: .seconds(1000))
            try await desk.apply(.example)
            #expect(try await contents(desk) == before)
        }
    }

    @Test func `there are mailboxes for the desk, its pools, groups and people`() async throws {
        try await DeskFixture.run { desk in
            let roster = desk.roster.current
            // New, Spam, Overdue and the shared templates, three pools with nine statuses each, a group, and fourteen for each
            // of five people.
            #expect(roster.mailboxes.count == 105)
            #expect(Set(roster.mailboxes.values).count == roster.mailboxes.count)
            let validities = try await desk.number("SELECT count(DISTINCT uid_validity) FROM mailbox")
            #expect(validities == Int64(roster.mailboxes.count))
            #expect(try await desk.number("SELECT min(uid_validity) FROM mailbox") >= desk.clock.now.seconds)
        }
    }

    @Test func `what is left out is deactivated and comes back as it was`() async throws {
        try await DeskFixture.run { desk in
            let (agents, mailboxes) = (desk.roster.current.agents.count, desk.roster.current.mailboxes)
            let returns = desk.pool("Returns")
            var smaller = DeskDefinition.example
            smaller.pools.remove(at: 1)
            smaller.agents.removeLast()
            smaller.groups = []
            try await desk.apply(smaller)
            #expect(desk.roster.current.pools[returns]?.isActive == false)
            #expect(desk.roster.current.agents.count == agents)
            #expect(desk.roster.current.agents[desk.agent("ada@acme.example")]?.isActive == false)
            #expect(desk.intake.verify(recipient: emailAddress("returns@acme.example")) == .refused(.unknownRecipient))
            try await desk.apply(.example)
            #expect(desk.pool("Returns") == returns)
            // A group that comes back has another mailbox, with a UIDVALIDITY of its own.
            func lasting(_ all: [MailboxKind: MailboxID]) -> [MailboxKind: MailboxID] { all.filter { $0.key.class != .group } }
            #expect(lasting(desk.roster.current.mailboxes) == lasting(mailboxes))
            #expect(desk.roster.current.mailboxes.count == mailboxes.count)
            #expect(desk.roster.current.groups.count == 1)
        }
    }

    @Test func `open cases of somebody who left go back to New, and finished ones stay`() async throws {
        try await DeskFixture.run { desk in
            for _ in 0..<3 { _ = try await desk.open() }
            try await desk.decide(.take, 1, as: "anna@acme.example")
            try await desk.decide(.setStatus(.waiting), 2, as: "anna@acme.example")
            try await desk.decide(.setStatus(.done), 3, as: "anna@acme.example")
            var without = DeskDefinition.example
            without.agents[0].active = false
            try await desk.apply(without)
            #expect(try await desk.place(1) == "new")
            #expect(try await desk.place(2) == "new")
            #expect(try await desk.ticket(2).status == .new)
            #expect(try await desk.place(3) == "done anna@acme.example")
        }
    }

    @Test func `loss of a membership takes the pool's cases out of the agent's folders`() async throws {
        let desk = try await DeskFixture.make(.example)
        for _ in 0..<2 { _ = try await desk.open() }
        let kept = try await desk.open(to: ["queue@acme.example"])
        try await desk.decide(.take, 1, as: "anna@acme.example")
        try await desk.decide(.setStatus(.closed), 2, as: "anna@acme.example")
        try await desk.decide(.handOver(desk.agent("anna@acme.example")), kept, as: "ada@acme.example")
        var without = DeskDefinition.example
        without.pools[0].members.removeFirst()
        try await desk.apply(without)
        #expect(try await desk.place(1) == "new")
        #expect(try await desk.place(kept) == "inbox anna@acme.example")
        let closed = try #require(desk.roster.current.mailbox(.closed(desk.agent("anna@acme.example"))))
        #expect(try await desk.number("SELECT count(*) FROM entry WHERE mailbox_id = \(closed)") == 0)
        let before = try await contents(desk)
        try await desk.apply(without)
        #expect(try await contents(desk) == before)
        try await desk.checkInvariants(allowsHiddenCases: true)
    }

    @Test func `cases of a group that nobody reads any more go back to New`() async throws {
        try await DeskFixture.run { desk in
            for _ in 0..<2 { _ = try await desk.open() }
            let group = try #require(desk.roster.current.groups.keys.first)
            for number in [Int64(1), 2] { try await desk.decide(.handToGroup(group), number, as: "anna@acme.example") }
            #expect(try await desk.place(1) == "group")
            var without = DeskDefinition.example
            without.groups = []
            try await desk.apply(without)
            #expect(try await desk.place(1) == "new")
            #expect(try await desk.ticket(1).group == nil)
            #expect(try await desk.place(2) == "new")
        }
    }

    @Test func `only those whose sight changes get a new validity of views`() async throws {
        try await DeskFixture.run { desk in
            let before = desk.roster.current
            func changed() -> [String] {
                desk.roster.current.agents.values.filter { before.agents[$0.id]?.viewValidity != $0.viewValidity }
                    .map(\.definition.login).sorted()
            }
            var other = DeskDefinition.example
            other.pools[0].senderName = "Other"
            other.agents[0].name = "Anna Nowak"
            try await desk.apply(other)
            #expect(changed() == [])
            other.pools[1].members.append(.init(login: "anna@acme.example"))
            try await desk.apply(other)
            #expect(changed() == ["anna@acme.example"])
            let validity = try #require(desk.roster.current.agents[desk.agent("anna@acme.example")]).viewValidity
            let others = try await desk.number("SELECT max(uid_validity) FROM mailbox")
            #expect(Int64(validity) > others)
            // Of that New tells by itself.
            other.pools[2].takeNextOnly = false
            try await desk.apply(other)
            #expect(changed() == ["anna@acme.example"])
        }
    }

    @Test func `a pool that only Next gives out leaves tombstones in New when it is one no more, and comes back under new UIDs`()
        async throws
    {
        try await DeskFixture.run { desk in
            _ = try await desk.open(TestMail(id: "q1@customer.example"), to: ["queue@acme.example"])
            _ = try await desk.open(TestMail(id: "h1@customer.example"))
            let (queue, new) = (desk.pool("Queue"), try #require(desk.roster.current.mailbox(.new)))
            func entries() async throws -> [String] {
                try await desk.texts("SELECT uid || ' ' || pool_id FROM entry WHERE mailbox_id = \(new) ORDER BY uid")
            }
            func tombstones() async throws -> [String] {
                try await desk.texts("SELECT uid || ' ' || pool_id FROM tombstone WHERE mailbox_id = \(new) ORDER BY uid")
            }
            #expect(try await entries() == ["1 \(queue.inQueue)", "2 \(desk.pool("Help"))"])
            var open = DeskDefinition.example
            open.pools[2].takeNextOnly = false
            try await desk.apply(open)
            #expect(try await entries() == ["2 \(desk.pool("Help"))", "3 \(queue)"])
            #expect(try await tombstones() == ["1 \(queue.inQueue)"])
            try await desk.apply(.example)
            #expect(try await entries() == ["2 \(desk.pool("Help"))", "4 \(queue.inQueue)"])
            #expect(try await tombstones() == ["1 \(queue.inQueue)", "3 \(queue)"])
            try await desk.apply(.example)
            #expect(try await tombstones().count == 2)
        }
    }

    @Test func `an initial password counts once`() async throws {
        try await DeskFixture.run { desk in
            try await desk.apply(.example, credentials: ["anna@acme.example": "first"])
            try await desk.apply(.example, credentials: ["anna@acme.example": "second", "bob@acme.example": "bobs"])
            #expect(
                try await desk.texts(
                    "SELECT login || ' ' || credential FROM agent WHERE credential IS NOT NULL ORDER BY id")
                    == ["anna@acme.example first", "bob@acme.example bobs"])
        }
    }

    @Test func `mail from before an agent joined counts as seen`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open()
            var more = DeskDefinition.example
            more.agents.append(AgentDefinition(login: "new@acme.example", name: "New"))
            try await desk.apply(more)
            #expect(desk.roster.current.agents[desk.agent("new@acme.example")]?.joinedAfter == MessageKey(rawValue: 1))
            #expect(desk.roster.current.agents[desk.agent("anna@acme.example")]?.joinedAfter == MessageKey(rawValue: 0))
        }
    }

    @Test func `a renamed folder keeps its cases, a removed one gives them back`() async throws {
        var definition = DeskDefinition.example
        definition.folders = ["Machines", "Old"]
        try await DeskFixture.run(definition) { desk in
            _ = try await desk.open()
            definition.folders = ["Machines"]
            try await desk.apply(definition)
            let folder = try #require(desk.roster.current.folder(named: "Machines"))
            try await desk.decide(.file(folder.id), 1, as: "anna@acme.example")
            let mailbox = try await desk.ticket(1).mailbox

            // The new name belonged to a folder that was removed.
            definition.folders = ["OLD"]
            let (renaming, now) = (definition, desk.clock.now)
            desk.roster.replace(
                try await desk.store.write { (transaction: Transaction) in
                    try DeskAdministration(
                        definition: renaming, text: "", credentials: [:], libraries: .test,
                        renamed: (.folder, "machines", "OLD")
                    ).apply(in: transaction, now: now)
                })
            #expect(desk.roster.current.folder(named: "old")?.id == folder.id)
            #expect(try await desk.ticket(1).mailbox == mailbox)

            definition.folders = []
            try await desk.apply(definition)
            #expect(try await desk.place(1) == "new")
            #expect(try await desk.ticket(1).folder == nil)
        }
    }
}
