import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// METADATA (RFC 5464): `/private/…` is the agent's own, `/shared/…` says what the desk says and is read only.
extension IMAPSession {
    func metadata(_ command: MetadataCommand, tag: String) async throws {
        switch command {
        case .get(let name, let get): try await getMetadata(name, get, tag: tag)
        case .set(let name, let changes): try await setMetadata(name, changes, tag: tag)
        }
    }

    private func getMetadata(_ name: MailboxName?, _ get: GetMetadata, tag: String) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        let (object, shared) = try await annotated(name, roster, person)
        let own = try await services.store.read { try $0.annotations(of: object, by: person.id) }
        let search = AnnotationSearch(get, in: own + shared)
        if !search.found.isEmpty { writer.metadata(of: name, search.found) }
        let code = search.longestLeftOut > 0 ? ResponseCode.metadataLongEntries(search.longestLeftOut) : nil
        try await end(tag, .ok("GETMETADATA completed", code))
    }

    private func setMetadata(_ name: MailboxName?, _ changes: [MetadataChange], tag: String) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        let (object, _) = try await annotated(name, roster, person)
        for change in changes {
            guard change.entry.hasPrefix("/private/") else {
                throw CommandRefusal.no("What all see is said by the desk; use /private", .noPermission)
            }
            guard change.value?.count ?? 0 <= configuration.annotationSize else {
                throw CommandRefusal.no(
                    "That value is too long", .metadataMaximumSize(configuration.annotationSize))
            }
        }
        let (count, octets) = (configuration.annotations, configuration.annotationOctets)
        // All or none (RFC 5464 §4.3).
        try await services.store.write { transaction in
            for change in changes {
                try transaction.setAnnotation(change.value, named: change.entry, of: object, by: person.id)
            }
            transaction.note(Change(annotations: [person.id]))
            guard changes.contains(where: { $0.value != nil }) else { return }
            let usage = try transaction.annotationUsage(of: person.id)
            guard usage.count <= count, usage.octets <= octets else {
                throw CommandRefusal.no("Remove annotations first", .metadataTooMany)
            }
        }
        // What the client did itself it is not told of (RFC 5465 §5).
        for change in changes { notify?.annotations.note(change.value, named: change.entry, of: object) }
        try await end(tag, .ok("SETMETADATA completed"))
    }

    /// What a name stands for, and what the desk says of it.
    private func annotated(
        _ name: MailboxName?, _ roster: Roster, _ person: Roster.Agent
    ) async throws -> (AnnotatedObject, shared: [Annotation]) {
        guard let name else { return (.server, Self.annotationsOfServer(roster)) }
        switch try await resolve(name, roster, person) {
        case .container(let container): return (.container(container), [])
        case .mailbox(let kind, let id): return (.mailbox(id), Self.annotations(of: kind, roster))
        }
    }

    /// A URI by which whoever runs the server is reached (RFC 5464 §6.2.1).
    static func annotationsOfServer(_ roster: Roster) -> [Annotation] {
        [Annotation("/shared/admin", "mailto:postmaster@\(roster.definition.domain.ascii)")]
    }

    /// What the desk says of a mailbox.
    static func annotations(of kind: MailboxKind, _ roster: Roster) -> [Annotation] {
        comment(on: kind, roster).map { [Annotation("/shared/comment", $0)] } ?? []
    }

    /// Which addresses lead to a pool, and who is in a group.
    private static func comment(on kind: MailboxKind, _ roster: Roster) -> String? {
        switch kind {
        case .pool(let pool):
            return roster.pools[pool]?.definition.addresses.map(\.address.description).joined(separator: ", ")
        case .group(let group):
            let members = (roster.groups[group]?.members ?? []).sorted().compactMap { roster.agents[$0] }
            return members.filter(\.isActive).map(\.definition.name).joined(separator: ", ")
        case .inbox, .next, .consultation, .waiting, .done, .closed, .drafts, .sent, .templates, .sharedTemplates, .trash, .personal,
            .new, .spam, .toSend, .confirmed, .approval, .department, .overdue, .followed, .folder, .archive, .poolStatus:
            return nil
        }
    }
}

extension Annotation {
    fileprivate init(_ entry: String, _ text: String) { self.init(entry, Array(text.utf8)) }
}
