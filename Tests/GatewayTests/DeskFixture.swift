import Desk
import Gateway
import Logging
import MailTypes
import OpenSSL
import Storage
import StorageSQLite
import Synchronization
import TestKit
import Testing

/// A desk over a database of its own, with a clock that stands still and secrets that are always the same.
///
/// Pools: Help (help@, support@; Anna, Bob, Tom the trainee, Sue supervises), Returns (returns@, prefix REK; Bob; cases may
/// be taken over), Queue (queue@; Anna, Bob; taken from Next only). Ada is the admin. Bob alone is in the group Tier 2.
final class DeskFixture: Sendable {
    let directory = TemporaryDirectory()
    let database: SQLiteDatabase
    let feed = ChangeFeed()
    let store: Store
    let roster: RosterHolder
    let keys: KeyRing
    let cryptography = FixedCryptography()
    let clock = ManualClock()
    let intake: Intake
    let submission: Submission

    static let host = domainName("mx.acme.example")

    /// Runs a test on a fresh desk and checks at the end that the database is sound.
    static func run(
        _ definition: DeskDefinition = .example, policy: SenderPolicy? = nil, _ body: (DeskFixture) async throws -> Void
    ) async throws {
        let desk = try await DeskFixture(definition, policy: policy, RulesAtOnce())
        try await body(desk)
        try await desk.checkInvariants()
        desk.database.close()
    }

    /// A desk whose invariants the test checks itself.
    static func make(
        _ definition: DeskDefinition, rules: any RuleThread = RulesAtOnce()
    ) async throws -> DeskFixture { try await DeskFixture(definition, rules) }

    private init(
        _ definition: DeskDefinition, policy: SenderPolicy? = nil, _ rules: any RuleThread
    ) async throws {
        database = try SQLiteDatabase(path: directory.file("desk.sqlite"), migrator: Migrator(Schema.migrations))
        store = Store(database, feed: feed)
        keys = try #require(
            KeyRing(keys: [.init(name: "a", secret: Array("secret".utf8))], cryptography: cryptography))
        let now = clock.now
        roster = RosterHolder(
            try await store.write { (transaction: Transaction) in
                try DeskAdministration(definition: definition, text: "", credentials: [:], libraries: .test)
                    .apply(in: transaction, now: now)
            })
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        intake = Intake(
            store: store, roster: roster, keys: keys, cryptography: cryptography, clock: clock, room: AmpleRoom(),
            policy: policy, rules: rules, configuration: .init(hostname: Self.host), logger: logger)
        submission = Submission(intake: intake, logger: logger)
    }

    // MARK: - What happens

    /// A mail from outside; the octets come in pieces of `piece`. Answers the reply code.
    @discardableResult
    func receive(
        _ content: [UInt8], from reversePath: String? = "jan@customer.example", to recipients: [String],
        piece: Int = 5000, wishes: DeliveryWishes = DeliveryWishes()
    ) async throws -> Int {
        var envelope = Envelope(
            reversePath: reversePath.map { emailAddress($0) }, recipients: recipients.map { emailAddress($0) })
        envelope.wishes = wishes
        for recipient in envelope.recipients { try #require(intake.verify(recipient: recipient) == .accepted) }
        let incoming = intake.makeContent(isFromOutside: true) {}
        feedContent(content, to: incoming, piece: piece)
        let reply = await withCheckedContinuation { continuation in
            intake.accept(incoming, envelope: envelope, peer: .test) { continuation.resume(returning: $0) }
        }
        return Int(reply.code.number)
    }

    /// A mail from outside that opens the next case; answers its number.
    @discardableResult
    func open(_ mail: TestMail = TestMail(), to recipients: [String] = ["help@acme.example"]) async throws -> Int64 {
        #expect(try await receive(mail.octets, from: mail.author, to: recipients) == 250)
        return try await number("SELECT max(id) FROM ticket")
    }

    /// A mail that an agent sends.
    @discardableResult
    func send(
        _ mail: TestMail, as login: String, from sender: String? = nil, to recipients: [String]
    ) async throws -> Reply {
        let agent = agent(login)
        let recipients = recipients.map { emailAddress($0) }
        if let sender, case .refused(let reply) = submission.verify(sender: emailAddress(sender), agent: agent) {
            return reply
        }
        for recipient in recipients {
            if case .refused(let reply) = submission.verify(recipient: recipient, agent: agent) { return reply }
        }
        let incoming = submission.makeContent {}
        feedContent(mail.octets, to: incoming, piece: 5000)
        return await withCheckedContinuation { continuation in
            submission.accept(
                incoming, envelope: Envelope(reversePath: sender.map { emailAddress($0) }, recipients: recipients),
                agent: agent, peer: .test
            ) { continuation.resume(returning: $0) }
        }
    }

    func decide(_ decision: CaseWork.Decision, _ ticket: Int64, as login: String) async throws {
        let (roster, now, agent) = (roster.current, clock.now, agent(login))
        do {
            _ = try await store.write { (transaction: Transaction) in
                try CaseWork(transaction, roster: roster, now: now)
                    .apply(decision, to: TicketNumber(rawValue: ticket), by: agent)
            }
        } catch {
            throw error.cause ?? error
        }
    }

    /// Applies another definition, as `desk apply` does.
    func apply(_ definition: DeskDefinition, credentials: [String: String] = [:]) async throws {
        let now = clock.now
        roster.replace(
            try await store.write { (transaction: Transaction) in
                try DeskAdministration(definition: definition, text: "", credentials: credentials, libraries: .test)
                    .apply(in: transaction, now: now)
            })
    }

    func feedContent(_ octets: [UInt8], to content: IncomingContent, piece: Int) {
        octets.withUnsafeBytes { octets in
            var rest = octets[...]
            while !rest.isEmpty {
                content.append(UnsafeRawBufferPointer(rebasing: rest.prefix(piece)))
                rest = rest.dropFirst(piece)
            }
        }
    }

    // MARK: - What is there

    func agent(_ login: String) -> AgentID { roster.current.agent(login: login)?.id ?? AgentID(rawValue: -1) }

    func pool(_ name: String) -> PoolID {
        roster.current.pools.values.first { $0.definition.name == name }?.id ?? PoolID(rawValue: -1)
    }

    func number(_ sql: SQL) async throws -> Int64 {
        try await store.read { (transaction: Transaction) in try transaction.connection.integer(sql) ?? -1 }
    }

    func texts(_ sql: SQL) async throws -> [String] {
        try await store.read { (transaction: Transaction) in
            try transaction.connection.all(sql) { $0.optionalText(0) ?? "NULL" }
        }
    }

    func ticket(_ number: Int64) async throws -> Ticket {
        try #require(
            try await store.read { (transaction: Transaction) in try transaction.ticket(TicketNumber(rawValue: number))
            })
    }

    /// The mailbox a case lies in, as words: `inbox anna`, `new`, `group`.
    func place(_ number: Int64) async throws -> String {
        let ticket = try await ticket(number)
        guard let kind = roster.current.kinds[ticket.mailbox] else { return "?" }
        let owner = kind.owner.flatMap { roster.current.agents[$0]?.definition.login }
        return owner.map { "\(kind.class) \($0)" } ?? "\(kind.class)"
    }

    /// The messages of a case, oldest first.
    func messages(_ ticket: Int64) async throws -> [StoredMessage] {
        try await store.read { (transaction: Transaction) in
            try transaction.connection.all(
                """
                SELECT m.id, m.kind, t.header, t.envelope, m.flags, m.content_id, m.body_offset, m.content_digest
                  FROM message m JOIN message_text t ON t.message_id = m.id WHERE m.ticket_id = \(ticket) ORDER BY m.id
                """
            ) { row in
                StoredMessage(
                    key: row.integer(0), kind: try row.value(1), header: String(decoding: row.blob(2), as: UTF8.self),
                    envelope: row.blob(3), flags: Flags(rawValue: row.integer(4)), content: row.integer(5),
                    bodyOffset: row.int(6))
            }
        }
    }

    /// The octets as they were received.
    func content(_ id: Int64) async throws -> [UInt8] {
        try await store.read { (transaction: Transaction) in
            let whole = try transaction.connection.first("SELECT octets FROM content WHERE id = \(id)") {
                $0.optionalBlob(0)
            }
            if let octets = whole ?? nil { return octets }
            return try transaction.connection.all(
                "SELECT octets FROM content_chunk WHERE id >= \(id * 65536) AND id < \(id * 65536 + 65536) ORDER BY id"
            ) { $0.blob(0) }.flatMap { $0 }
        }
    }

    /// Kinds of the events of a case, in their order.
    func events(_ ticket: Int64) async throws -> [EventKind] {
        try await store.read { (transaction: Transaction) in
            try transaction.connection.all("SELECT kind FROM event WHERE ticket_id = \(ticket) ORDER BY id") {
                try $0.value(0)
            }
        }
    }

    /// The mails in the outbox.
    func outbox() async throws -> [Leaving] {
        try await store.read { (transaction: Transaction) in
            try transaction.connection.all(
                "SELECT id, header, reverse_path, client_message_id FROM submission ORDER BY id"
            ) { row in
                let id = row.integer(0)
                return Leaving(
                    header: String(decoding: row.blob(1), as: UTF8.self), reversePath: row.optionalText(2),
                    clientMessageID: row.optionalText(3),
                    recipients: try transaction.connection.all(
                        "SELECT recipient FROM delivery WHERE submission_id = \(id) ORDER BY id"
                    ) { $0.text(0) })
            }
        }
    }
}

/// A message of a case as the database has it.
struct StoredMessage: Sendable {
    var key: Int64
    var kind: MessageKind
    var header: String
    var envelope: [UInt8]
    var flags: Flags
    var content: Int64
    var bodyOffset: Int
}

/// A mail that leaves.
struct Leaving: Sendable {
    var header: String
    var reversePath: String?
    var clientMessageID: String?
    var recipients: [String]
}

extension DeskDefinition {
    static let example = DeskDefinition(
        domain: domainName("acme.example"), postmaster: "Help", undo: .zero,
        agents: [
            AgentDefinition(login: "anna@acme.example", name: "Anna"),
            AgentDefinition(login: "bob@acme.example", name: "Bob"),
            AgentDefinition(login: "tom@acme.example", name: "Tom", role: .trainee),
            AgentDefinition(login: "sue@acme.example", name: "Sue", role: .supervisor),
            AgentDefinition(login: "ada@acme.example", name: "Ada", role: .admin),
        ],
        groups: [GroupDefinition(name: "Tier 2", members: ["bob@acme.example"])],
        pools: [
            PoolDefinition(
                name: "Help",
                addresses: [
                    .init(address: emailAddress("help@acme.example")),
                    .init(address: emailAddress("support@acme.example")),
                ],
                senderName: "Acme Help",
                members: [
                    .init(login: "anna@acme.example"), .init(login: "bob@acme.example", priority: 2),
                    .init(login: "tom@acme.example"),
                ],
                supervisors: ["sue@acme.example"]),
            PoolDefinition(
                name: "Returns", prefix: "REK", addresses: [.init(address: emailAddress("returns@acme.example"))],
                members: [.init(login: "bob@acme.example")], mayTakeOver: true),
            PoolDefinition(
                name: "Queue", addresses: [.init(address: emailAddress("queue@acme.example"))],
                members: [.init(login: "anna@acme.example"), .init(login: "bob@acme.example")], takeNextOnly: true),
        ])
}

extension Peer {
    static let test = Peer(
        address: "192.0.2.1", helo: "mail.customer.example", isESMTP: true, tls: nil, isAuthenticated: false,
        sessionID: "S1")
}

/// Real codes and digests, random octets in an order that is always the same.
final class FixedCryptography: Cryptography {
    private let state = Mutex<UInt64>(1)

    func authenticationCode(key: [UInt8], message: [UInt8]) -> [UInt8] { HMACSHA256.code(of: message, key: key) }

    func makeDigest() -> any ContentDigest { Digest() }

    func randomOctets(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 40)
            }
        }
    }

    private final class Digest: ContentDigest {
        private var state = SHA256()
        func update(_ octets: UnsafeRawBufferPointer) { state.update(octets) }
        func finalize() -> [UInt8] { state.digest() }
    }
}

struct AmpleRoom: RoomGauge {
    var refusal: Reply? { nil }
}

func emailAddress(_ text: String) -> EmailAddress {
    guard let address = EmailAddress(text) else { preconditionFailure("\(text) is no address") }
    return address
}

func domainName(_ text: String) -> DomainName {
    guard let name = DomainName(text) else { preconditionFailure("\(text) is no domain") }
    return name
}
