/// LIST, LSUB or XLIST (RFC 3501 §6.3.8, RFC 5258, RFC 5819, RFC 6154).
package struct ListCommand: Equatable, Sendable {
    /// Answers carry the name of the command.
    package enum Kind: Equatable, Sendable { case list, lsub, xlist }

    package var kind: Kind
    package var selection: ListSelectionOptions
    /// As given; it already stands before each of `patterns`.
    package var reference: String
    package var patterns: [MailboxPattern]
    package var returnOptions: ListReturnOptions
    /// `RETURN (STATUS (…))` (RFC 5819).
    package var statusItems: StatusItems?
    /// The extended syntax was used: selection options, several patterns or RETURN. An empty pattern asks for the
    /// hierarchy delimiter only without it (RFC 5258 §3).
    package var isExtended: Bool

    package init(
        _ kind: Kind = .list, reference: String = "", patterns: [MailboxPattern], selection: ListSelectionOptions = [],
        returnOptions: ListReturnOptions = [], statusItems: StatusItems? = nil, isExtended: Bool = false
    ) {
        (self.kind, self.reference, self.patterns, self.selection) = (kind, reference, patterns, selection)
        (self.returnOptions, self.statusItems, self.isExtended) = (returnOptions, statusItems, isExtended)
    }

    /// `LIST "" ""`, or with a reference: only the delimiter and the root are asked for (RFC 3501 §6.3.8).
    package var asksForDelimiter: Bool { !isExtended && patterns.count == 1 && patterns[0].isEmptyRequest }
}

/// Which mailboxes LIST shows (RFC 5258 §3.1, RFC 6154 §2).
package struct ListSelectionOptions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let subscribed = ListSelectionOptions(rawValue: 1 << 0)
    package static let remote = ListSelectionOptions(rawValue: 1 << 1)
    package static let recursiveMatch = ListSelectionOptions(rawValue: 1 << 2)
    package static let specialUse = ListSelectionOptions(rawValue: 1 << 3)
}

/// What LIST says of each mailbox (RFC 5258 §3.2, RFC 6154 §2).
package struct ListReturnOptions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let subscribed = ListReturnOptions(rawValue: 1 << 0)
    package static let children = ListReturnOptions(rawValue: 1 << 1)
    package static let specialUse = ListReturnOptions(rawValue: 1 << 2)
}

/// A special use (RFC 6154 §2, RFC 8457).
package enum SpecialUse: String, Equatable, Sendable, CaseIterable {
    case all = "\\All"
    case archive = "\\Archive"
    case drafts = "\\Drafts"
    case flagged = "\\Flagged"
    case important = "\\Important"
    case junk = "\\Junk"
    case sent = "\\Sent"
    case trash = "\\Trash"
}

/// The attributes of a mailbox in a LIST response (RFC 3501 §7.2.2, RFC 3348, RFC 5258 §4).
package struct MailboxAttributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let noInferiors = MailboxAttributes(rawValue: 1 << 0)
    package static let noSelect = MailboxAttributes(rawValue: 1 << 1)
    package static let marked = MailboxAttributes(rawValue: 1 << 2)
    package static let unmarked = MailboxAttributes(rawValue: 1 << 3)
    package static let hasChildren = MailboxAttributes(rawValue: 1 << 4)
    package static let hasNoChildren = MailboxAttributes(rawValue: 1 << 5)
    package static let nonExistent = MailboxAttributes(rawValue: 1 << 6)
    package static let subscribed = MailboxAttributes(rawValue: 1 << 7)
    package static let remote = MailboxAttributes(rawValue: 1 << 8)
    package static let all = MailboxAttributes(rawValue: 1 << 16)
    package static let archive = MailboxAttributes(rawValue: 1 << 17)
    package static let drafts = MailboxAttributes(rawValue: 1 << 18)
    package static let flagged = MailboxAttributes(rawValue: 1 << 19)
    package static let important = MailboxAttributes(rawValue: 1 << 20)
    package static let junk = MailboxAttributes(rawValue: 1 << 21)
    package static let sent = MailboxAttributes(rawValue: 1 << 22)
    package static let trash = MailboxAttributes(rawValue: 1 << 23)

    /// The attribute of a special use.
    package init(_ use: SpecialUse) {
        switch use {
        case .all: self = .all
        case .archive: self = .archive
        case .drafts: self = .drafts
        case .flagged: self = .flagged
        case .important: self = .important
        case .junk: self = .junk
        case .sent: self = .sent
        case .trash: self = .trash
        }
    }

    /// Every attribute with its name on the wire.
    package static let names: [(attribute: MailboxAttributes, name: String)] = [
        (.noInferiors, "\\Noinferiors"), (.noSelect, "\\Noselect"), (.marked, "\\Marked"), (.unmarked, "\\Unmarked"),
        (.hasChildren, "\\HasChildren"), (.hasNoChildren, "\\HasNoChildren"), (.nonExistent, "\\NonExistent"),
        (.subscribed, "\\Subscribed"), (.remote, "\\Remote"), (.all, "\\All"), (.archive, "\\Archive"),
        (.drafts, "\\Drafts"), (.flagged, "\\Flagged"), (.important, "\\Important"), (.junk, "\\Junk"),
        (.sent, "\\Sent"), (.trash, "\\Trash"),
    ]
}
