import Desk
import MailTypes
import Testing

/// Who may do what in which mailbox, in the letters of RFC 4314: every kind, for everybody.
@Suite struct MailboxRightsTests {
    private static let (help, returns) = (PoolID(rawValue: 1), PoolID(rawValue: 2))
    private static let member = AgentID(rawValue: 1)

    private static func agent(
        _ number: Int64, members: [PoolID] = [], rights: Set<Right> = [], role: Role = .agent,
        isActive: Bool = true
    ) -> Roster.Agent {
        Roster.Agent(
            id: AgentID(rawValue: number),
            definition: AgentDefinition(
                login: "agent\(number)", name: "Agent \(number)", role: role, rights: rights),
            isActive: isActive, joinedAfter: MessageKey(rawValue: 0), viewValidity: 1,
            memberships: Dictionary(uniqueKeysWithValues: members.map { ($0, 1) }), readablePools: Set(members),
            supervisedPools: [], groups: [], language: .english)
    }

    /// A member of Help; one with the right to delete; one of Returns, where deleting means done; one of no pool; one who
    /// left.
    private static let people = [
        agent(1, members: [help]), agent(2, members: [help], rights: [.delete]), agent(3, members: [returns]), agent(4),
        agent(5, members: [help], isActive: false),
    ]

    private static let roster: Roster = {
        var done = PoolDefinition(name: "Returns", addresses: [])
        done.deleteMeans = .done
        return Roster(
            definition: DeskDefinition(domain: DomainName("acme.example")!, postmaster: "Help"), agents: people,
            pools: [
                Roster.Pool(id: help, definition: PoolDefinition(name: "Help", addresses: []), isActive: true),
                Roster.Pool(id: returns, definition: done, isActive: true),
            ],
            groups: [], mailboxes: [:])
    }()

    /// What each may do in the mailboxes of the first, or in those of the desk.
    private static let rows: [(kind: MailboxKind, rights: [String])] = [
        (.inbox(member), ["lrswited", "lrswited", "lrswited", "lri", ""]), (.next(member), ["lrswited", "", "", "", ""]),
        (.waiting(member), ["lrswited", "", "", "", ""]), (.done(member), ["lrswited", "", "", "", ""]),
        (.closed(member), ["lrswited", "", "", "", ""]), (.drafts(member), ["lrswited", "", "", "", ""]),
        (.sent(member), ["lrswited", "", "", "", ""]), (.templates(member), ["lrswited", "", "", "", ""]),
        (.sharedTemplates, ["lrs", "lrs", "lrs", "lrs", ""]),
        (.trash(member), ["lrswiktecd", "", "", "", ""]),
        (.personal(member, MailboxID(rawValue: 9)), ["lrswikxtecd", "", "", "", ""]),
        (.new, ["lrswited", "lrswited", "lrswited", "lri", ""]), (.spam, ["lrswited", "lrswited", "lrswited", "lri", ""]),
        (.group(GroupID(rawValue: 1)), ["lrswited", "lrswited", "lrswited", "lri", ""]),
        (.toSend(member), ["lrswited", "", "", "", ""]), (.confirmed(member), ["lrswited", "", "", "", ""]),
        (.approval(member), ["lrswited", "", "", "", ""]),
        (.consultation(member), ["lrswited", "", "", "", ""]),
        (.department(DepartmentID(rawValue: 1)), ["lrswited", "lrswited", "lrswited", "lri", ""]),
        (.followed(member), ["lrswited", "", "", "", ""]), (.archive(member, year: 2026), ["lrswited", "", "", "", ""]),
        (.overdue, ["lrswted", "lrswted", "lrswted", "lr", ""]),
        (.folder(FolderID(rawValue: 1)), ["lrswited", "lrswited", "lrswited", "lri", ""]),
        (.poolStatus(help, .waiting), ["", "", "", "", ""]),
        (.pool(help), ["lrswited", "lrswited", "lri", "lri", ""]), (.pool(returns), ["lri", "lri", "lrswited", "lri", ""]),
    ]

    @Test(arguments: rows) func `everybody has the rights of the desk`(kind: MailboxKind, rights: [String]) {
        #expect(Self.people.map { MailboxRights(kind, of: $0, in: Self.roster).text } == rights)
    }

    @Test func `every class of mailboxes is in the table`() {
        #expect(Set(Self.rows.map(\.kind.class)) == Set(MailboxClass.allCases))
    }

    @Test func `who oversees a pool looks at it by status, and puts nothing there`() {
        let supervisor = Roster.Agent(
            id: AgentID(rawValue: 7),
            definition: AgentDefinition(login: "agent7", name: "Agent 7", role: .supervisor), isActive: true,
            joinedAfter: MessageKey(rawValue: 0), viewValidity: 1, memberships: [:], readablePools: [Self.help],
            supervisedPools: [Self.help], groups: [], language: .polish)
        #expect(MailboxRights(.poolStatus(Self.help, .waiting), of: supervisor, in: Self.roster).text == "lrswted")
        #expect(MailboxRights(.poolStatus(Self.returns, .waiting), of: supervisor, in: Self.roster).text == "")
        let (names, members) = (
            MailboxNames(roster: Self.roster, agent: supervisor), MailboxNames(roster: Self.roster, agent: Self.people[0])
        )
        for name in ["Waiting", "oczekuje na informacje"] {
            let place = MailboxPlace.system(.poolStatus(Self.help, .waiting))
            #expect(names.place(of: ["Pule", "help", name]) == place)
            #expect(members.place(of: ["Pools", "Help", name]) == nil && members.path(of: place) == nil)
        }
        #expect(
            names.path(of: .system(.poolStatus(Self.help, .inProgress))) == ["Pule", "Help", "W realizacji"])
        #expect(names.shown.count { if case .system(.poolStatus) = $0 { true } else { false } } == 9)
        #expect(!names.isSubscribedByDefault(.system(.poolStatus(Self.help, .new))))
    }

    @Test func `own mailboxes let cases be taken out of them`() {
        let deleter = Self.people[1]
        for kind in [MailboxKind.inbox(deleter.id), .waiting(deleter.id), .done(deleter.id), .closed(deleter.id)] {
            #expect(MailboxRights(kind, of: deleter, in: Self.roster).text == "lrswited")
        }
    }

    @Test func `who supervises keeps the shared templates`() {
        let supervisor = Self.agent(7, role: .supervisor)
        #expect(MailboxRights(.sharedTemplates, of: supervisor, in: Self.roster).text == "lrswited")
    }

    @Test func `levels above mailboxes are looked at, and mailboxes are made below Private`() {
        func rights(_ agent: Roster.Agent) -> [String] {
            MailboxContainer.allCases.map { MailboxRights($0, of: agent).text }
        }
        #expect(rights(Self.people[0]) == ["lrkc", "lr", "lr", "lr", "lr", "lr"])
        #expect(rights(Self.people[4]) == ["", "", "", "", "", ""])
    }

    @Test func `who has the right makes, renames and deletes folders of the company`() {
        let maker = Self.agent(6, members: [Self.help], rights: [.folders])
        #expect(MailboxRights(.folders, of: maker).text == "lrkc")
        #expect(MailboxRights(.folder(FolderID(rawValue: 1)), of: maker, in: Self.roster).text == "lrswixtecd")
    }

    @Test(arguments: rows) func `where the rights say that mail can go, some move is possible`(
        kind: MailboxKind, rights: [String]
    ) {
        for agent in Self.people {
            guard MailboxRights(kind, of: agent, in: Self.roster).contains(.insert) else { continue }
            let place = MovePlace(kind, for: agent.id)
            #expect(
                MovePlace.allCases.contains { from in
                    MoveRules.Role.allCases.contains { role in
                        if case .refuse = MoveRules.move(from: from, to: place, role) { return false }
                        return true
                    }
                })
        }
    }
}
