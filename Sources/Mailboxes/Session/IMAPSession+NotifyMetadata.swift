import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// Telling of annotations that changed (RFC 5465 §5.6, §5.7), by name: the client asks for the values that it wants.
extension IMAPSession {
    /// Names of entries in one response.
    private static let entriesPerResponse = 100

    /// All annotations that the account can see now: its own, and what the desk says.
    func annotationPicture(
        _ listing: MailboxListing, _ roster: Roster, _ person: Roster.Agent
    ) async throws -> AnnotationPicture {
        var picture = try await services.store.read { transaction in
            var picture = AnnotationPicture()
            try transaction.eachAnnotation(of: person.id) { picture.insert($1, of: $0) }
            return picture
        }
        for annotation in Self.annotationsOfServer(roster) {
            picture.insert(annotation, of: AnnotatedObject.server.rawValue)
        }
        for listed in listing.mailboxes {
            guard let kind = listed.kind, let object = listed.identity?.annotated else { continue }
            for annotation in Self.annotations(of: kind, roster) { picture.insert(annotation, of: object.rawValue) }
        }
        return picture
    }

    /// Tells which annotations of watched mailboxes, the selected one among them, and of the server changed.
    func writeAnnotationChanges(from notifications: Notifications, to annotations: AnnotationPicture) async throws {
        let listing = notifications.listing
        if notifications.plan.watchesServerMetadata {
            try await write(annotations.changes(since: notifications.annotations, of: .server), of: nil)
        }
        for listed in listing.mailboxes {
            guard let object = listed.identity?.annotated else { continue }
            let changes = annotations.changes(since: notifications.annotations, of: object)
            guard !changes.isEmpty,
                notifications.plan.events(of: listed, in: listing).contains(.mailboxMetadataChange)
            else { continue }
            try await write(changes, of: listed.name)
        }
    }

    private func write(_ entries: [String], of mailbox: MailboxName?) async throws {
        for start in stride(from: 0, to: entries.count, by: Self.entriesPerResponse) {
            writer.metadataChanged(of: mailbox, entries[start...].prefix(Self.entriesPerResponse))
            try await flushIfLarge()
        }
    }
}

extension MailboxListing.Identity {
    fileprivate var annotated: AnnotatedObject {
        switch self {
        case .mailbox(let mailbox): .mailbox(mailbox)
        case .container(let container): .container(container)
        }
    }
}
