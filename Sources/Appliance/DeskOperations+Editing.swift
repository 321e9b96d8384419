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
                definition: edited.desk, text: DeskFile.write(edited.desk), credentials: credentials, libraries: .system,
                renamed: Self.renamedPart(edit, from: edited.name))
            let roster = try administration.apply(in: transaction, now: clock.now)
            transaction.connection.afterCommit { holder.replace(roster) }
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

    private static func renamedPart(_ edit: DeskEdit, from name: String) -> (part: DeskPart, from: String, to: String)? {
        guard case .rename(let new) = edit.action else { return nil }
        return switch edit.section {
        case .pools: (.pool, name, new)
        case .groups: (.group, name, new)
        case .departments: (.department, name, new)
        case .folders: (.folder, name, new)
        case .agents, .templates, .rules, .calendars: nil
        }
    }
}
