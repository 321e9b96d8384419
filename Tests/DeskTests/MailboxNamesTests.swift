import Desk
import MailTypes
import Testing

struct MailboxNamesTests {
    private static let definitions = [
        AgentDefinition(login: "anna@acme.example", name: "Anna Nowak"),
        AgentDefinition(login: "bartek@acme.example", name: "Bartek Żak", language: .polish),
        AgentDefinition(login: "jan1@acme.example", name: "Jan Kowalski"),
        AgentDefinition(login: "jan2@acme.example", name: "jan kowalski"),
        AgentDefinition(login: "gone@acme.example", name: "Gone", active: false),
        AgentDefinition(login: "slash@acme.example", name: "A/B %*"),
    ]

    private static let roster: Roster = {
        let agents = definitions.enumerated().map { index, definition in
            Roster.Agent(
                id: AgentID(rawValue: Int64(index + 1)), definition: definition, isActive: definition.active,
                joinedAfter: MessageKey(rawValue: 0), viewValidity: 1, memberships: [PoolID(rawValue: 1): 1],
                readablePools: [PoolID(rawValue: 1)], supervisedPools: [], groups: [],
                language: definition.language ?? .english)
        }
        let pool = Roster.Pool(
            id: PoolID(rawValue: 1), definition: PoolDefinition(name: "Zwroty", addresses: []), isActive: true)
        let group = Roster.Group(id: GroupID(rawValue: 1), name: "Second line", members: [])
        return Roster(
            definition: DeskDefinition(domain: DomainName("acme.example")!, postmaster: "Zwroty"), agents: agents,
            pools: [pool], groups: [group], mailboxes: [:])
    }()

    private static func names(_ number: Int64) -> MailboxNames {
        MailboxNames(roster: roster, agent: roster.agents[AgentID(rawValue: number)]!)
    }

    private static func agent(_ number: Int64) -> AgentID { AgentID(rawValue: number) }

    private static let rows: [(String, MailboxPlace?)] = [
        ("INBOX", .system(.inbox(agent(1)))), ("inbox", .system(.inbox(agent(1)))), ("Next", .system(.next(agent(1)))),
        ("Następne", .system(.next(agent(1)))), ("NASTĘPNE", .system(.next(agent(1)))), ("New", .system(.new)),
        ("Nowe", .system(.new)), ("Waiting", .system(.waiting(agent(1)))),
        ("Oczekuje na informacje", .system(.waiting(agent(1)))), ("Done", .system(.done(agent(1)))),
        ("Wykonane", .system(.done(agent(1)))), ("Closed", .system(.closed(agent(1)))),
        ("Zamknięte", .system(.closed(agent(1)))), ("Spam", .system(.spam)), ("Drafts", .system(.drafts(agent(1)))),
        ("Szkice", .system(.drafts(agent(1)))), ("Sent", .system(.sent(agent(1)))),
        ("Wysłane", .system(.sent(agent(1)))), ("Templates", .system(.templates(agent(1)))),
        ("Szablony", .system(.templates(agent(1)))),
        ("Templates/Shared", .system(.sharedTemplates)), ("Szablony/wspólne", .system(.sharedTemplates)),
        ("Templates/wspólne", .system(.sharedTemplates)), ("Shared", nil), ("Templates/Shared/x", nil), ("Templates/x", nil),
        ("Trash", .system(.trash(agent(1)))),
        ("Kosz", .system(.trash(agent(1)))), ("Private", .container(.personal)), ("Prywatne", .container(.personal)),
        ("Team", .container(.team)), ("Zespół", .container(.team)), ("Groups", .container(.groups)),
        ("Grupy", .container(.groups)), ("Pools", .container(.pools)), ("Pule", .container(.pools)),
        ("Team/Bartek Żak", .system(.inbox(agent(2)))), ("Zespół/bartek żak", .system(.inbox(agent(2)))),
        ("Team/bartek@acme.example", .system(.inbox(agent(2)))), ("Team/bartek", .system(.inbox(agent(2)))),
        ("Team/Jan Kowalski (jan1@acme.example)", .system(.inbox(agent(3)))), ("Team/jan2", .system(.inbox(agent(4)))),
        ("Team/Jan Kowalski", nil), ("Team/Gone", nil), ("Team/A-B --", .system(.inbox(agent(6)))),
        ("Team/Bartek Żak/x", nil), ("Pools/zwroty", .system(.pool(PoolID(rawValue: 1)))),
        ("Pule/Zwroty", .system(.pool(PoolID(rawValue: 1)))),
        ("Grupy/Second line", .system(.group(GroupID(rawValue: 1)))),
        ("Private/Kraków/2026", OwnPath(.personal, ["Kraków", "2026"]).map { .own($0) }),
        ("Prywatne/Kraków", OwnPath(.personal, ["Kraków"]).map { .own($0) }),
        ("Kosz/x", OwnPath(.trash, ["x"]).map { .own($0) }), ("Private/", nil), ("Private/a//b", nil),
        ("Team/Team", .container(.team)), ("Zespół/team", .container(.team)), ("Groups/Grupy", .container(.groups)),
        ("Pools/Pools", .container(.pools)), ("Team/Groups", nil), ("Team/Team/Team", nil),
        ("Private/a*", nil), ("Nowhere", nil), ("INBOX/x", nil), ("", nil),
    ]

    @Test(arguments: rows) func `a name in either language means its mailbox`(name: String, place: MailboxPlace?) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        #expect(Self.names(1).place(of: parts) == place)
    }

    @Test(arguments: [Int64(1), 2])
    func `every shown name leads back to its mailbox, in both languages`(number: Int64) {
        let names = Self.names(number)
        for place in names.shown {
            for language in Language.allCases {
                let path = names.path(of: place, in: language) ?? []
                #expect(names.place(of: path) == place, "\(path)")
            }
        }
    }

    @Test func `the account's language is shown`() {
        #expect(Self.names(1).path(of: .system(.new)) == ["New"])
        #expect(Self.names(2).path(of: .system(.new)) == ["Nowe"])
        #expect(Self.names(2).path(of: .system(.inbox(Self.agent(1)))) == ["Zespół", "Anna Nowak"])
    }

    @Test func `paths are kept in English and fold`() {
        let path = OwnPath(.personal, ["Kraków", "Nowy"])
        #expect(path?.stored == "Private/Kraków/Nowy")
        #expect(path.flatMap { OwnPath(stored: $0.stored) } == path)
        #expect(path?.folded == OwnPath(.personal, ["KRAKÓW", "nowy"])?.folded)
        #expect(path?.superiors.map(\.stored) == ["Private/Kraków"])
        #expect(OwnPath(.personal, Array(repeating: "a", count: 17)) == nil)
        #expect(OwnPath(.personal, Array(repeating: "a", count: 16)) != nil)
    }
}
