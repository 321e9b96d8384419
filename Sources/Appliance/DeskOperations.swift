import Desk
import Foundation
import Gateway
import MailTypes

import OpenSSL
import Settings
import Storage

/// What the command line does to the desk. The same code runs in a server, asked over the control socket, and in the
/// command itself where no server runs.
package struct DeskOperations: Sendable {
    let store: Store
    let roster: RosterHolder
    let clock: any WallClock
    let ledger: ErasureLedger
    /// What a case that a command opens needs of the machine.
    let opening: CaseOpening
    /// Files what the people of a case are told of their mail.
    let notices: any FailureNotices
    /// The outbox of a running server.
    let outbox: OutboxControl

    init(
        store: Store, roster: RosterHolder, clock: any WallClock, ledger: ErasureLedger, opening: CaseOpening,
        notices: any FailureNotices, outbox: OutboxControl
    ) {
        (self.store, self.roster, self.clock) = (store, roster, clock)
        (self.ledger, self.opening) = (ledger, opening)
        (self.notices, self.outbox) = (notices, outbox)
    }

    /// Makes the database say what a desk file says.
    package func apply(text: String, fileName: String) async throws -> String {
        let (desk, problems) = DeskFile.parse(
            text, fileName: fileName, capabilities: CommandLineDesk.switchableCapabilities, patterns: DeskLibraries.system.patterns)
        guard let desk, problems.isEmpty else { throw Installation.failure(problems) }
        let credentials = try await missingCredentials(desk)
        let administration = DeskAdministration(
            definition: desk, text: DeskFile.write(desk), credentials: credentials, libraries: .system)
        let (holder, clock) = (roster, clock)
        do {
            try await store.write { (transaction: Transaction) in
                let roster = try administration.apply(in: transaction, now: clock.now)
                transaction.connection.afterCommit { holder.replace(roster) }
            }
        } catch {
            throw CommandFailure(error.reason == .overloaded ? .temporaryFailure : .ioError, "the desk was not changed: \(error)")
        }
        return "The desk has \(desk.pools.count) pools and \(desk.agents.count) agents.\n"
    }

    /// The desk as YAML, without secrets.
    package func export() async throws -> String {
        let text: String?
        do {
            text = try await store.read { (transaction: Transaction) in try transaction.storedDefinition() }
        } catch {
            throw CommandFailure(.ioError, "the desk cannot be read: \(error)")
        }
        guard let text else { throw CommandFailure(.noInput, "no desk was applied yet") }
        return text
    }

    /// Gives an account a new password.
    package func setPassword(_ password: String, of login: String) async throws -> String {
        guard !password.isEmpty else { throw CommandFailure(.dataError, "the password is empty") }
        let verifier = await Self.offload { SCRAMVerifier(password: password).text }
        let folded = foldedName(login)
        let isKnown: Bool
        do {
            isKnown = try await store.write { (transaction: Transaction) in
                guard let account = try transaction.credential(foldedLogin: folded) else { return false }
                try transaction.setCredential(verifier, of: account.agent)
                return true
            }
        } catch {
            throw CommandFailure(.ioError, "the password was not changed: \(error)")
        }
        guard isKnown else { throw CommandFailure(.noUser, "\(login): no such account") }
        return "\(login) has a new password.\n"
    }

    /// Verifiers of the initial passwords of accounts that have no credential yet.
    private func missingCredentials(_ desk: DeskDefinition) async throws -> [String: String] {
        let rows: [AgentRow]
        do {
            rows = try await store.read { (transaction: Transaction) in try transaction.agents() }
        } catch {
            throw CommandFailure(.ioError, "the desk cannot be read: \(error)")
        }
        let known = Set(rows.filter(\.hasCredential).map { foldedName($0.login) })
        var result: [String: String] = [:]
        for agent in desk.agents where !known.contains(foldedName(agent.login)) {
            guard let password = agent.initialPassword else { continue }
            result[foldedName(agent.login)] = await Self.offload { SCRAMVerifier(password: password).text }
        }
        return result
    }

    /// Deriving a key takes a while: on a thread that may wait.
    static func offload(_ body: @escaping @Sendable () -> String) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}
