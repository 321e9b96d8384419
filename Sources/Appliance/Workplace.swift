import Desk
package import Gateway
import Logging
import MailTypes
import OpenSSL
import Settings
package import Storage
import StorageSQLite

/// An opened installation: database, feed, roster and keys, with the lock held. Servers and commands without a server
/// stand on it.
package final class Workplace: Sendable {
    package let installation: Installation
    package let store: Store
    package let feed: ChangeFeed
    package let roster: RosterHolder
    package let keys: KeyRing
    package let clock: SystemClock
    private let ledger: ErasureLedger
    package let outbox = OutboxControl()
    private let lock: DataLock

    /// How long the data are waited for while somebody has them and no server answers: one that starts or stops, or a command.
    private static let patience = Duration.seconds(10)

    /// Opens the data, making what is missing; `nil` where a server has them and answers.
    package static func openUnlessServed(_ installation: Installation) async throws -> Workplace? {
        try installation.data.create()
        let client = ControlClient(path: installation.data.controlSocket)
        let deadline = ContinuousClock.now + patience
        while !client.isAnswered {
            if let lock = try installation.data.lock() { return try await Workplace(installation, lock: lock) }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(.temporaryFailure, "another process works on \(installation.data.path); try again")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return nil
    }

    private init(_ installation: Installation, lock: DataLock) async throws {
        (self.installation, self.lock) = (installation, lock)
        clock = SystemClock()
        keys = try installation.data.keyRing(Libcrypto())
        feed = ChangeFeed()
        ledger = ErasureLedger(path: installation.data.ledger)
        let database: SQLiteDatabase
        do {
            database = try SQLiteDatabase(path: installation.data.database, migrator: Migrator(Schema.migrations))
        } catch {
            throw CommandFailure(
                error.isTransient ? .temporaryFailure : .configuration, "\(installation.data.database): \(error)")
        }
        store = Store(database, feed: feed)
        roster = RosterHolder(try await Self.readRoster(store, installation))
        try await noticeRestore()
        while try await operations.write({ try $0.foldCustomerNames(limit: 2000) }) {}
        try await operations.eraseAgain()
    }

    package var operations: DeskOperations {
        DeskOperations(
            store: store, roster: roster, clock: clock, ledger: ledger,
            opening: CaseOpening(host: installation.settings.hostname, cryptography: Libcrypto()), notices: notices,
            outbox: outbox)
    }

    /// Files what the people of a case are told of their mail.
    package var notices: FailureNoticeFiling {
        FailureNoticeFiling(roster: roster, cryptography: Libcrypto(), hostname: installation.settings.hostname)
    }

    /// Finishes queued transactions, closes the database and lets go of the lock.
    package func close() {
        store.database.close()
        lock.release()
    }

    /// The roster that the database has; on a new database that of an empty desk.
    private static func readRoster(_ store: Store, _ installation: Installation) async throws -> Roster {
        let text: String?
        do {
            text = try await store.read { (transaction: Transaction) in try transaction.storedDefinition() }
        } catch {
            throw CommandFailure(.ioError, "\(installation.data.database): \(error)")
        }
        var definition = DeskDefinition(domain: installation.settings.hostname, postmaster: "")
        if let text {
            let (stored, problems) = DeskFile.parse(text, fileName: "stored desk", isStored: true)
            guard let stored else { throw Installation.failure(problems) }
            definition = stored
        }
        let known = definition
        do {
            let now = SystemClock().now
            let isApplied = text != nil
            return try await store.write { (transaction: Transaction) in
                var roster = try DeskAdministration.roster(known, .system, in: transaction)
                // A desk of an earlier version had fewer mailboxes, and did not tell these entries apart.
                if isApplied, try DeskAdministration.addMailboxes(of: roster, in: transaction, now: now) {
                    roster = try DeskAdministration.roster(known, .system, in: transaction)
                }
                _ = try QueueEntries.renew(roster, in: transaction, now: now)
                return roster
            }
        } catch {
            throw CommandFailure(.ioError, "\(installation.data.database): \(error)")
        }
    }

    /// A database that is older than the mark beside it was put back from a copy: clients must forget its UIDs, and
    /// numbers given out meanwhile must not come again (DESIGN §7).
    private func noticeRestore() async throws {
        let mark = installation.data.generation()
        let clock = clock
        let next: Int64
        do {
            next = try await store.write { (transaction: Transaction) in
                let stored = try transaction.generation()
                if stored < mark {
                    let validity = try transaction.takeUIDValidity(at: clock.now)
                    try transaction.renewAfterRestore(uidValidity: validity, skippingNumbers: 1000)
                }
                let next = max(stored, mark) + 1
                try transaction.setGeneration(next)
                return next
            }
        } catch {
            throw CommandFailure(error.reason == .full ? .ioError : .temporaryFailure, "\(installation.data.database): \(error)")
        }
        try installation.data.setGeneration(next)
    }
}
