import Desk
import Gateway
import Logging
import MailTypes
import Mailboxes
import NIOCore
import OpenSSL
import Storage
import StorageSQLite
import Synchronization
import TestKit

/// A desk with real storage in a directory of its own: three agents, a supervisor and an outsider, two pools, a group.
final class TestDesk: Sendable {
    let directory = TemporaryDirectory()
    let clock = TestClock()
    let feed = ChangeFeed()
    let database: SQLiteDatabase
    let store: Store
    let roster: RosterHolder
    let accounts = AccountConnections(limit: 3)
    let recents = RecentMarks()
    let maps = SharedMaps()
    let unseen = UnseenCounts()
    let next: NextOffers
    private let intake: Intake
    let submission: Submission

    static func definition(_ change: (inout DeskDefinition) -> Void = { _ in }) throws -> DeskDefinition {
        func member(_ login: String, _ priority: Int = 1) -> PoolMember { PoolMember(login: login, priority: priority) }
        let help = PoolDefinition(
            name: "Help", addresses: [PoolAddress(address: EmailAddress("help@acme.example")!)],
            members: [member("anna@acme.example"), member("bartek@acme.example")],
            supervisors: ["celina@acme.example"])
        let returns = PoolDefinition(
            name: "Returns", prefix: "RET", addresses: [PoolAddress(address: EmailAddress("returns@acme.example")!)],
            members: [member("anna@acme.example", 2), member("ewa@acme.example")])
        var definition = DeskDefinition(
            domain: DomainName("acme.example")!, postmaster: "Help",
            agents: [
                AgentDefinition(login: "anna@acme.example", name: "Anna Nowak"),
                AgentDefinition(login: "bartek@acme.example", name: "Bartek Żak", language: .polish),
                AgentDefinition(login: "celina@acme.example", name: "Celina Lis", role: .supervisor, rights: [.delete]),
                AgentDefinition(login: "ewa@acme.example", name: "Ewa Wilk"),
                AgentDefinition(login: "olga@acme.example", name: "Olga Obca"),
            ],
            groups: [GroupDefinition(name: "Second line", members: ["bartek@acme.example"])], pools: [help, returns])
        change(&definition)
        return definition
    }

    init(_ change: (inout DeskDefinition) -> Void = { _ in }) async throws {
        database = try SQLiteDatabase(path: directory.file("desk.db"), migrator: Migrator(Schema.migrations))
        store = Store(database, feed: feed)
        let definition = try Self.definition(change)
        let now = clock.now
        let administration = DeskAdministration(definition: definition, text: "", credentials: [:], libraries: .test)
        let roster = try await store.write { (transaction: Transaction) in
            try administration.apply(in: transaction, now: now)
        }
        self.roster = RosterHolder(roster)
        next = NextOffers(store: store, roster: self.roster, clock: clock)
        let cryptography = WeakCryptography()
        intake = Intake(
            store: store, roster: self.roster,
            keys: KeyRing(keys: [.init(name: "a", secret: [1, 2, 3])], cryptography: cryptography)!,
            cryptography: cryptography, clock: clock, room: EndlessRoom(),
            rules: RulesAtOnce(), configuration: .init(hostname: DomainName("mx.acme.example")!),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        submission = Submission(intake: intake, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    deinit { database.close() }

    /// Applies another definition, as `desk apply` does.
    func apply(_ change: (inout DeskDefinition) -> Void) async throws {
        let administration = DeskAdministration(definition: try Self.definition(change), text: "", credentials: [:], libraries: .test)
        let (now, holder) = (clock.now, roster)
        let roster = try await store.write { (transaction: Transaction) -> Roster in
            let roster = try administration.apply(in: transaction, now: now)
            holder.replace(roster)
            return roster
        }
        holder.replace(roster)
    }

    /// Hands a mail in, as port 25 does. The text's line ends become CRLF.
    func deliver(_ text: String, from: String = "jan@customer.example", to: [String] = ["help@acme.example"]) async {
        let content = intake.makeContent(onDrained: {})
        Array(crlf(text).utf8).withUnsafeBytes { content.append($0) }
        let envelope = Envelope(
            reversePath: EmailAddress(from), recipients: to.map { EmailAddress($0)! })
        let peer = Peer(
            address: "192.0.2.1", helo: "mail.customer.example", isESMTP: true, tls: nil, isAuthenticated: false,
            sessionID: "test")
        let reply = await withCheckedContinuation { continuation in
            intake.accept(content, envelope: envelope, peer: peer) { continuation.resume(returning: $0) }
        }
        precondition(reply.code == 250, "the intake refused a test's mail: \(reply)")
    }

    /// Sends a mail, as an agent's client does; answers the reply code.
    @discardableResult
    func send(_ text: String, as name: String, to: [String]) async -> Int {
        let content = submission.makeContent(onDrained: {})
        Array(crlf(text).utf8).withUnsafeBytes { content.append($0) }
        let peer = Peer(
            address: "192.0.2.1", helo: "laptop", isESMTP: true, tls: nil, isAuthenticated: true, sessionID: "test")
        let reply = await withCheckedContinuation { continuation in
            submission.accept(
                content, envelope: Envelope(reversePath: nil, recipients: to.map { EmailAddress($0)! }),
                agent: agent(name), peer: peer
            ) { continuation.resume(returning: $0) }
        }
        return Int(reply.code.number)
    }

    /// Lets go what To send held until now, as the outbox does.
    func releaseDue() async throws {
        let (now, roster, held) = (clock.now, roster.current, submission.held)
        try await store.write { (transaction: Transaction) in
            for id in try transaction.dueHeldMail(at: now, limit: 100) {
                _ = try held.release(id, isConfirmed: false, CaseWork(transaction, roster: roster, now: now))
            }
        }
    }

    /// Lets time pass, and what is due then happens.
    func pass(_ duration: Duration) async {
        clock.advance(by: duration)
        let consultations = Consultations(held: submission.held)
        let handlers = CaseTimers.handlers.merging([.consultation: { try consultations.lapse($0, $1) }]) { $1 }
        _ = await Scheduler(
            store: store, roster: roster, feed: feed, clock: clock, handlers: handlers,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ).carryOutDue()
    }

    /// A small mail of a customer; each number is another mail and case.
    func deliver(_ number: Int, to: String = "help@acme.example") async {
        await deliver(
            """
            From: Jan Kowalski <jan\(number)@customer.example>
            To: \(to)
            Subject: Question \(number)
            Date: Mon, 2 Mar 2026 10:00:00 +0100
            Message-ID: <q\(number)@customer.example>

            Text \(number)

            """, from: "jan\(number)@customer.example", to: [to])
    }

    var services: SessionServices {
        SessionServices(
            store: store, feed: feed, roster: roster, authenticator: EveryPasswordIsSecret(roster: roster),
            clock: clock,
            accounts: accounts, recents: recents, maps: maps, unseen: unseen, next: next, intake: intake,
            held: submission.held, editing: FolderEditing(store: store, roster: roster, clock: clock))
    }

    func agent(_ name: String) -> AgentID { roster.current.agent(login: "\(name)@acme.example")!.id }
}

/// Lines with CRLF.
func crlf(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
}

/// Edits the folders of a desk that has no text.
private struct FolderEditing: DeskEditing {
    let store: Store
    let roster: RosterHolder
    let clock: TestClock

    func edit(
        _ edit: DeskEdit, by agent: AgentID?, check: @escaping @Sendable (any DeskTransaction, Roster) throws -> Void
    ) async throws(StoreFailure) {
        precondition(edit.section == .folders, "only folders are edited in these tests")
        let (holder, now) = (roster, clock.now)
        try await store.write { (transaction: Transaction) in
            try check(transaction, holder.current)
            var definition = holder.current.definition
            let place = definition.folders.firstIndex { foldedName($0) == foldedName(edit.name) }
            var renamed: (part: DeskPart, from: String, to: String)?
            switch (edit.action, place) {
            case (.add, nil): definition.folders.append(edit.name)
            case (.add, _): throw DeskEditRefusal(.exists, ["there is a folder named \"\(edit.name)\" already"])
            case (.remove, let place?): definition.folders.remove(at: place)
            case (.rename(let new), let place?):
                definition.folders[place] = new
                renamed = (.folder, edit.name, new)
            default: throw DeskEditRefusal(.unknown, ["no folder is named \"\(edit.name)\""])
            }
            let administration = DeskAdministration(
                definition: definition, text: "", credentials: [:], libraries: .test, renamed: renamed)
            let roster = try administration.apply(in: transaction, now: now)
            transaction.afterCommit { holder.replace(roster) }
        }
    }
}

/// Takes `secret` from everybody.
private struct EveryPasswordIsSecret: Authenticator {
    let roster: RosterHolder
    func authenticate(login: String, password: [UInt8], completion: @escaping @Sendable (AgentID?) -> Void) {
        completion(password == Array("secret".utf8) ? roster.current.agent(login: login)?.id : nil)
    }

    private static let verifier = SCRAMVerifier(password: "secret", salt: [1, 2, 3, 4], iterations: 16)

    func scram(isBound: Bool, bindings: ChannelBindings?) -> any SASLExchange {
        let roster = roster
        return ScriptedExchange(isBound: isBound, bindings: bindings) { login in
            roster.current.agent(login: login).map { ($0.id, Self.verifier) }
        }
    }
}

private struct EndlessRoom: RoomGauge {
    var refusal: Reply? { nil }
}

/// Stands in for libcrypto: its codes have the right length and no strength.
struct WeakCryptography: Cryptography {
    func authenticationCode(key: [UInt8], message: [UInt8]) -> [UInt8] {
        let digest = makeDigest()
        (key + message).withUnsafeBytes { digest.update($0) }
        return digest.finalize()
    }
    func makeDigest() -> any ContentDigest { Digest() }
    func randomOctets(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255) } }

    private final class Digest: ContentDigest {
        private var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func update(_ octets: UnsafeRawBufferPointer) {
            for octet in octets { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3 }
        }
        func finalize() -> [UInt8] {
            (0..<32).map { UInt8(truncatingIfNeeded: hash >> UInt64($0 % 8 * 8)) }
        }
    }
}

extension MailboxTransaction {
    /// Leaves a gap before the next UID of every mailbox.
    func skipUIDs(_ count: Int) throws {
        try (self as? Transaction)?.connection.run("UPDATE mailbox SET uid_next = uid_next + \(count)")
    }

    /// Damages the database: an entry goes without a trace.
    func loseEntry(_ uid: Int) throws { try (self as? Transaction)?.connection.run("DELETE FROM entry WHERE uid = \(uid)") }
}
