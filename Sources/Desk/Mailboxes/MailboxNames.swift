import MailTypes

/// The names of mailboxes as one agent writes and sees them. A mailbox has one identity and a name in each language;
/// every name is understood at any time, the account's own language is shown.
///
///     names.place(of: ["Zespół", "Anna Nowak"])  // .system(.inbox(7)), for an English account, too
///     names.path(of: .system(.inbox(7)))         // ["Team", "Anna Nowak"]
package struct MailboxNames: Sendable {
    private let roster: Roster
    private let agent: Roster.Agent

    package init(roster: Roster, agent: Roster.Agent) { (self.roster, self.agent) = (roster, agent) }

    /// What the parts of a name stand for; `nil` if there is no such place.
    package func place(of parts: [some StringProtocol]) -> MailboxPlace? {
        guard let first = parts.first, let word = MailboxWord(first) else { return nil }
        guard parts.count > 1 else { return word == .shared ? nil : top(word) }
        switch word {
        case .pools where parts.count == 3: return statusView(pool: parts[1], parts[2])
        case .personal: return OwnPath(.personal, parts.dropFirst()).map(MailboxPlace.own)
        case .trash: return OwnPath(.trash, parts.dropFirst()).map(MailboxPlace.own)
        case .team, .groups, .departments, .folders, .pools: return parts.count == 2 ? place(named: parts[1], below: word) : nil
        case .toSend: return parts.count == 2 && MailboxWord(parts[1]) == .confirmed ? top(.confirmed) : nil
        case .templates: return parts.count == 2 && MailboxWord(parts[1]) == .shared ? top(.shared) : nil
        case .closed, .archives: return parts.count == 2 ? archive(parts[1]) : nil
        default: return nil
        }
    }

    /// `Pools/Help/Waiting`, for who oversees the pool.
    private func statusView(pool: some StringProtocol, _ part: some StringProtocol) -> MailboxPlace? {
        guard case .system(.pool(let pool)) = place(named: pool, below: .pools), roster.supervises(pool, agent) else {
            return nil
        }
        let name = foldedName(part)
        let status = TicketStatus.allCases.first { status in
            Language.allCases.contains { foldedName(status.name(in: $0)) == name }
        }
        return status.map { .system(.poolStatus(pool, $0)) }
    }

    /// The name of a custom folder that a path would give it, whether there is one or not; `nil` for any other path.
    package func folderName(of parts: [some StringProtocol]) -> String? {
        guard parts.count == 2, let first = parts.first, MailboxWord(first) == .folders, let name = parts.last,
            !name.isEmpty
        else { return nil }
        return String(name)
    }

    /// Other names that a mailbox answers to: clients look for their archive by its usual name.
    package func aliases(of place: MailboxPlace) -> [[String]] {
        let names = [MailboxWord.archives.name(in: .english), MailboxWord.archives.name(in: .polish)]
        return switch place {
        case .system(.closed(agent.id)): names.map { [$0] }
        case .system(.archive(agent.id, let year)): names.map { [$0, String(year)] }
        default: []
        }
    }

    /// `Archives/2026` and `Closed/2026` are one mailbox: where an Archive button of a client puts what is over.
    private func archive(_ part: some StringProtocol) -> MailboxPlace? {
        guard part.utf8.count == 4, let year = Int(part), (1970...9999).contains(year) else { return nil }
        return .system(.archive(agent.id, year: year))
    }

    /// What a name below a namespace of others stands for. Thunderbird puts the prefix of a namespace before the level's
    /// own name and asks for `Team/Team`: it gets Team, unless somebody is called so.
    private func place(named part: some StringProtocol, below word: MailboxWord) -> MailboxPlace? {
        let name = foldedName(part)
        let found: MailboxKind? =
            switch word {
            case .team: roster.team.agent(named: part).map { .inbox($0) }
            case .groups: roster.groups.values.first { foldedName($0.name) == name }.map { .group($0.id) }
            case .departments: roster.department(named: part).map { .department($0.id) }
            case .folders: roster.folders.values.first { foldedName($0.name) == name }.map { .folder($0.id) }
            default:
                roster.pools.values.first { $0.isActive && foldedName($0.definition.name) == name }.map { .pool($0.id) }
            }
        return found.map(MailboxPlace.system) ?? (MailboxWord(part) == word ? top(word) : nil)
    }

    /// The parts of the shown name; `nil` for what this agent is not shown.
    package func path(of place: MailboxPlace, in language: Language? = nil) -> [String]? {
        let language = language ?? agent.language
        func name(_ word: MailboxWord) -> String { word.name(in: language) }
        switch place {
        case .container(let container): return [name(container.word)]
        case .own(let path): return [name(path.root == .personal ? .personal : .trash)] + path.parts
        case .system(let kind):
            switch kind {
            case .inbox(let owner) where owner != agent.id:
                return roster.team.name(of: owner).map { [name(.team), $0] }
            case .inbox: return [name(.inbox)]
            case .next: return [name(.next)]
            case .waiting: return [name(.waiting)]
            case .done: return [name(.done)]
            case .closed: return [name(.closed)]
            case .drafts: return [name(.drafts)]
            case .sent: return [name(.sent)]
            case .templates: return [name(.templates)]
            case .sharedTemplates: return [name(.templates), name(.shared)]
            case .trash: return [name(.trash)]
            case .new: return [name(.new)]
            case .spam: return [name(.spam)]
            case .group(let group): return roster.groups[group].map { [name(.groups), Self.cleaned($0.name)] }
            case .pool(let pool): return roster.pools[pool].map { [name(.pools), Self.cleaned($0.definition.name)] }
            case .poolStatus(let pool, let status):
                guard roster.supervises(pool, agent), let definition = roster.pools[pool]?.definition else { return nil }
                return [name(.pools), Self.cleaned(definition.name), status.name(in: language)]
            case .toSend: return [name(.toSend)]
            case .confirmed: return [name(.toSend), name(.confirmed)]
            case .approval: return [name(.approval)]
            case .consultation: return [name(.consultation)]
            case .department(let department):
                return roster.departments[department].map { [name(.departments), Self.cleaned($0.definition.name)] }
            case .overdue: return [name(.overdue)]
            case .followed: return [name(.followed)]
            case .folder(let folder): return roster.folders[folder].map { [name(.folders), $0.name] }
            case .archive(_, let year): return [name(.closed), String(year)]
            case .personal: return nil
            }
        }
    }

    /// Every mailbox of the system in the order of LIST, without those of the account's own making.
    package var shown: [MailboxPlace] {
        let own = Self.ownOrder.compactMap { top($0) }
        let team = roster.agents.values
            .filter { $0.isActive && $0.id != agent.id }
            .sorted { ($0.definition.name, $0.id) < ($1.definition.name, $1.id) }
            .map { MailboxPlace.system(.inbox($0.id)) }
        let groups = roster.groups.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
            .map { MailboxPlace.system(.group($0.id)) }
        let departments = roster.departments.values
            .sorted { ($0.definition.name, $0.id) < ($1.definition.name, $1.id) }
            .map { MailboxPlace.system(.department($0.id)) }
        let folders = roster.folders.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
            .map { MailboxPlace.system(.folder($0.id)) }
        let archives = roster.mailboxes.keys.compactMap { kind -> MailboxKind? in
            guard case .archive(agent.id, _) = kind else { return nil }
            return kind
        }.sorted { ($0.reference ?? 0) < ($1.reference ?? 0) }.map { MailboxPlace.system($0) }
        let pools = roster.pools.values.filter(\.isActive)
            .sorted { ($0.definition.name, $0.id) < ($1.definition.name, $1.id) }
            .flatMap { pool in
                let statuses = roster.supervises(pool.id, agent) ? TicketStatus.allCases : []
                return [MailboxPlace.system(.pool(pool.id))] + statuses.map { .system(.poolStatus(pool.id, $0)) }
            }
        return own + archives + [.container(.personal), .container(.team)] + team + [.container(.groups)] + groups
            + [.container(.departments)] + departments + [.container(.folders)] + folders + [.container(.pools)] + pools
    }

    /// Whether a mailbox is subscribed unless the agent says otherwise: those of the system are, of the pools only those
    /// that the agent supervises.
    package func isSubscribedByDefault(_ place: MailboxPlace) -> Bool {
        switch place {
        case .container: true
        case .own: false
        case .system(.pool(let pool)): agent.supervisedPools.contains(pool)
        case .system(.poolStatus): false
        case .system: true
        }
    }

    /// A kind of this agent's own mailbox by its word.
    private func top(_ word: MailboxWord) -> MailboxPlace? {
        switch word {
        case .inbox: .system(.inbox(agent.id))
        case .next: .system(.next(agent.id))
        case .new: .system(.new)
        case .waiting: .system(.waiting(agent.id))
        case .done: .system(.done(agent.id))
        case .closed: .system(.closed(agent.id))
        case .spam: .system(.spam)
        case .drafts: .system(.drafts(agent.id))
        case .sent: .system(.sent(agent.id))
        case .templates: .system(.templates(agent.id))
        case .shared: .system(.sharedTemplates)
        case .trash: .system(.trash(agent.id))
        case .personal: .container(.personal)
        case .team: .container(.team)
        case .groups: .container(.groups)
        case .pools: .container(.pools)
        case .folders: .container(.folders)
        case .toSend: .system(.toSend(agent.id))
        case .confirmed: .system(.confirmed(agent.id))
        case .approval: .system(.approval(agent.id))
        case .consultation: .system(.consultation(agent.id))
        case .departments: .container(.departments)
        case .overdue: .system(.overdue)
        case .followed: .system(.followed(agent.id))
        case .archives: .system(.closed(agent.id))
        }
    }

    private static let ownOrder: [MailboxWord] = [
        .inbox, .next, .new, .consultation, .approval, .toSend, .confirmed, .waiting, .done, .closed, .overdue, .followed, .spam, .drafts, .sent,
        .templates, .shared, .trash,
    ]

    /// Without what means something in a mailbox name or in a pattern of LIST.
    static func cleaned(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || "/*%".utf8.contains($0) }) else { return name }
        return String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { $0.value < 0x20 || "/*%\u{7F}".unicodeScalars.contains($0) ? "-" : $0 }))
    }
}

/// The names under `Team/`, made once for a roster: an agent's name, with the login where two have the same.
package struct TeamNames: Sendable {
    private let names: [AgentID: String]
    private let agents: [String: AgentID]

    package init(_ all: some Collection<Roster.Agent>) {
        let active = all.filter(\.isActive).sorted { $0.id < $1.id }
        let counts = Dictionary(
            active.map { (foldedName(MailboxNames.cleaned($0.definition.name)), 1) }, uniquingKeysWith: +)
        var names: [AgentID: String] = [:]
        var agents: [String: AgentID] = [:]
        var localParts: [(String, AgentID)] = []
        for agent in active {
            let (name, login) = (MailboxNames.cleaned(agent.definition.name), agent.definition.login)
            let isUnique = !name.isEmpty && counts[foldedName(name)] == 1
            let shown = isUnique ? name : MailboxNames.cleaned("\(name) (\(login))")
            names[agent.id] = shown
            agents[foldedName(shown)] = agent.id
            localParts.append((foldedName(login.prefix(upTo: login.firstIndex(of: "@") ?? login.endIndex)), agent.id))
        }
        // What is shown comes before a login, a login before a local part that is unique.
        for agent in active where agents[foldedName(agent.definition.login)] == nil {
            agents[foldedName(agent.definition.login)] = agent.id
        }
        let occurrences = Dictionary(localParts.map { ($0.0, 1) }, uniquingKeysWith: +)
        for (localPart, id) in localParts where agents[localPart] == nil && occurrences[localPart] == 1 {
            agents[localPart] = id
        }
        (self.names, self.agents) = (names, agents)
    }

    /// `nil` for an agent who is not active.
    package func name(of agent: AgentID) -> String? { names[agent] }
    /// An active agent by shown name, login, or the local part of a login where only one has it.
    package func agent(named name: some StringProtocol) -> AgentID? { agents[foldedName(name)] }
}

extension MailboxContainer {
    /// The name of the level.
    package var word: MailboxWord {
        switch self {
        case .personal: .personal
        case .team: .team
        case .groups: .groups
        case .pools: .pools
        case .folders: .folders
        case .departments: .departments
        }
    }
}
