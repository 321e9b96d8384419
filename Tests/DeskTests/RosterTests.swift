import Desk
import MailTypes
import Testing

/// Who sees what, and which address leads where.
@Suite struct RosterTests {
    private static let (help, returns, queue) = (PoolID(rawValue: 1), PoolID(rawValue: 2), PoolID(rawValue: 3))
    private static let anna = AgentID(rawValue: 1)

    private static func address(_ text: String) -> EmailAddress {
        guard let address = EmailAddress(text) else { preconditionFailure("\(text) is no address") }
        return address
    }

    private static func agent(
        _ number: Int64, role: Role = .agent, members: [PoolID] = [], supervises: [PoolID] = [],
        isActive: Bool = true
    ) -> Roster.Agent {
        let readable = role == .admin ? Set([help, returns, queue]) : Set(members).union(supervises)
        return Roster.Agent(
            id: AgentID(rawValue: number),
            definition: AgentDefinition(login: "agent\(number)@acme.example", name: "Agent \(number)", role: role),
            isActive: isActive, joinedAfter: MessageKey(rawValue: 0), viewValidity: 1,
            memberships: Dictionary(uniqueKeysWithValues: members.map { ($0, 1) }), readablePools: readable,
            supervisedPools: Set(supervises), groups: [], language: .english)
    }

    private static func pool(
        _ id: PoolID, _ name: String, _ addresses: [String], takeNextOnly: Bool = false,
        sees: PoolDefinition.MembersSee = .all, isActive: Bool = true
    ) -> Roster.Pool {
        Roster.Pool(
            id: id,
            definition: PoolDefinition(
                name: name, addresses: addresses.map { .init(address: address($0)) }, takeNextOnly: takeNextOnly,
                membersSee: sees),
            isActive: isActive)
    }

    private static func roster(_ agents: [Roster.Agent], returnsIsActive: Bool = true) throws -> Roster {
        Roster(
            definition: DeskDefinition(domain: try #require(DomainName("acme.example")), postmaster: "help"),
            agents: agents,
            pools: [
                pool(help, "Help", ["help@acme.example", "Support@Żółw.example", "help+vip@acme.example"]),
                pool(returns, "Returns", ["returns@acme.example"], sees: .own, isActive: returnsIsActive),
                pool(queue, "Queue", ["queue@other.example"], takeNextOnly: true),
            ],
            groups: [], mailboxes: [.new: MailboxID(rawValue: 10), .inbox(anna): MailboxID(rawValue: 11)])
    }

    /// What a member of all three pools, a supervisor of all, and an admin see; and somebody without a pool.
    @Test func `New hides what only Next gives out, but not from supervisors`() throws {
        let (member, supervisor) = (
            Self.agent(1, members: [Self.help, Self.returns, Self.queue]),
            Self.agent(2, role: .supervisor, supervises: [Self.help, Self.returns, Self.queue])
        )
        let (admin, nobody) = (Self.agent(3, role: .admin), Self.agent(4, role: .supervisor))
        let roster = try Self.roster([member, supervisor, admin, nobody])
        let all: Set = [Self.help, Self.returns, Self.queue]
        let queues = all.union(all.map(\.inQueue))
        #expect(roster.visiblePools(in: .new, for: member) == all)
        #expect(roster.visiblePools(in: .new, for: supervisor) == queues)
        #expect(roster.visiblePools(in: .new, for: admin) == queues)
        let (new, inbox) = (MailboxID(rawValue: 10), MailboxID(rawValue: 11))
        #expect(roster.entryPool(Self.queue, in: new) == Self.queue.inQueue)
        #expect(roster.entryPool(Self.help, in: new) == Self.help && roster.entryPool(Self.queue, in: inbox) == Self.queue)
        #expect(Self.queue.inQueue.ofCards(in: .polish).withoutLanguage == Self.queue)
        #expect(roster.visiblePools(in: .new, for: nobody) == [])
        #expect(roster.visiblePools(in: .spam, for: member) == all)
        #expect(roster.visiblePools(in: .spam, for: nobody) == [])
        #expect(roster.visiblePools(in: .group(GroupID(rawValue: 1)), for: member) == all)
    }

    @Test func `a pool's view is empty for strangers and for members who see only their own`() throws {
        let (member, supervisor, stranger) = (
            Self.agent(1, members: [Self.help, Self.returns]), Self.agent(2, supervises: [Self.returns]),
            Self.agent(3, members: [Self.queue])
        )
        let roster = try Self.roster([member, supervisor, stranger])
        #expect(roster.visiblePools(in: .pool(Self.help), for: member) == [Self.help])
        #expect(roster.visiblePools(in: .pool(Self.returns), for: member) == [])
        #expect(roster.visiblePools(in: .pool(Self.returns), for: supervisor) == [Self.returns])
        #expect(roster.visiblePools(in: .pool(Self.help), for: stranger) == [])
    }

    @Test func `a colleague's INBOX shows what both may see, other mailboxes of a colleague nothing`() throws {
        let (member, own) = (Self.agent(2, members: [Self.help, Self.returns]), Self.agent(1, members: [Self.help]))
        let roster = try Self.roster([own, member])
        #expect(roster.visiblePools(in: .inbox(Self.anna), for: member) == [Self.help])
        #expect(roster.visiblePools(in: .inbox(Self.anna), for: own) == [Self.help, .none])
        for kind in [
            MailboxKind.drafts(Self.anna), .sent(Self.anna), .waiting(Self.anna), .trash(Self.anna),
            .next(Self.anna), .personal(Self.anna, MailboxID(rawValue: 9)),
        ] {
            #expect(roster.visiblePools(in: kind, for: member) == [])
            #expect(roster.visiblePools(in: kind, for: own) == [Self.help, .none])
        }
    }

    static let destinations: [(written: String, pool: Int64?, address: String?)] = [
        ("help@acme.example", 1, "help@acme.example"), ("HELP@ACME.EXAMPLE", 1, "help@acme.example"),
        ("help+anything@acme.example", 1, "help@acme.example"), ("help+a+b@acme.example", 1, "help@acme.example"),
        ("help+VIP@acme.example", 1, "help+vip@acme.example"), ("help+vip+x@acme.example", 1, "help+vip@acme.example"),
        ("support@xn--w-uga1v8h.example", 1, "Support@xn--w-uga1v8h.example"),
        ("queue@other.example", 3, "queue@other.example"),
        ("postmaster@acme.example", 1, "postmaster@acme.example"), ("Abuse@other.example", 1, "Abuse@other.example"),
        ("postmaster+x@other.example", 1, "postmaster@other.example"), ("postmaster@third.example", nil, nil),
        ("queue@acme.example", nil, nil), ("+help@acme.example", nil, nil), ("nobody@acme.example", nil, nil),
    ]

    @Test(arguments: destinations)
    func `an address leads to its pool`(written: String, pool: Int64?, address: String?) throws {
        let roster = try Self.roster([])
        let found = roster.destination(of: Self.address(written))
        #expect(found?.pool == pool.map(PoolID.init(rawValue:)) && found?.address.description == address)
        #expect(roster.pool(address: Self.address(written)) == found?.pool)
    }

    @Test func `an inactive pool has no addresses, but its case still has one to answer from`() throws {
        let roster = try Self.roster([], returnsIsActive: false)
        #expect(roster.pool(address: Self.address("returns@acme.example")) == nil)
        #expect(roster.address(of: Self.returns) == Self.address("returns@acme.example"))
    }

    @Test func `answers leave from the address that the customer wrote to, if it is the pool's`() throws {
        let roster = try Self.roster([])
        func from(_ written: String?) -> String? {
            roster.address(of: Self.help, preferring: written.map(Self.address))?.description
        }
        #expect(from("help+vip@acme.example") == "help+vip@acme.example")
        #expect(from("returns@acme.example") == "help@acme.example")
        #expect(from("gone@acme.example") == "help@acme.example")
        #expect(from(nil) == "help@acme.example")
    }

    @Test func `people are found by login and by the address that it is, in any case of letters`() throws {
        let roster = try Self.roster([Self.agent(1), Self.agent(2)])
        #expect(roster.agent(login: "AGENT1@acme.example")?.id == Self.anna)
        #expect(roster.agent(address: Self.address("Agent1@ACME.example"))?.id == Self.anna)
        #expect(roster.agent(login: "agent3") == nil)
    }
}
