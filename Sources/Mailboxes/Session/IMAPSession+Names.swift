import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// A mailbox that a command may name.
enum ResolvedMailbox: Sendable {
    case mailbox(MailboxKind, MailboxID)
    case container(MailboxContainer)
}

/// What a name means, and making and removing mailboxes (RFC 3501 §6.3).
extension IMAPSession {
    /// The mailbox of a name in either language, or a refusal.
    func resolve(
        _ name: MailboxName, _ roster: Roster, _ person: Roster.Agent, orTryCreate: Bool = false
    ) async throws -> ResolvedMailbox {
        let missing = orTryCreate ? CommandRefusal.no("There is no such mailbox", .tryCreate) : .noSuchMailbox
        let names = MailboxNames(roster: roster, agent: person)
        guard let place = names.place(of: name.components) else { throw missing }
        switch place {
        case .container(let container): return .container(container)
        case .system(let kind):
            guard let id = roster.mailbox(kind) else { throw CommandRefusal.noSuchMailbox }
            return .mailbox(kind, id)
        case .own(let path):
            let found = try await services.store.read { try $0.ownMailbox(path, of: person.id) }
            guard let found else { throw missing }
            return .mailbox(.personal(person.id, found.id), found.id)
        }
    }

    private func refusal(ofPath parts: [some StringProtocol]) -> CommandRefusal {
        switch parts.first.flatMap({ MailboxWord($0) }) {
        case .personal, .trash:
            let below = parts.dropFirst()
            guard below.count <= OwnPath.maximumDepth, below.allSatisfy({ $0.utf8.count <= OwnPath.maximumPartLength }) else {
                return .no(
                    "A name has \(OwnPath.maximumPartLength) octets at most, at \(OwnPath.maximumDepth) levels at most", .limit)
            }
            return .no("A part of the name is empty or holds a wildcard or control character", .cannot)
        default: return .no("Make mailboxes below Private", .cannot)
        }
    }

    /// The path below Private or Trash, where an account makes mailboxes of its own.
    func ownPath(_ name: MailboxName, _ roster: Roster, _ person: Roster.Agent) throws -> OwnPath {
        let names = MailboxNames(roster: roster, agent: person)
        // A trailing delimiter says that names below will follow (RFC 3501 §6.3.3).
        let parts = name.components.last?.isEmpty == true ? Array(name.components.dropLast()) : name.components
        switch names.place(of: parts) {
        case .own(let path): return path
        case .system, .container: throw CommandRefusal.no("There is such a mailbox already", .alreadyExists)
        case nil: throw refusal(ofPath: parts)
        }
    }

    func create(_ name: MailboxName, _ uses: [SpecialUse], tag: String) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        guard uses.isEmpty else { throw CommandRefusal.no("Special uses are given already", .useAttribute) }
        if try await createOfDesk(name, roster, person, tag: tag) { return }
        let path = try ownPath(name, roster, person)
        let now = services.clock.now
        let made = try await services.store.write { transaction -> [MailboxID] in
            var made: [MailboxID] = []
            guard try transaction.ownMailbox(path, of: person.id) == nil else {
                throw CommandRefusal.no("There is such a mailbox already", .alreadyExists)
            }
            for superior in path.superiors where try transaction.ownMailbox(superior, of: person.id) == nil {
                made.append(try transaction.createOwnMailbox(superior, of: person.id, now: now))
            }
            made.append(try transaction.createOwnMailbox(path, of: person.id, now: now))
            transaction.note(Change(mailboxLists: [person.id]))
            return made
        }
        noteOwnChanges(made)
        try await tellNewName(name, roster, person)
        try await end(tag, .ok("CREATE completed", made.last.map { .mailboxID(Self.mailboxID($0)) }))
    }

    func delete(_ name: MailboxName, tag: String) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        if try await deleteFolder(name, roster, person, tag: tag) { return }
        let path = try pathOfOwn(name, roster, person, "Mailboxes of the desk cannot be deleted")
        let (store, now) = (services.store, services.clock.now)
        let mailbox = try await store.read { transaction -> OwnMailbox in
            guard let mailbox = try transaction.ownMailbox(path, of: person.id) else {
                throw CommandRefusal.noSuchMailbox
            }
            let prefix = path.folded + "/"
            if try transaction.ownMailboxes(of: person.id).contains(where: { $0.path.folded.hasPrefix(prefix) }) {
                throw CommandRefusal.no("There are mailboxes below it", .hasChildren)
            }
            return mailbox
        }
        if selected?.view?.mailbox == mailbox.id { deselect() }
        // Emptied piece by piece, so that no transaction grows with the mailbox.
        var done = 0
        while true {
            let removed = try await store.write { transaction in
                let messages = try transaction.contents(of: mailbox.id, limit: 200)
                if !messages.isEmpty {
                    let sequence = try transaction.takeModSequence()
                    _ = try transaction.leave(messages, from: mailbox.id, at: sequence, now: now)
                    for message in messages { try transaction.discard(message) }
                    transaction.note(Change(mailboxes: [mailbox.id]))
                    return messages.count
                }
                try transaction.removeOwnMailbox(mailbox.id)
                transaction.note(Change(mailboxLists: [person.id]))
                return 0
            }
            guard removed > 0 else { break }
            done += removed
            try await progressed(done)
        }
        noteOwnChanges([mailbox.id])
        try await end(tag, .ok("DELETE completed"))
    }

    private func pathOfOwn(
        _ name: MailboxName, _ roster: Roster, _ person: Roster.Agent, _ refusal: String
    ) throws -> OwnPath {
        switch MailboxNames(roster: roster, agent: person).place(of: name.components) {
        case .own(let path): return path
        case .system, .container: throw CommandRefusal.no(refusal, .cannot)
        case nil: throw CommandRefusal.noSuchMailbox
        }
    }

    /// RENAME with everything below it. INBOX stays what it is: what RFC 3501 §6.3.5 says of it would move cases.
    func rename(_ from: MailboxName, _ to: MailboxName, tag: String) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        if try await renameFolder(from, to, roster, person, tag: tag) { return }
        let source = try pathOfOwn(from, roster, person, "Mailboxes of the desk cannot be renamed")
        let destination = try ownPath(to, roster, person)
        let now = services.clock.now
        let changed = try await services.store.write { transaction -> [MailboxID] in
            guard let mailbox = try transaction.ownMailbox(source, of: person.id) else {
                throw CommandRefusal.noSuchMailbox
            }
            let prefix = source.folded + "/"
            guard !(destination.folded + "/").hasPrefix(prefix) || destination.folded == source.folded else {
                throw CommandRefusal.no("A mailbox cannot be moved below itself", .cannot)
            }
            if let other = try transaction.ownMailbox(destination, of: person.id), other.id != mailbox.id {
                throw CommandRefusal.no("There is such a mailbox already", .alreadyExists)
            }
            let below = try transaction.ownMailboxes(of: person.id).filter { $0.path.folded.hasPrefix(prefix) }
            var changed = [mailbox.id] + below.map(\.id)
            for superior in destination.superiors where try transaction.ownMailbox(superior, of: person.id) == nil {
                changed.append(try transaction.createOwnMailbox(superior, of: person.id, now: now))
            }
            transaction.note(Change(mailboxLists: [person.id]))
            try transaction.rename(mailbox.id, to: destination)
            for inferior in below {
                let parts = destination.parts + inferior.path.parts.dropFirst(source.parts.count)
                guard let path = OwnPath(destination.root, parts) else {
                    throw CommandRefusal.no("That name would be too long", .cannot)
                }
                try transaction.rename(inferior.id, to: path)
            }
            return changed
        }
        noteOwnChanges(changed)
        try await tellNewName(to, old: from, roster, person)
        try await end(tag, .ok("RENAME completed"))
    }

    func subscribe(_ name: MailboxName, _ isSubscribed: Bool, tag: String) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        let word = isSubscribed ? "SUBSCRIBE" : "UNSUBSCRIBE"
        let resolved: ResolvedMailbox
        do {
            resolved = try await resolve(name, roster, person)
        } catch let refusal as CommandRefusal where !isSubscribed && refusal.response.code == .nonExistent {
            // A subscription goes with its mailbox, so there is nothing left to end.
            return try await end(tag, .ok("UNSUBSCRIBE completed"))
        }
        switch resolved {
        case .container:
            guard isSubscribed else { throw CommandRefusal.no("This level is always subscribed", .cannot) }
        case .mailbox(_, let id):
            try await services.store.write { transaction in
                try transaction.setSubscribed(isSubscribed, id, by: person.id)
                transaction.note(Change(mailboxLists: [person.id]))
            }
            noteOwnChanges([id])
        }
        try await end(tag, .ok("\(word) completed"))
    }

    func namespace(tag: String) async throws {
        let person = try currentAgent(currentRoster)
        func prefix(_ word: MailboxWord) -> Namespace { Namespace(word.name(in: person.language) + "/") }
        writer.namespace(
            personal: [Namespace("")], otherUsers: [prefix(.team)], shared: [prefix(.groups), prefix(.departments), prefix(.folders), prefix(.pools)])
        try await end(tag, .ok("NAMESPACE completed"))
    }

    func status(_ name: MailboxName, _ items: StatusItems, tag: String) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        if items.contains(.highestModSequence) { try await modSequencesAreKnown() }
        switch try await resolve(name, roster, person) {
        case .container(let container): writer.mailboxStatus(name, items, Self.status(of: container))
        case .mailbox(let kind, let id):
            let view = MailboxView(mailbox: id, kind: kind, roster: roster, agent: person)
            await services.next?.looked(kind, agent: person.id)
            guard let status = try await statuses(of: [view], items, person)[0] else { throw CommandRefusal.gone }
            writer.mailboxStatus(name, items, status)
        }
        try await end(tag, .ok("STATUS completed"))
    }

    static func status(of container: MailboxContainer) -> MailboxStatus {
        var status = MailboxStatus()
        status.uidValidity = 1
        status.mailboxID = mailboxID(container)
        return status
    }

    /// The status of several mailboxes from one snapshot; `nil` for one that is gone.
    func statuses(
        of views: [MailboxView], _ items: StatusItems, _ person: Roster.Agent
    ) async throws -> [MailboxStatus?] {
        let (recents, unseen, messageSize) = (services.recents, services.unseen, configuration.messageSize)
        return try await services.store.read { transaction in
            try views.map { view in
                guard let summary = try ViewSummary(view, person, in: transaction) else { return nil }
                var status = MailboxStatus()
                status.messages = UInt32(clamping: summary.messages)
                status.uidNext = summary.uidNext
                status.uidValidity = summary.uidValidity
                status.highestModSequence = summary.highestModSequence
                status.mailboxID = Self.mailboxID(view.mailbox)
                status.appendLimit = messageSize
                let recentFrom = recents.peek(view.mailbox, view.agent, uidNext: summary.uidNext.number)
                var wanted: CountsWanted = []
                if items.contains(.deleted) || items.contains(.deletedStorage) { wanted.insert(.deleted) }
                if items.contains(.size) { wanted.insert(.size) }
                if items.contains(.recent), recentFrom < summary.uidNext.number { wanted.insert(.recent) }
                if items.contains(.unseen), summary.messages > 0 {
                    status.unseen = UInt32(clamping: try unseen.count(of: view, in: transaction))
                }
                if !wanted.isEmpty, summary.messages > 0 {
                    let counts = try transaction.counts(in: view, wanted, recentFrom: recentFrom)
                    status.deleted = UInt32(clamping: counts.deleted)
                    status.size = counts.size
                    status.deletedStorage = (counts.deletedSize + 1023) / 1024
                    status.recent = UInt32(clamping: counts.recent)
                }
                return status
            }
        }
    }
}
