import Desk
import Gateway
import MailTypes
import Storage

/// Erasing people (DESIGN §10).
extension DeskOperations {
    /// `stempel customer erase`: an admin and a supervisor together.
    func erase(_ selector: String, by admin: String, and supervisor: String) async throws -> String {
        let deciders = try deciders(admin, supervisor)
        let id = try await customer(selector)
        let found = try await read { transaction in
            (addresses: try transaction.addresses(of: id), tickets: try transaction.tickets(of: id))
        }
        // First of all: from here on a power cut, too, ends in an erasure.
        let entry = try ledger.add(identities: found.addresses.map(\.identity), deciders: deciders, at: clock.now)
        try await carryOut(entry, addresses: found.addresses, customers: [id])
        let remains = await overwriteRemains()
        return "Customer \(id) is erased: \(found.addresses.count) addresses, \(found.tickets.count) cases.\n" + remains
    }

    /// Carries out what the ledger has and the database does not: after an older database was put back, or after an
    /// erasure that was interrupted.
    func eraseAgain() async throws {
        var hasErased = false
        for entry in try ledger.entries() {
            let matches = try ledger.matcher(for: entry)
            let found = try await read { transaction -> (addresses: [CustomerAddress], customers: [CustomerID])? in
                if try transaction.isAudited(.erase, subject: entry.name) { return nil }
                var addresses: [CustomerAddress] = []
                try transaction.eachAddress { if matches($0.identity) { addresses.append($0) } }
                let ids = Set(addresses.map(\.id))
                // A customer with other addresses, too, is somebody else by now.
                let customers = try Set(addresses.map(\.customer)).filter { customer in
                    try transaction.addresses(of: customer).allSatisfy { ids.contains($0.id) }
                }
                return (addresses, customers.sorted())
            }
            guard let found else { continue }
            try await carryOut(entry, addresses: found.addresses, customers: found.customers)
            hasErased = hasErased || !found.addresses.isEmpty
        }
        if hasErased { _ = await overwriteRemains() }
    }

    private func carryOut(_ entry: ErasureLedger.Entry, addresses: [CustomerAddress], customers: [CustomerID]) async throws {
        var erasure: Erasure {
            Erasure(entry.name, roster: roster.current, deciders: entry.deciders, now: clock.now)
        }
        func dropCopies() async throws {
            let erasure = erasure
            var copies = try await read { try erasure.copies(addresses, customers, in: $0) }[...]
            while !copies.isEmpty {
                let piece = copies.prefix(50)
                try await write { try erasure.drop(piece, in: $0) }
                copies = copies.dropFirst(piece.count)
            }
        }
        try await dropCopies()
        var isDone = false
        while !isDone {
            let erasure = erasure
            isDone = try await write { try erasure.step(addresses, customers, in: $0) }
        }
        // What was copied meanwhile names the person, or is of nobody.
        try await dropCopies()
        let last = erasure
        try await write { try last.finish(addresses, customers, in: $0) }
    }

    /// What to tell if something is left for later.
    private func overwriteRemains() async -> String {
        do {
            try await store.database.overwriteRemains()
            return ""
        } catch {
            return "What the removed mail left in free pages is not overwritten yet: \(error)\n"
        }
    }

    private func deciders(_ admin: String, _ supervisor: String) throws -> Erasure.Deciders {
        let (first, second) = (try person(admin), try person(supervisor))
        guard first.definition.role == .admin else { throw CommandFailure(.dataError, "\(admin) is no admin") }
        guard second.definition.role == .supervisor || second.definition.role == .admin else {
            throw CommandFailure(.dataError, "\(supervisor) is no supervisor")
        }
        guard first.id != second.id else { throw CommandFailure(.dataError, "erasing takes two people") }
        return Erasure.Deciders(admin: first.id, supervisor: second.id)
    }

    /// An active account.
    func person(_ login: String) throws -> Roster.Agent {
        guard let person = roster.current.agent(login: login), person.isActive else {
            throw CommandFailure(.noUser, "\(login): no such account")
        }
        return person
    }

    // MARK: - Transactions

    /// A read, with the words of a command for what fails.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        do throws(StoreFailure) { return try await store.read(body) } catch { throw Self.failure(error, "read") }
    }

    /// A write, with the words of a command for what fails.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        do throws(StoreFailure) { return try await store.write(body) } catch { throw Self.failure(error, "changed") }
    }

    private static func failure(_ failure: StoreFailure, _ what: String) -> CommandFailure {
        switch failure.cause {
        case let refusal as CaseRefusal: CommandFailure(.dataError, refusal.sentence.text(in: .english))
        case let refusal as CommandFailure: refusal
        default:
            CommandFailure(
                failure.reason == .overloaded ? .temporaryFailure : .ioError,
                "the database cannot be \(what): \(failure)")
        }
    }
}
