package import Desk
package import Gateway
import MailTypes
import OpenSSL
import Settings
import Storage

extension DeskOperations: DeskEditing {
    package func edit(
        _ edit: DeskEdit, by agent: AgentID?, check: @escaping @Sendable (any DeskTransaction, Roster) throws -> Void
    ) async throws(StoreFailure) {
        let credentials = await credentials(of: edit)
        let editor = DeskEditor(
            capabilities: CommandLineDesk.switchableCapabilities, patterns: DeskLibraries.system.patterns)
        let (holder, clock) = (roster, clock)
        try await store.write { (transaction: Transaction) in
            guard let text = try transaction.storedDefinition() else {
                throw DeskEditRefusal(.invalid, ["no desk was applied yet; begin with stempel desk apply"])
            }
            try check(transaction, holder.current)
            let edited = try editor.edit(text, edit)
            let administration = DeskAdministration(
                definition: edited.desk, text: DeskFile.write(edited.desk), credentials: credentials,
                libraries: .system,
                renamed: Self.renamedPart(edit, from: edited.name))
            let roster = try administration.apply(in: transaction, now: clock.now)
            transaction.connection.afterCommit { holder.replace(roster) }
        }
    }

    /// `stempel pool list`, `show` and their like.
    func parts(_ section: DeskSection, _ name: String?, isJSON: Bool) async throws -> String {
        guard let parts = DeskParts(try await export()) else {
            throw CommandFailure(.software, "the stored desk cannot be read")
        }
        guard let name else { return isJSON ? parts.json(of: section) : parts.lines(of: section) }
        do throws(DeskEditRefusal) {
            return isJSON ? try parts.json(of: name, in: section) : try parts.yaml(of: name, in: section)
        } catch {
            throw Self.failure(error)
        }
    }

    /// `stempel pool add`, `set`, `rename`, `remove` and their like.
    func edit(_ edit: DeskEdit, isJSON: Bool) async throws -> String {
        let keepsPassword = try await keepsPassword(edit)
        do throws(StoreFailure) {
            try await self.edit(edit, by: nil) { _, _ in }
        } catch {
            if let refusal = error.cause as? DeskEditRefusal { throw Self.failure(refusal) }
            throw CommandFailure(
                error.reason == .overloaded ? .temporaryFailure : .ioError, "the desk was not changed: \(error)")
        }
        var name = edit.name
        if case .rename(let new) = edit.action { name = new }
        if isJSON, edit.action != .remove { return try await parts(edit.section, name, isJSON: true) }
        let done =
            switch edit.action {
            case .add: "was added"
            case .set: "was changed"
            case .remove: edit.section == .agents ? "is inactive now" : "was removed"
            case .rename(let new): "is named \(new) now"
            }
        let hint = keepsPassword ? "The account has its old password; stempel agent password gives a new one.\n" : ""
        return "\(edit.section.word) \(edit.name) \(done)\n" + hint
    }

    private static func failure(_ refusal: DeskEditRefusal) -> CommandFailure {
        CommandFailure(refusal.reason == .unknown ? .noUser : .dataError, refusal.sentences.joined(separator: "\n"))
    }

    /// Whether an account that comes back already has a credential, which an initial password does not touch.
    private func keepsPassword(_ edit: DeskEdit) async throws -> Bool {
        guard edit.section == .agents, case .add(let assignments) = edit.action,
            assignments.contains(where: { $0.path == "initialPassword" })
        else { return false }
        let folded = foldedName(edit.name)
        do throws(StoreFailure) {
            return try await store.read { (transaction: Transaction) in
                try transaction.credential(foldedLogin: folded)?.verifier != nil
            }
        } catch {
            throw CommandFailure(.ioError, "the desk cannot be read: \(error)")
        }
    }

    /// Deriving a verifier takes a while and is done before the transaction.
    private func credentials(of edit: DeskEdit) async -> [String: String] {
        guard edit.section == .agents, case .add(let assignments) = edit.action,
            let password = assignments.last(where: { $0.path == "initialPassword" }),
            case .set(let value) = password.operation
        else { return [:] }
        let text =
            switch value {
            case .text(let text), .yaml(let text): text
            }
        return [foldedName(edit.name): await Self.offload { SCRAMVerifier(password: text).text }]
    }

    private static func renamedPart(_ edit: DeskEdit, from name: String) -> (part: DeskPart, from: String, to: String)?
    {
        guard case .rename(let new) = edit.action else { return nil }
        return switch edit.section {
        case .pools: (.pool, name, new)
        case .groups: (.group, name, new)
        case .departments: (.department, name, new)
        case .folders: (.folder, name, new)
        case .agents, .templates, .rules, .calendars, .dictionaries: nil
        }
    }
}
