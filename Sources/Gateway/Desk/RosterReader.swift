import Desk
import MailTypes

/// Puts definition and rows together.
struct RosterReader {
    let definition: DeskDefinition
    let libraries: DeskLibraries
    let transaction: any DeskTransaction

    func read() throws -> Roster {
        let mailboxes = try transaction.systemMailboxes()
        let rows = try transaction.agents()
        let byLogin = Dictionary(rows.map { (foldedName($0.login), $0.id) }, uniquingKeysWith: { first, _ in first })
        let pools = try readPools()
        let groups = try readGroups(byLogin)
        let definitions = Dictionary(
            definition.agents.map { (foldedName($0.login), $0) }, uniquingKeysWith: { first, _ in first })
        let sights = try transaction.sightValidities()
        let agents = rows.map { row in
            agent(row, definitions[foldedName(row.login)], pools, groups, sights[row.id] ?? [:])
        }
        return Roster(
            definition: definition, agents: agents, pools: pools, groups: groups,
            folders: try readFolders(), departments: try readDepartments(), departmentNames: try readDepartmentNames(),
            mailboxes: mailboxes,
            rules: RuleProgram(definition.rules, patterns: libraries.patterns), clock: libraries.clock(definition),
            clocks: clocks(agents), absences: Absences(try transaction.absences(endingAfter: Timestamp(seconds: 0))))
    }

    private func clocks(_ agents: [Roster.Agent]) -> [AgentID: any DeskClock] {
        var zones: [String: any DeskClock] = [:]
        var clocks: [AgentID: any DeskClock] = [:]
        for agent in agents {
            guard let zone = agent.definition.timeZone, zone != definition.timeZone else { continue }
            var moved = definition
            moved.timeZone = zone
            let clock = zones[zone] ?? libraries.clock(moved)
            (zones[zone], clocks[agent.id]) = (clock, clock)
        }
        return clocks
    }

    private func readPools() throws -> [Roster.Pool] {
        let definitions = Dictionary(
            definition.pools.map { (foldedName($0.name), $0) }, uniquingKeysWith: { first, _ in first })
        return try transaction.parts(.pool).map { row in
            Roster.Pool(
                id: PoolID(rawValue: row.id),
                definition: definitions[foldedName(row.name)] ?? PoolDefinition(name: row.name, addresses: []),
                isActive: row.isActive)
        }
    }

    private func readDepartments() throws -> [Roster.Department] {
        let definitions = Dictionary(
            definition.departments.map { (foldedName($0.name), $0) }, uniquingKeysWith: { first, _ in first })
        return try transaction.parts(.department).filter(\.isActive).compactMap { row in
            definitions[foldedName(row.name)].map {
                Roster.Department(id: DepartmentID(rawValue: row.id), definition: $0)
            }
        }
    }

    private func readDepartmentNames() throws -> [DepartmentID: String] {
        let names = try transaction.parts(.department).map { (DepartmentID(rawValue: $0.id), $0.name) }
        return Dictionary(names, uniquingKeysWith: { first, _ in first })
    }

    private func readFolders() throws -> [Roster.Folder] {
        try transaction.parts(.folder).filter(\.isActive).map { row in
            Roster.Folder(id: FolderID(rawValue: row.id), name: row.name)
        }
    }

    private func readGroups(_ byLogin: [String: AgentID]) throws -> [Roster.Group] {
        let definitions = Dictionary(
            definition.groups.map { (foldedName($0.name), $0) }, uniquingKeysWith: { first, _ in first })
        return try transaction.parts(.group).filter(\.isActive).map { row in
            let logins = definitions[foldedName(row.name)]?.members ?? []
            return Roster.Group(
                id: GroupID(rawValue: row.id), name: row.name,
                members: Set(logins.compactMap { byLogin[foldedName($0)] }))
        }
    }

    private func agent(
        _ row: AgentRow, _ known: AgentDefinition?, _ pools: [Roster.Pool], _ groups: [Roster.Group],
        _ sightValidity: [PoolID: UInt32]
    ) -> Roster.Agent {
        let login = foldedName(row.login)
        let person = known ?? AgentDefinition(login: row.login, name: row.login, role: .agent, active: false)
        var memberships: [PoolID: Int] = [:]
        var supervised: Set<PoolID> = []
        if row.isActive {
            for pool in pools where pool.isActive {
                for member in pool.definition.members where foldedName(member.login) == login {
                    memberships[pool.id] = member.priority
                }
                if pool.definition.supervisors.contains(where: { foldedName($0) == login }) {
                    supervised.insert(pool.id)
                }
            }
        }
        let isAdmin = row.isActive && person.role == .admin
        let all = Set(pools.map(\.id))
        return Roster.Agent(
            id: row.id, definition: person, isActive: row.isActive, joinedAfter: row.joinedAfter,
            viewValidity: row.viewValidity, memberships: memberships,
            readablePools: isAdmin ? all : supervised.union(memberships.keys), supervisedPools: supervised,
            groups: Set(groups.filter { $0.members.contains(row.id) }.map(\.id)),
            language: person.language ?? definition.language, cardLanguage: Language(rawValue: row.cards),
            cardValidity: row.cardValidity, sightValidity: sightValidity)
    }
}
