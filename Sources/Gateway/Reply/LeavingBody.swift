import Desk
import MailFormat
import MailTypes

/// The body of a sent mail as it leaves: the one place where it is rewritten. Mails of a case that are attached to it
/// lose what Stempel wrote into their header sections.
struct LeavingBody {
    /// `nil`: as it was submitted.
    let pieces: [BodyPiece]?
    /// A note or a card is attached.
    private(set) var holdsInternal = false

    init(
        _ content: HeldMail.Content, isSealed: Bool, roster: Roster, host: DomainName,
        _ transaction: any DeskTransaction
    ) throws {
        guard let structure = MIMEStructure(encoded: content.structure) else {
            pieces = nil
            return
        }
        var edits: [(range: Range<Int>, octets: [UInt8])] = []
        for part in Self.attachedMessages(structure.root) {
            let (start, end) = (
                content.bodyOffset + part.headerOffset, content.bodyOffset + part.headerOffset + part.headerLength
            )
            guard part.headerLength > 0, part.headerLength <= HeaderSection.parsedLimit, end <= content.size else {
                continue
            }
            let header = HeaderSection(try transaction.octets(start..<end, of: content.id))
            let cleaned = CleanedHeader(header, roster: roster, host: host)
            if cleaned.isInternal { holdsInternal = true }
            if cleaned.octets != header.octets {
                edits.append((part.headerOffset..<part.headerOffset + part.headerLength, cleaned.octets))
            }
        }
        // What is signed or encrypted leaves as it is; a doubt can still hold it.
        pieces = edits.isEmpty || isSealed ? nil : BodyPiece.edited(content.size - content.bodyOffset, edits)
    }

    /// The messages in the open, in the order in which they stand, not those within them.
    private static func attachedMessages(_ root: BodyPart) -> [BodyPart] {
        var found: [BodyPart] = []
        var open = [root]
        while let part = open.popLast(), found.count < 100 {
            if part.isMessage {
                if let message = part.children.first { found.append(message) }
            } else {
                open += part.children.reversed()
            }
        }
        return found
    }
}

/// The header section of a served message without what only the desk should know.
struct CleanedHeader {
    private(set) var octets: [UInt8] = []
    let isInternal: Bool

    init(_ header: HeaderSection, roster: Roster, host: DomainName) {
        let written = header.addresses(of: "From") + header.addresses(of: "Reply-To")
        isInternal = written.contains { roster.isNoteAddress($0.address) }
        var isRest = true
        for field in header.fields {
            let name = header.name(of: field).lowercased()
            if name.hasPrefix(HeaderRewriter.reservedPrefix.lowercased()) || name == "return-path" {
                isRest = false
            } else if name == "received", header.text(field).lowercased().contains("by \(host.ascii)") {
                isRest = false
            } else if name == "references" || name == "in-reply-to" {
                let ids = MessageIDs.read(header.unfolded(field))
                let kept = ids.filter { Ticket.rootParts(of: $0, host: host) == nil }
                if kept.count == ids.count {
                    octets += header.octets[field.range]
                } else {
                    var writer = HeaderWriter()
                    writer.messageIDs(header.name(of: field), kept)
                    octets += writer.octets
                    isRest = false
                }
            } else {
                octets += header.octets[field.range]
            }
        }
        octets = isRest ? header.octets : octets + header.octets[header.parsedEnd..<header.bodyStart]
    }
}
