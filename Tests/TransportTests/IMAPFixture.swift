import Desk
import Gateway
import Logging
import MailTypes
import Mailboxes
import NIOCore
import NIOPosix
import OpenSSL
import Transport

/// An IMAP server on loopback with one account, `ewa@desk.example`, and a database that is never there.
struct IMAPFixture {
    let server: IMAPServer
    let address: SocketAddress
    let ledger: ConnectionLedger
    let feed = ChangeFeed()
    let roster = RosterHolder(Self.roster(isActive: true))

    /// Starts a server, has it played with, and shuts it down.
    static func run(
        hasTLS: Bool = false, isTLSFirst: Bool = false, plaintextLogin: PlaintextLogin = .loopback,
        limits: ConnectionLedger.Limits = .init(), accountLimit: Int = 10,
        timeouts: IMAPServer.Timeouts = .init(), _ play: (IMAPFixture) async throws -> Void
    ) async throws {
        let fixture = try await IMAPFixture(
            hasTLS: hasTLS, isTLSFirst: isTLSFirst, plaintextLogin: plaintextLogin, limits: limits,
            accountLimit: accountLimit, timeouts: timeouts)
        do {
            try await play(fixture)
            await fixture.server.shutDown(grace: .seconds(5))
        } catch {
            await fixture.server.shutDown(grace: .zero)
            throw error
        }
    }

    private init(
        hasTLS: Bool, isTLSFirst: Bool, plaintextLogin: PlaintextLogin, limits: ConnectionLedger.Limits,
        accountLimit: Int, timeouts: IMAPServer.Timeouts
    ) async throws {
        ledger = ConnectionLedger(limits: limits)
        let services = SessionServices(
            store: AbsentStore(), feed: feed, roster: roster, authenticator: FakeAuthenticator(), clock: StoppedClock(),
            accounts: AccountConnections(limit: accountLimit))
        server = IMAPServer(
            configuration: .init(
                session: SessionConfiguration(hostName: "imap.desk.example"), isTLSFirst: isTLSFirst,
                plaintextLogin: plaintextLogin, timeouts: timeouts),
            services: services, tls: hasTLS || isTLSFirst ? ServerFixture.serverTLS : nil, group: ServerFixture.group,
            ledger: ledger, deadlineResolution: .milliseconds(5),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        address = try await server.start([.tcp(host: "127.0.0.1", port: 0)])[0]
    }

    /// A desk with one agent.
    static func roster(isActive: Bool) -> Roster {
        let ewa = Roster.Agent(
            id: AgentID(rawValue: 7), definition: AgentDefinition(login: "ewa@desk.example", name: "Ewa"),
            isActive: isActive, joinedAfter: MessageKey(rawValue: 0), viewValidity: 1, memberships: [:],
            readablePools: [], supervisedPools: [], groups: [], language: .english)
        return Roster(
            definition: DeskDefinition(domain: DomainName("desk.example")!, postmaster: ""), agents: [ewa], pools: [],
            groups: [], mailboxes: [:])
    }

    /// A dialogue that has read the greeting.
    func greeted(tls: TLSContext? = nil) async throws -> Dialogue {
        let dialogue = try await Dialogue.connect(to: address, tls: tls)
        guard await dialogue.line()?.hasPrefix("* OK ") == true else { throw ChannelError.eof }
        return dialogue
    }

    /// A dialogue that has logged in.
    func loggedIn(tls: TLSContext? = nil) async throws -> Dialogue {
        let dialogue = try await greeted(tls: tls)
        guard try await dialogue.ask("l LOGIN ewa@desk.example secret").last?.hasPrefix("l OK ") == true else {
            throw ChannelError.eof
        }
        return dialogue
    }
}

extension Dialogue {
    /// Sends a command and reads up to its tagged response, or to the end of the connection.
    func ask(_ command: String) async throws -> [String] {
        try await send(command + "\r\n")
        return await answer(to: String(command.prefix { $0 != " " }))
    }

    /// The lines up to the tagged response.
    func answer(to tag: String) async -> [String] {
        var lines: [String] = []
        while let line = await line() {
            lines.append(line)
            if line.hasPrefix(tag + " ") { break }
        }
        return lines
    }
}

private struct AbsentStore: MailboxStore {
    func write<R: Sendable>(
        octets: Int, _ body: @escaping @Sendable (any MailboxTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) { completion(.failure(StoreFailure(.unavailable))) }

    func read<R: Sendable>(
        _ body: @escaping @Sendable (any MailboxTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) { completion(.failure(StoreFailure(.unavailable))) }
}

private struct StoppedClock: WallClock {
    var now: Timestamp { Timestamp(microseconds: 0) }
}
