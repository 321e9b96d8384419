import Desk
import IMAPProtocol
import MailTypes

/// What is different once a client enabled IMAP4rev2 (RFC 9051 appendix E). Until then all is as in rev1.
extension IMAPSession {
    /// The name and attributes of the mailbox under selection, for the LIST response that SELECT has.
    struct SelectedName {
        var name: MailboxName
        var attributes: MailboxAttributes
        /// What the client called it, where that is another name.
        var oldName: String?
    }

    /// Names and strings are UTF-8, `\Recent` means nothing any more.
    func speakRev2() {
        (writer.isRev2, writer.usesUTF8, decoder.usesUTF8) = (true, true, true)
        selected?.recentFrom = .max
    }

    /// Without RETURN a search is answered by ESEARCH, as if `RETURN (ALL)` had been given (RFC 9051 §6.4.4).
    func asRev2(_ command: SearchCommand) -> SearchCommand {
        guard isRev2, command.resultOptions == nil else { return command }
        var command = command
        command.resultOptions = .all
        return command
    }

    /// How LIST shows the mailbox that a client named.
    func selectedName(
        of resolved: ResolvedMailbox, as given: MailboxName, _ roster: Roster, _ person: Roster.Agent
    ) async throws -> SelectedName {
        let entry = try await listEntry(of: resolved, roster, person)
        let (name, attributes) = entry ?? (given, [])
        return SelectedName(name: name, attributes: attributes, oldName: Self.oldName(given, shown: name))
    }

    /// The LIST response of SELECT and EXAMINE (RFC 9051 §6.3.2).
    func tellSelectedName() {
        guard isRev2, let name = selectedName else { return }
        selectedName = nil
        writer.list(.list, name.name, name.attributes, oldName: name.oldName)
    }

    /// A mailbox was made or renamed: what it is called now, and what it was called (RFC 9051 §6.3.9.7).
    func tellNewName(
        _ given: MailboxName, old: MailboxName? = nil, _ roster: Roster, _ person: Roster.Agent
    ) async throws {
        guard isRev2, old != nil || given.denormalized != nil else { return }
        let entry = try await listEntry(of: try await resolve(given, roster, person), roster, person)
        guard let (name, attributes) = entry else { return }
        writer.list(.list, name, attributes, oldName: old?.text ?? Self.oldName(given, shown: name))
    }

    private static func oldName(_ given: MailboxName, shown: MailboxName) -> String? {
        if let denormalized = given.denormalized { return denormalized }
        return given == shown ? nil : given.text
    }
}
