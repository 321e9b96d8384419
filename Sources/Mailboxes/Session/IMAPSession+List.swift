import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// LIST, LSUB and XLIST (RFC 3501 §6.3.8, RFC 5258, RFC 5819, RFC 6154).
extension IMAPSession {
    func list(_ command: ListCommand, tag: String) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        let word =
            switch command.kind {
            case .list: "LIST"
            case .lsub: "LSUB"
            case .xlist: "XLIST"
            }
        if command.asksForDelimiter {
            writer.listDelimiter(command.kind)
            return try await end(tag, .ok("\(word) completed"))
        }
        let all = try await everyMailbox(roster, person).map { ($0, shownName(of: $0, command)) }
        let levels = levels(above: all, command)
        var statusOf: [(MailboxName, ListedMailbox)] = []
        for case (let listed, let name?) in all {
            let level = levels[listed.name.text]
            let isRecursive = command.selection.contains(.recursiveMatch)
            if isSelected(listed, command) {
                writer.list(
                    command.kind, name, attributes(of: listed, command),
                    hasSubscribedChild: isRecursive && level != nil)
                statusOf.append((name, listed))
            } else if isRecursive, level == .hidden {
                writer.list(command.kind, name, attributes(of: listed, command), hasSubscribedChild: true)
            } else if level != nil, command.kind == .lsub, command.patterns.contains(where: { $0.text.contains("%") }) {
                // LSUB with % names a level that is not subscribed itself, if something below is (RFC 3501 §6.3.9).
                writer.list(.lsub, name, listed.attributes.union(.noSelect))
            }
            try await flushIfLarge()
        }
        if let items = command.statusItems {
            if items.contains(.highestModSequence) { try await modSequencesAreKnown() }
            try await writeStatus(of: statusOf, items, roster, person)
        }
        try await end(tag, .ok("\(word) completed"))
    }

    /// What lies below a level that the selection options ask for.
    private enum Below {
        /// All of it is shown itself.
        case shown
        /// Some of it the pattern does not reach, so that the level must be shown for it (RFC 5258 §3.3, §3.5).
        case hidden
    }

    /// Every level above a mailbox that the selection options ask for, by name.
    private func levels(above all: [(ListedMailbox, MailboxName?)], _ command: ListCommand) -> [String: Below] {
        guard command.selection.contains(.recursiveMatch) || command.kind == .lsub else { return [:] }
        var levels: [String: Below] = [:]
        for (listed, name) in all where isSelected(listed, command) {
            var path = listed.name.text[...]
            while let end = path.lastIndex(of: "/") {
                path = path[..<end]
                let level = String(path)
                if name == nil || levels[level] == nil { levels[level] = name == nil ? .hidden : .shown }
            }
        }
        return levels
    }

    /// The name and the attributes with which LIST shows a mailbox; `nil` where it shows none.
    func listEntry(
        of resolved: ResolvedMailbox, _ roster: Roster, _ person: Roster.Agent
    ) async throws -> (MailboxName, MailboxAttributes)? {
        let listed = try await everyMailbox(roster, person).first { listed in
            switch resolved {
            case .mailbox(_, let id): listed.id == id
            case .container(let container): listed.place == .container(container)
            }
        }
        return listed.map { ($0.name, $0.attributes) }
    }

    /// Every mailbox that the account is shown, in the order of LIST.
    func everyMailbox(_ roster: Roster, _ person: Roster.Agent) async throws -> [ListedMailbox] {
        let (own, subscriptions) = try await services.store.read { transaction in
            (try transaction.ownMailboxes(of: person.id), try transaction.subscriptions(of: person.id))
        }
        let names = MailboxNames(roster: roster, agent: person)
        let other: Language = person.language == .english ? .polish : .english
        var all: [ListedMailbox] = []
        func add(_ place: MailboxPlace, _ kind: MailboxKind?, _ id: MailboxID?) {
            guard let path = names.path(of: place) else { return }
            let name = MailboxName(path.joined(separator: "/"))
            let otherName = names.path(of: place, in: other).map { MailboxName($0.joined(separator: "/")) }
            all.append(
                ListedMailbox(
                    place: place, kind: kind, id: id, name: name, otherName: otherName == name ? nil : otherName,
                    aliases: names.aliases(of: place).map { MailboxName($0.joined(separator: "/")) },
                    isSubscribed: id.flatMap { subscriptions[$0] } ?? names.isSubscribedByDefault(place),
                    attributes: Self.specialUse(of: kind)))
        }
        func addOwn(_ root: OwnPath.Root) {
            for mailbox in own where mailbox.path.root == root {
                add(.own(mailbox.path), .personal(person.id, mailbox.id), mailbox.id)
            }
        }
        for place in names.shown {
            switch place {
            case .system(let kind):
                guard let id = roster.mailbox(kind) else { continue }
                add(place, kind, id)
                if kind == .trash(person.id) { addOwn(.trash) }
            case .container(let container):
                add(place, nil, nil)
                if container == .personal { addOwn(.personal) }
            case .own: continue
            }
        }
        let withChildren = Set(
            all.compactMap { listed -> String? in
                let parts = listed.name.components
                return parts.count > 1 ? parts.dropLast().joined(separator: "/") : nil
            })
        for index in all.indices {
            all[index].attributes.insert(withChildren.contains(all[index].name.text) ? .hasChildren : .hasNoChildren)
        }
        return all
    }

    private static func specialUse(of kind: MailboxKind?) -> MailboxAttributes {
        switch kind {
        case .drafts: .drafts
        case .sent: .sent
        case .trash: .trash
        case .spam: .junk
        case .closed: .archive
        default: []
        }
    }

    /// The name to answer with: the account's own, or the one in the other language where the client asked by it.
    private func shownName(of listed: ListedMailbox, _ command: ListCommand) -> MailboxName? {
        for pattern in command.patterns where pattern.matches(listed.name) { return listed.name }
        // A wildcard finds a mailbox by the name that is shown; only a level that was written out counts here.
        for otherName in listed.otherName.map({ [$0] + listed.aliases }) ?? listed.aliases {
            for pattern in command.patterns where pattern.matches(otherName) {
                let first = pattern.text.prefix { $0 != "/" }
                if !first.contains("*"), !first.contains("%") { return otherName }
            }
        }
        return nil
    }

    private func isSelected(_ listed: ListedMailbox, _ command: ListCommand) -> Bool {
        if command.kind == .lsub || command.selection.contains(.subscribed), !listed.isSubscribed { return false }
        if command.selection.contains(.specialUse), Self.specialUse(of: listed.kind).isEmpty { return false }
        return true
    }

    private func attributes(of listed: ListedMailbox, _ command: ListCommand) -> MailboxAttributes {
        var attributes = listed.attributes
        if listed.isSubscribed,
            command.returnOptions.contains(.subscribed) || command.selection.contains(.subscribed)
        {
            attributes.insert(.subscribed)
        }
        return attributes
    }

    private func writeStatus(
        of listed: [(MailboxName, ListedMailbox)], _ items: StatusItems, _ roster: Roster, _ person: Roster.Agent
    ) async throws {
        for (name, mailbox) in listed {
            switch (mailbox.place, mailbox.kind, mailbox.id) {
            case (.container(let container), _, _): writer.mailboxStatus(name, items, Self.status(of: container))
            case (_, let kind?, let id?):
                let view = MailboxView(mailbox: id, kind: kind, roster: roster, agent: person)
                guard let status = try await statuses(of: [view], items, person)[0] else { continue }
                writer.mailboxStatus(name, items, status)
                try await flushIfLarge()
            default: continue
            }
        }
    }
}
