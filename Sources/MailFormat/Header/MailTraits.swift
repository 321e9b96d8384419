/// What a header section says about the kind of a mail, for deciding who may be answered by a machine (RFC 3834) and
/// what may change a case.
package struct MailTraits: OptionSet, Sendable, Hashable {
    /// The bits below.
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Auto-Submitted is there and not `no` (RFC 3834 §5).
    package static let autoSubmitted = MailTraits(rawValue: 1 << 0)
    /// Precedence is bulk, junk, list or auto_reply.
    package static let bulkPrecedence = MailTraits(rawValue: 1 << 1)
    /// A list's mail: List-Id and kin (RFC 2919, RFC 2369).
    package static let list = MailTraits(rawValue: 1 << 2)
    /// multipart/report with delivery-status (RFC 3464, RFC 6522).
    package static let deliveryStatus = MailTraits(rawValue: 1 << 3)
    /// multipart/report with disposition-notification (RFC 8098).
    package static let dispositionNotification = MailTraits(rawValue: 1 << 4)
    /// The sender asks for no automatic answers (X-Auto-Response-Suppress, other than None).
    package static let suppressesAutoResponse = MailTraits(rawValue: 1 << 5)
    /// Fields of autoresponders from before RFC 3834: X-Autoreply, X-Autorespond, X-Mail-Autoreply.
    package static let oldAutoReply = MailTraits(rawValue: 1 << 6)
    /// text/calendar as the mail's own type, or an alternative named so by a method.
    package static let calendar = MailTraits(rawValue: 1 << 7)
    /// OpenPGP or S/MIME (RFC 3156, RFC 8551): the octets must leave as they are.
    package static let signedOrEncrypted = MailTraits(rawValue: 1 << 8)

    /// Written by a machine: such a mail changes no status and gets no automatic answer.
    package var isAutomatic: Bool {
        !isDisjoint(with: [.autoSubmitted, .bulkPrecedence, .deliveryStatus, .dispositionNotification, .oldAutoReply])
    }

    /// Reads the fields that say it.
    package init(_ header: HeaderSection) {
        self = []
        if let value = header.unfolded("Auto-Submitted"), Self.word(value) != "no", !value.isEmpty {
            insert(.autoSubmitted)
        }
        if let value = header.unfolded("Precedence"), ["bulk", "junk", "list", "auto_reply"].contains(Self.word(value))
        {
            insert(.bulkPrecedence)
        }
        if ["List-Id", "List-Unsubscribe", "List-Post"].contains(where: { header.contains($0) }) { insert(.list) }
        if let value = header.unfolded("X-Auto-Response-Suppress"), !value.isEmpty, Self.word(value) != "none" {
            insert(.suppressesAutoResponse)
        }
        if ["X-Autoreply", "X-Autorespond", "X-Mail-Autoreply"].contains(where: { header.contains($0) }) {
            insert(.oldAutoReply)
        }
        if let type = header.contentType { readType(type) }
    }

    private mutating func readType(_ type: MediaType) {
        if type.is("multipart", "report") {
            switch type.parameter("report-type")?.lowercased() {
            case "disposition-notification": insert(.dispositionNotification)
            case "delivery-status", "global-delivery-status", nil: insert(.deliveryStatus)
            default: break
            }
        }
        if type.is("text", "calendar") { insert(.calendar) }
        if type.is("multipart", "signed") || type.is("multipart", "encrypted") || type.is("application", "pkcs7-mime")
            || type.is("application", "x-pkcs7-mime")
        {
            insert(.signedOrEncrypted)
        }
    }

    /// The first word in lower case, without comments and parameters.
    private static func word(_ value: [UInt8]) -> String {
        var reader = StructuredReader(value)
        reader.skipCFWS()
        return String(decoding: reader.readWhile { $0.isTokenText }.map(\.lowered), as: UTF8.self)
    }
}
