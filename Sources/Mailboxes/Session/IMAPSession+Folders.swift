import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// CREATE, RENAME and DELETE of what is the desk's: custom folders, with the right to, and the archives by year.
extension IMAPSession {
    /// Carries out CREATE if the name is of a custom folder or an archive.
    func createOfDesk(_ name: MailboxName, _ roster: Roster, _ person: Roster.Agent, tag: String) async throws -> Bool {
        let names = MailboxNames(roster: roster, agent: person)
        let parts = name.components.last?.isEmpty == true ? Array(name.components.dropLast()) : name.components
        if case .system(let kind) = names.place(of: parts) {
            switch kind {
            case .archive(person.id, _) where roster.mailbox(kind) == nil:
                let id = try await openArchive(kind, roster, person)
                noteOwnChanges([id])
                try await tellNewName(name, currentRoster, person)
                try await end(tag, .ok("CREATE completed", .mailboxID(Self.mailboxID(id))))
                return true
            case .closed(person.id) where names.aliases(of: .system(kind)).contains(where: { isSame($0, parts) }):
                // Where clients look for it, the archive is there by this name already (DESIGN §3).
                guard let id = roster.mailbox(kind) else { return false }
                try await end(tag, .ok("CREATE completed", .mailboxID(Self.mailboxID(id))))
                return true
            default: return false
            }
        }
        guard let folder = names.folderName(of: parts) else { return false }
        try await edit(DeskEdit(.folders, folder, .add([])), person) { _, _ in }
        guard let made = currentRoster.folder(named: folder), let id = currentRoster.mailbox(.folder(made.id)) else {
            throw CommandRefusal.gone
        }
        noteOwnChanges([id])
        try await tellNewName(name, currentRoster, person)
        try await end(tag, .ok("CREATE completed", .mailboxID(Self.mailboxID(id))))
        return true
    }

    /// Carries out DELETE if the name is of a custom folder.
    func deleteFolder(_ name: MailboxName, _ roster: Roster, _ person: Roster.Agent, tag: String) async throws -> Bool {
        guard let (folder, mailbox) = folder(name, roster, person) else { return false }
        try await removeFolder(folder, mailbox, person)
        try await end(tag, .ok("DELETE completed"))
        return true
    }

    /// Carries out RENAME if one of the names is of a custom folder. Into Trash is how clients delete (INTEROP §1a): the
    /// folder goes, and a mailbox of that name is in the account's Trash, as the client believes.
    func renameFolder(
        _ from: MailboxName, _ to: MailboxName, _ roster: Roster, _ person: Roster.Agent, tag: String
    ) async throws -> Bool {
        let names = MailboxNames(roster: roster, agent: person)
        guard let (folder, mailbox) = folder(from, roster, person) else {
            guard names.folderName(of: to.components) != nil, case .own = names.place(of: from.components) else {
                return false
            }
            throw CommandRefusal.no("A mailbox of your own cannot become a folder of the company", .cannot)
        }
        if let new = names.folderName(of: to.components) {
            try await edit(DeskEdit(.folders, folder.name, .rename(to: new)), person) { _, _ in }
            noteOwnChanges([mailbox])
            try await tellNewName(to, old: from, currentRoster, person)
        } else if case .own(let path) = names.place(of: to.components), path.root == .trash {
            try await refuseExisting(path, person)
            try await removeFolder(folder, mailbox, person)
            let now = services.clock.now
            let made = try await services.store.write { transaction -> [MailboxID] in
                transaction.note(Change(mailboxLists: [person.id]))
                return try (path.superiors + [path]).compactMap { part in
                    guard try transaction.ownMailbox(part, of: person.id) == nil else { return nil }
                    return try transaction.createOwnMailbox(part, of: person.id, now: now)
                }
            }
            noteOwnChanges(made)
        } else {
            throw CommandRefusal.no("A folder of the company stays below Folders", .cannot)
        }
        try await end(tag, .ok("RENAME completed"))
        return true
    }

    // MARK: - Steps

    /// The view by year is there at once, and filled when the command is done.
    private func openArchive(_ kind: MailboxKind, _ roster: Roster, _ person: Roster.Agent) async throws -> MailboxID {
        let (holder, now) = (services.roster, services.clock.now)
        let mailbox = try await services.store.write { transaction in
            try CaseWork(transaction, roster: roster, now: now).openArchive(kind, of: person.id, in: holder)
        }
        var last: TicketNumber? = TicketNumber(rawValue: 0)
        while let above = last {
            last = try await services.store.write { transaction in
                try CaseWork(transaction, roster: holder.current, now: now).fillArchive(mailbox, above: above)
            }
        }
        return mailbox
    }

    private func isSame(_ path: [String], _ parts: [some StringProtocol]) -> Bool {
        path.count == parts.count && zip(path, parts).allSatisfy { foldedName($0) == foldedName($1) }
    }

    private func folder(
        _ name: MailboxName, _ roster: Roster, _ person: Roster.Agent
    ) -> (Roster.Folder, MailboxID)? {
        let place = MailboxNames(roster: roster, agent: person).place(of: name.components)
        guard case .system(.folder(let id)) = place, let folder = roster.folders[id],
            let mailbox = roster.mailbox(.folder(id))
        else { return nil }
        return (folder, mailbox)
    }

    private func removeFolder(_ folder: Roster.Folder, _ mailbox: MailboxID, _ person: Roster.Agent) async throws {
        try await edit(DeskEdit(.folders, folder.name, .remove), person) { transaction, _ in
            guard try transaction.isEmpty(mailbox) else {
                throw CommandRefusal.no("There are cases in \(folder.name); move them first", .inUse)
            }
        }
        if selected?.view?.mailbox == mailbox { deselect() }
        noteOwnChanges([mailbox])
    }

    private func refuseExisting(_ path: OwnPath, _ person: Roster.Agent) async throws {
        guard try await services.store.read({ try $0.ownMailbox(path, of: person.id) }) == nil else {
            throw CommandRefusal.no("There is such a mailbox already", .alreadyExists)
        }
    }

    private func edit(
        _ edit: DeskEdit, _ person: Roster.Agent,
        check: @escaping @Sendable (any DeskTransaction, Roster) throws -> Void
    ) async throws {
        guard person.definition.rights.contains(.folders), let editing = services.editing else {
            throw CommandRefusal.no("Folders of the company are made by those with the right to", .noPermission)
        }
        do throws(StoreFailure) {
            try await editing.edit(edit, by: person.id) { transaction, roster in
                guard roster.agents[person.id]?.definition.rights.contains(.folders) == true else {
                    throw CommandRefusal.no("Folders of the company are made by those with the right to", .noPermission)
                }
                try check(transaction, roster)
            }
        } catch {
            guard let refusal = error.cause as? DeskEditRefusal else { throw error }
            let sentence = refusal.sentences.first ?? "The desk would not be a good one"
            switch refusal.reason {
            case .unknown: throw CommandRefusal.no(sentence, .nonExistent)
            case .exists: throw CommandRefusal.no(sentence, .alreadyExists)
            case .invalid: throw CommandRefusal.no(sentence, .cannot)
            }
        }
    }
}
