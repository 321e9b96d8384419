package import MailTypes

/// A status response (RFC 3501 §7.1): tagged it ends a command, untagged it tells something. The text is ours, short,
/// and shown to people when things fail.
package struct StatusResponse: Equatable, Sendable {
    /// The condition; BYE and PREAUTH are only untagged.
    package enum Kind: Equatable, Sendable { case ok, no, bad, bye, preauth }

    package var kind: Kind
    package var code: ResponseCode?
    package var text: String

    package init(_ kind: Kind, _ text: String, _ code: ResponseCode? = nil) {
        (self.kind, self.code, self.text) = (kind, code, text)
    }

    /// Done, or for information.
    package static func ok(_ text: String, _ code: ResponseCode? = nil) -> Self { Self(.ok, text, code) }
    /// It was understood and did not succeed.
    package static func no(_ text: String, _ code: ResponseCode? = nil) -> Self { Self(.no, text, code) }
    /// It was not understood, or not allowed now.
    package static func bad(_ text: String, _ code: ResponseCode? = nil) -> Self { Self(.bad, text, code) }
    /// SEARCH and its kin in a charset other than UTF-8 (RFC 3501 §6.4.4).
    package static let unknownCharset = Self(.no, "Charset not supported", .badCharset(["UTF-8", "US-ASCII"]))
    /// The connection is about to be closed.
    package static func bye(_ text: String, _ code: ResponseCode? = nil) -> Self { Self(.bye, text, code) }
}

/// A response code in brackets (RFC 3501 §7.1, RFC 5530 and the extensions named).
package enum ResponseCode: Equatable, Sendable {
    // RFC 3501.
    case alert
    case badCharset([String])
    /// The names of `Capability.names(in:)`.
    case capability([String])
    case parse
    /// Flags and keywords that can be set for good; `\*` if new keywords can be made.
    case permanentFlags(FlagList, allowsNewKeywords: Bool)
    case readOnly
    case readWrite
    case tryCreate
    case uidNext(UID)
    case uidValidity(UInt32)
    case unseen(UInt32)

    // RFC 4315, RFC 7162, RFC 5182, RFC 3516, RFC 4978, RFC 5466, RFC 8474, RFC 8437, RFC 6154.
    case appendUID(uidValidity: UInt32, [UID])
    /// The UIDs in the order in which they were copied, source and destination side by side.
    case copyUID(uidValidity: UInt32, from: [UID], to: [UID])
    case uidNotSticky
    case highestModSequence(ModSequence)
    case noModSequence
    /// UIDs, or sequence numbers for STORE without UID.
    case modified(NumberSet)
    case closed
    case notSaved
    case unknownCTE
    case tooBig
    case mailboxID(String)
    case useAttribute

    // RFC 5464 §4.3, §4.2.1, RFC 9585.
    /// The longest value that is taken.
    case metadataMaximumSize(Int)
    case metadataTooMany
    /// Values were left out; the longest has so many octets.
    case metadataLongEntries(Int)
    /// How far the command of a tag is; of how many, if that is known.
    case inProgress(tag: String, done: Int, of: Int?)

    // RFC 5465.
    /// An event is not supported; lists those that are.
    case badEvent(MailboxEvents)
    /// More than can be told; nothing is any more.
    case notificationOverflow

    // RFC 5530.
    case unavailable
    case authenticationFailed
    case authorizationFailed
    case expired
    case privacyRequired
    case contactAdmin
    case noPermission
    case inUse
    case expungeIssued
    case corruption
    case serverBug
    case clientBug
    case cannot
    case limit
    case overQuota
    case alreadyExists
    case nonExistent
    case hasChildren
}
