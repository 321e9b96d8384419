package import MailTypes

/// The way of a mail to the next hop: the outbox hands over, SMTP carries.
package protocol DeliveryWire: Sendable {
    /// Tries to deliver once; one attempt per recipient, in their order, never `expired`. Returns within bounded time,
    /// whatever the network does.
    func deliver(_ mail: OutgoingMail, to recipients: [EmailAddress]) async -> [DeliveryAttempt]
    /// Whether everything goes to one next hop, whatever the recipients' domains.
    var hasOneNextHop: Bool { get }
}

extension DeliveryWire {
    package var hasOneNextHop: Bool { true }
}

/// A mail on its way out, but for its recipients.
package struct OutgoingMail: Sendable {
    /// Names the mail in the log.
    package var submission: SubmissionID
    package var reversePath: EmailAddress?
    /// The content has octets above 127.
    package var isEightBit: Bool
    /// The header section or an address has them (RFC 6531 §3.2).
    package var needsSMTPUTF8: Bool
    /// Octets of content (RFC 1870).
    package var size: Int
    package var content: any OutgoingContent
    /// What was asked beside delivery (RFC 3461, RFC 8689).
    package var wishes = DeliveryWishes()
    /// It is somebody else's mail that goes on as it came.
    package var isPassedOn = false

    package init(
        submission: SubmissionID, reversePath: EmailAddress?, isEightBit: Bool, needsSMTPUTF8: Bool, size: Int,
        content: any OutgoingContent
    ) {
        (self.submission, self.reversePath, self.isEightBit) = (submission, reversePath, isEightBit)
        (self.needsSMTPUTF8, self.size, self.content) = (needsSMTPUTF8, size, content)
    }
}

/// The octets of a mail on its way out, piece by piece; read as often as the mail is tried.
package protocol OutgoingContent: Sendable {
    /// The pieces, counted from 0; a piece may be empty, `nil` follows the last.
    func piece(_ index: Int) async throws -> [UInt8]?
    /// The same for a next hop that does not take all octets above 127, made while it is read in the order of its pieces;
    /// `nil`: there is no such form of it.
    func downgraded(_ downgrade: ContentDowngrade) async throws -> (any OutgoingContent)?
}
