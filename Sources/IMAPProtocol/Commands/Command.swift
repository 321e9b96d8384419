package import MailTypes

/// A command as the client gave it (RFC 3501 §6), without its tag. APPEND is missing here: its content streams, so it
/// reaches the session as events of its own (`CommandEvent.appendBegan`).
package enum Command: Equatable, Sendable {
    // Any state (RFC 3501 §6.1).
    case capability
    case noop
    case logout
    /// ID (RFC 2971); `nil` for `ID NIL`.
    case id([IDField]?)

    // Not authenticated (RFC 3501 §6.2).
    /// STARTTLS. The decoder stands still behind it until `startTLSAccepted()` or `startTLSRefused()`.
    case startTLS
    case login(user: String, password: Credential)
    /// AUTHENTICATE, the mechanism in upper case, with the initial response of SASL-IR (RFC 4959), decoded, if given.
    /// What the client says next arrives as `CommandEvent.authenticationResponse`.
    case authenticate(mechanism: String, initialResponse: Credential?)

    // Authenticated (RFC 3501 §6.3).
    /// ENABLE (RFC 5161) with the names in upper case.
    case enable([String])
    /// SELECT, or EXAMINE by `isReadOnly`.
    case select(SelectCommand)
    /// CREATE, with the uses asked for by `(USE (\Trash))` (RFC 6154 §3).
    case create(MailboxName, specialUses: [SpecialUse])
    case delete(MailboxName)
    case rename(from: MailboxName, to: MailboxName)
    case subscribe(MailboxName)
    case unsubscribe(MailboxName)
    /// LIST with its extensions, LSUB and XLIST.
    case list(ListCommand)
    case namespace
    /// NOTIFY (RFC 5465).
    case notify(NotifyCommand)
    case status(MailboxName, StatusItems)
    case quota(QuotaCommand)
    case acl(ACLCommand)
    case metadata(MetadataCommand)
    /// IDLE (RFC 2177). Its end arrives as `CommandEvent.idleDone`.
    case idle

    // Selected (RFC 3501 §6.4).
    case check
    case close
    case unselect
    /// EXPUNGE, or UID EXPUNGE (RFC 4315) with the set it is confined to.
    case expunge(uids: SequenceSet?)
    case search(SearchCommand)
    case sort(SortCommand)
    case thread(ThreadCommand)
    case fetch(FetchCommand)
    case store(StoreCommand)
    case copy(MessageSet, to: MailboxName)
    case move(MessageSet, to: MailboxName)
}

/// One pair of an ID command (RFC 2971 §3.3); the value is `nil` for NIL.
package struct IDField: Equatable, Sendable {
    package var name: String
    package var value: String?

    package init(_ name: String, _ value: String?) {
        (self.name, self.value) = (name, value)
    }
}

/// Octets that no log may show: a password, a SASL response. Descriptions and mirrors of it say only that it is there.
package struct Credential: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    /// As they were given.
    package let octets: [UInt8]

    package init(_ octets: [UInt8]) { self.octets = octets }

    /// The octets as text, if they are UTF-8.
    package var text: String? { String(validating: octets, as: UTF8.self) }

    package var description: String { "<credential>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// SELECT or EXAMINE with their parameters.
package struct SelectCommand: Equatable, Sendable {
    package var mailbox: MailboxName
    /// EXAMINE.
    package var isReadOnly: Bool
    /// `(CONDSTORE)` was given (RFC 7162 §3.1.8).
    package var isCondstore: Bool
    /// `(QRESYNC (...))` (RFC 7162 §3.2.5).
    package var resynchronization: Resynchronization?

    package init(
        _ mailbox: MailboxName, isReadOnly: Bool = false, isCondstore: Bool = false,
        resynchronization: Resynchronization? = nil
    ) {
        (self.mailbox, self.isReadOnly, self.isCondstore) = (mailbox, isReadOnly, isCondstore)
        self.resynchronization = resynchronization
    }

    /// What a client knows of a mailbox from before (RFC 7162 §3.2.5).
    package struct Resynchronization: Equatable, Sendable {
        package var uidValidity: UInt32
        package var modSequence: ModSequence
        package var knownUIDs: SequenceSet?
        /// Sequence numbers and the UIDs they had, for finding what is still in step (§3.2.5.2).
        package var match: Match?

        /// Two sets of equal length, in step.
        package struct Match: Equatable, Sendable {
            package var sequenceNumbers: SequenceSet
            package var uids: SequenceSet

            package init(sequenceNumbers: SequenceSet, uids: SequenceSet) {
                (self.sequenceNumbers, self.uids) = (sequenceNumbers, uids)
            }
        }

        package init(
            uidValidity: UInt32, modSequence: ModSequence, knownUIDs: SequenceSet? = nil, match: Match? = nil
        ) {
            (self.uidValidity, self.modSequence) = (uidValidity, modSequence)
            (self.knownUIDs, self.match) = (knownUIDs, match)
        }
    }
}

/// What STATUS is asked for (RFC 3501 §6.3.10 and later items). Answers come in the order of the bits.
package struct StatusItems: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let messages = StatusItems(rawValue: 1 << 0)
    package static let recent = StatusItems(rawValue: 1 << 1)
    package static let uidNext = StatusItems(rawValue: 1 << 2)
    package static let uidValidity = StatusItems(rawValue: 1 << 3)
    package static let unseen = StatusItems(rawValue: 1 << 4)
    /// RFC 8438.
    package static let size = StatusItems(rawValue: 1 << 5)
    /// RFC 9051 §6.3.11.
    package static let deleted = StatusItems(rawValue: 1 << 6)
    /// RFC 7162 §3.1.7.
    package static let highestModSequence = StatusItems(rawValue: 1 << 7)
    /// RFC 8474 §4.3.
    package static let mailboxID = StatusItems(rawValue: 1 << 8)
    /// RFC 7889.
    package static let appendLimit = StatusItems(rawValue: 1 << 9)

    /// RFC 9208 §4.1.4.
    package static let deletedStorage = StatusItems(rawValue: 1 << 10)

    /// Every item with its name on the wire.
    package static let names: [(item: StatusItems, name: String)] = [
        (.messages, "MESSAGES"), (.recent, "RECENT"), (.uidNext, "UIDNEXT"), (.uidValidity, "UIDVALIDITY"),
        (.unseen, "UNSEEN"), (.size, "SIZE"), (.deleted, "DELETED"), (.highestModSequence, "HIGHESTMODSEQ"),
        (.mailboxID, "MAILBOXID"), (.appendLimit, "APPENDLIMIT"), (.deletedStorage, "DELETED-STORAGE"),
    ]
}
