package import MailTypes

/// The desk with the numbers of its parts: who there is, who may read what, which address leads where, which mailbox is
/// which. An immutable value, made anew after every change of the desk.
package struct Roster: Sendable {
    /// A person with an account.
    package struct Agent: Sendable {
        package let id: AgentID
        package let definition: AgentDefinition
        package let isActive: Bool
        /// Messages up to this one were there before the agent joined and count as `\Seen`.
        package let joinedAfter: MessageKey
        /// At least this is the UIDVALIDITY of every shared mailbox for this agent.
        package let viewValidity: UInt32
        /// The pools the agent is a member of, with the pick-up priority in each (1 comes first).
        package let memberships: [PoolID: Int]
        /// The pools whose cases the agent may read: own ones, supervised ones, for an admin all.
        package let readablePools: Set<PoolID>
        package let supervisedPools: Set<PoolID>
        package let groups: Set<GroupID>
        package let language: Language
        /// The language in which the agent sees cards; `nil`: sees none.
        package let cardLanguage: Language?
        /// At least this is the UIDVALIDITY of every mailbox with cases for this agent.
        package let cardValidity: UInt32
        /// At least this is the UIDVALIDITY of a pool's view for this agent, of pools in which it changed whether the agent sees
        /// cases of colleagues; the highest, of every mailbox where such cases lie beside others.
        package let sightValidity: [PoolID: UInt32]

        package init(
            id: AgentID, definition: AgentDefinition, isActive: Bool, joinedAfter: MessageKey, viewValidity: UInt32,
            memberships: [PoolID: Int], readablePools: Set<PoolID>, supervisedPools: Set<PoolID>, groups: Set<GroupID>,
            language: Language, cardLanguage: Language? = nil, cardValidity: UInt32 = 0,
            sightValidity: [PoolID: UInt32] = [:]
        ) {
            (self.cardLanguage, self.cardValidity, self.sightValidity) = (cardLanguage, cardValidity, sightValidity)
            (self.id, self.definition, self.isActive) = (id, definition, isActive)
            (self.joinedAfter, self.viewValidity, self.memberships) = (joinedAfter, viewValidity, memberships)
            (self.readablePools, self.supervisedPools) = (readablePools, supervisedPools)
            (self.groups, self.language) = (groups, language)
        }
    }

    /// A topic with its number.
    package struct Pool: Sendable {
        package let id: PoolID
        package let definition: PoolDefinition
        package let isActive: Bool
        package init(id: PoolID, definition: PoolDefinition, isActive: Bool) {
            (self.id, self.definition, self.isActive) = (id, definition, isActive)
        }
    }

    /// Where mail to an address of ours goes.
    package struct Destination: Sendable, Equatable {
        package let pool: PoolID
        /// The supervised address as the desk spells it, or `postmaster` or `abuse`, without what a sender put after `+`.
        package let address: EmailAddress
        package init(pool: PoolID, address: EmailAddress) { (self.pool, self.address) = (pool, address) }
    }

    /// A group of agents with its number.
    package struct Group: Sendable {
        package let id: GroupID
        package let name: String
        package let members: Set<AgentID>
        package init(id: GroupID, name: String, members: Set<AgentID>) {
            (self.id, self.name, self.members) = (id, name, members)
        }
    }

    /// A custom folder of the company with its number.
    package struct Folder: Sendable {
        package let id: FolderID
        package let name: String
        package init(id: FolderID, name: String) { (self.id, self.name) = (id, name) }
    }

    package let definition: DeskDefinition
    package let agents: [AgentID: Agent]
    package let pools: [PoolID: Pool]
    package let groups: [GroupID: Group]
    package let folders: [FolderID: Folder]
    package let departments: [DepartmentID: Department]
    /// Of all departments there ever were.
    package let departmentNames: [DepartmentID: String]
    /// The system mailboxes: all but those under Private/.
    package private(set) var mailboxes: [MailboxKind: MailboxID]
    package private(set) var kinds: [MailboxID: MailboxKind]
    /// The names of the active agents under `Team/`.
    package let team: TeamNames
    /// The rules for incoming mail, made ready.
    package let rules: RuleProgram
    /// The desk's time.
    package let clock: any DeskClock
    /// Of agents who live in another time zone than the desk.
    package let clocks: [AgentID: any DeskClock]
    /// Who is away when.
    package private(set) var absences: Absences

    private let agentsByLogin: [String: AgentID]
    private let agentsByAddress: [String: AgentID]
    private let destinations: [String: Destination]
    private let supervisedDomains: Set<DomainName>
    private let postmasterPool: PoolID?

    package init(
        definition: DeskDefinition, agents: [Agent], pools: [Pool], groups: [Group], folders: [Folder] = [],
        departments: [Department] = [], departmentNames: [DepartmentID: String] = [:],
        mailboxes: [MailboxKind: MailboxID], rules: RuleProgram = .empty, clock: any DeskClock = UniversalTime(),
        clocks: [AgentID: any DeskClock] = [:], absences: Absences = Absences()
    ) {
        (self.clocks, self.absences) = (clocks, absences)
        (self.rules, self.clock, self.departmentNames) = (rules, clock, departmentNames)
        self.definition = definition
        self.agents = Dictionary(agents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.pools = Dictionary(pools.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.groups = Dictionary(groups.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.folders = Dictionary(folders.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.departments = Dictionary(departments.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.mailboxes = mailboxes
        team = TeamNames(agents)
        kinds = Dictionary(mailboxes.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
        agentsByLogin = Dictionary(
            agents.map { (foldedName($0.definition.login), $0.id) }, uniquingKeysWith: { first, _ in first })
        agentsByAddress = Dictionary(
            agents.compactMap { agent in EmailAddress(agent.definition.login).map { ($0.identity, agent.id) } },
            uniquingKeysWith: { first, _ in first })
        let active = pools.filter(\.isActive)
        destinations = Dictionary(
            active.flatMap { pool in
                pool.definition.addresses.map {
                    ($0.address.identity, Destination(pool: pool.id, address: $0.address))
                }
            },
            uniquingKeysWith: { first, _ in first })
        supervisedDomains = Set(active.flatMap { pool in pool.definition.addresses.map(\.address.domain) })
            .union([definition.domain])
        postmasterPool = active.first { foldedName($0.definition.name) == foldedName(definition.postmaster) }?.id
    }

    package func agent(login: some StringProtocol) -> Agent? { agentsByLogin[foldedName(login)].flatMap { agents[$0] } }

    /// An active agent by the name of the folder under Team/, or by login.
    package func colleague(named name: String) -> AgentID? {
        team.agent(named: name) ?? agent(login: name).flatMap { $0.isActive ? $0.id : nil }
    }

    /// The agent whose login is this address.
    package func agent(address: EmailAddress) -> Agent? { agentsByAddress[address.identity].flatMap { agents[$0] } }

    /// The pool of a supervised address, of `postmaster` and of `abuse`, in any domain of the desk (RFC 2142); an address
    /// with `+` leads where the part before it leads.
    package func pool(address: EmailAddress) -> PoolID? { destination(of: address)?.pool }

    /// The pool of `pool(address:)` with the address that leads there.
    package func destination(of address: EmailAddress) -> Destination? {
        if let found = exactDestination(address) { return found }
        // The last `+` first: `help+vip` can be a supervised address of its own, with signed forms of its own.
        if let base = address.withoutDetail, let found = exactDestination(base) { return found }
        return address.withoutDetails.flatMap(exactDestination)
    }

    private func exactDestination(_ address: EmailAddress) -> Destination? {
        if let found = destinations[address.identity] { return found }
        guard let postmasterPool, supervisedDomains.contains(address.domain) else { return nil }
        switch foldedName(address.localPart) {
        case "postmaster", "abuse": return Destination(pool: postmasterPool, address: address)
        default: return nil
        }
    }

    /// Whether mail for the domain is ours at all: what is not, is relaying.
    package func isOwnDomain(_ domain: DomainName) -> Bool { supervisedDomains.contains(domain) }

    /// `note@` of the desk's domain: what is sent there stays in its case.
    package func isNoteAddress(_ address: EmailAddress) -> Bool {
        address.domain == definition.domain && foldedName(address.localPart) == "note"
    }

    /// `desk@` of the desk's domain: what is sent there are commands.
    package func isCommandAddress(_ address: EmailAddress) -> Bool {
        address.domain == definition.domain && foldedName(address.localPart) == "desk"
    }

    /// `note@` of the desk's domain.
    package var noteAddress: EmailAddress { EmailAddress(localPart: "note", domain: definition.domain) }

    /// `desk@` of the desk's domain.
    package var commandAddress: EmailAddress { EmailAddress(localPart: "desk", domain: definition.domain) }

    /// Whether a consulted unit has this address.
    package func isDepartment(_ address: EmailAddress) -> Bool {
        definition.departments.contains { $0.addresses.contains(address) }
    }

    /// The pool of `postmaster` without a domain.
    package var poolOfPostmaster: PoolID? { postmasterPool }

    /// The address of a pool that answers leave from: the one the customer wrote to, if it is the pool's, else its first.
    package func address(of pool: PoolID, preferring written: EmailAddress? = nil) -> EmailAddress? {
        if let found = written.flatMap(destination), found.pool == pool { return found.address }
        return pools[pool]?.definition.addresses.first?.address
    }

    /// What the own mail of an agent may take: octets and messages.
    package func quota(of agent: Agent) -> (storage: Int, messages: Int) {
        let own = agent.definition.quota
        return (own.storage ?? definition.quota, own.messages ?? definition.quotaMessages)
    }

    /// The same with one more mailbox.
    package func adding(_ kind: MailboxKind, _ mailbox: MailboxID) -> Roster {
        var roster = self
        roster.mailboxes[kind] = mailbox
        roster.kinds[mailbox] = kind
        return roster
    }

    /// The same with these absences.
    package func with(_ absences: Absences) -> Roster {
        var roster = self
        roster.absences = absences
        return roster
    }

    /// The languages that somebody sees cards in.
    package var cardLanguages: Set<Language> {
        Set(agents.values.filter(\.isActive).compactMap(\.cardLanguage))
    }

    package func mailbox(_ kind: MailboxKind) -> MailboxID? { mailboxes[kind] }

    /// The active pool of this name.
    package func pool(named name: String) -> PoolID? {
        let folded = foldedName(name)
        return pools.values.first { $0.isActive && foldedName($0.definition.name) == folded }?.id
    }

    /// The custom folder of this name.
    package func folder(named name: String) -> Folder? {
        let folded = foldedName(name)
        return folders.values.first { foldedName($0.name) == folded }
    }

    /// The group of this name.
    package func group(named name: String) -> Group? {
        let folded = foldedName(name)
        return groups.values.first { foldedName($0.name) == folded }
    }

    /// The pools whose messages an agent sees in a mailbox of the desk: New and Pools/… hide what the agent may not read,
    /// and New hides what only Next gives out, but not from the pool's supervisors (DESIGN §3). Zero stands for mail
    /// without a pool. Own mailboxes show everything in them.
    package func visiblePools(in kind: MailboxKind, for agent: Agent) -> Set<PoolID> {
        switch kind {
        case .new:
            agent.readablePools.union(
                agent.readablePools.filter { agent.supervisedPools.contains($0) || agent.definition.role == .admin }
                    .map(\.inQueue))
        case .spam, .group, .department, .folder: agent.readablePools
        case .sharedTemplates: agent.isActive ? [.none] : []
        case .overdue: agent.readablePools.filter { maySeeAll(of: $0, agent) }
        case .poolStatus(let pool, _): supervises(pool, agent) ? [pool] : []
        case .pool(let pool):
            agent.readablePools.contains(pool) && maySeeAll(of: pool, agent) ? [pool] : []
        case .inbox(let owner) where owner != agent.id:
            // Team/x: what x works on, in pools where members see the cases of colleagues.
            agent.readablePools.filter { maySeeAll(of: $0, agent) }
        default: kind.owner == agent.id ? agent.readablePools.union([.none]) : []
        }
    }

    /// What mail of a pool counts for in a mailbox.
    package func entryPool(_ pool: PoolID, in mailbox: MailboxID) -> PoolID {
        kinds[mailbox] == .new && pools[pool]?.definition.takeNextOnly == true ? pool.inQueue : pool
    }

    /// Whether the agent oversees a pool: as one of its supervisors, or as an admin.
    package func supervises(_ pool: PoolID, _ agent: Agent) -> Bool {
        agent.supervisedPools.contains(pool) || agent.definition.role == .admin
    }

    /// Whether the agent sees the cases of colleagues in a pool, too (`membersSee`).
    package func maySeeAll(of pool: PoolID, _ agent: Agent) -> Bool {
        supervises(pool, agent)
            || (agent.memberships[pool] != nil && pools[pool]?.definition.membersSee == .all)
    }
}

extension EmailAddress {
    /// `help+vip@acme.example` for `help+vip+anything@acme.example`; `nil` where there is no `+`.
    package var withoutDetail: EmailAddress? { before(localPart.lastIndex(of: "+")) }

    /// `help@acme.example` for `help+vip+anything@acme.example`; `nil` where there is no `+`.
    package var withoutDetails: EmailAddress? { before(localPart.firstIndex(of: "+")) }

    private func before(_ plus: String.Index?) -> EmailAddress? {
        guard let plus, plus != localPart.startIndex else { return nil }
        return EmailAddress(localPart: String(localPart[..<plus]), domain: domain)
    }
}

extension Roster.Agent {
    /// Whether the agent may put templates among those that the whole desk uses, and take them away: who supervises may.
    package var keepsSharedTemplates: Bool {
        switch definition.role {
        case .supervisor, .admin: true
        case .agent, .trainee: !supervisedPools.isEmpty
        }
    }
}
