/// The flags of a message that have a fixed meaning, as bits: the system flags of RFC 9051 §2.3.2 and the keywords that
/// do not mean a tag of the case (DESIGN §3). All other keywords are text.
package struct Flags: OptionSet, Hashable, Sendable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }

    package static let seen = Flags(rawValue: 1 << 0)
    package static let answered = Flags(rawValue: 1 << 1)
    package static let flagged = Flags(rawValue: 1 << 2)
    package static let deleted = Flags(rawValue: 1 << 3)
    package static let draft = Flags(rawValue: 1 << 4)
    package static let forwarded = Flags(rawValue: 1 << 5)
    package static let junk = Flags(rawValue: 1 << 6)
    package static let nonJunk = Flags(rawValue: 1 << 7)
    package static let dollarJunk = Flags(rawValue: 1 << 8)
    package static let dollarNotJunk = Flags(rawValue: 1 << 9)
    package static let mdnSent = Flags(rawValue: 1 << 10)
    package static let phishing = Flags(rawValue: 1 << 11)
    package static let submitPending = Flags(rawValue: 1 << 12)
    package static let submitted = Flags(rawValue: 1 << 13)
    package static let label4 = Flags(rawValue: 1 << 14)
    package static let label5 = Flags(rawValue: 1 << 15)
    /// Marks that mail programs set by themselves, seen in practice: an agent's own, or every program would tag the cases
    /// of all.
    package static let old = Flags(rawValue: 1 << 16)
    package static let notJunk = Flags(rawValue: 1 << 17)
    package static let junkRecorded = Flags(rawValue: 1 << 18)
    package static let mailFlagBit0 = Flags(rawValue: 1 << 19)
    package static let mailFlagBit1 = Flags(rawValue: 1 << 20)
    package static let mailFlagBit2 = Flags(rawValue: 1 << 21)
    package static let hasAttachment = Flags(rawValue: 1 << 22)
    package static let hasNoAttachment = Flags(rawValue: 1 << 23)
    package static let attention = Flags(rawValue: 1 << 24)
    package static let redirected = Flags(rawValue: 1 << 25)
    package static let kmailForwarded = Flags(rawValue: 1 << 26)
    package static let kmailWatched = Flags(rawValue: 1 << 27)
    package static let kmailIgnored = Flags(rawValue: 1 << 28)

    /// Flags that belong to the message and are shared by all agents; every other bit belongs to one agent.
    package static let shared: Flags = [.answered, .forwarded]
    /// Flags that follow the agent, not the message.
    package static let personal: Flags = Flags(rawValue: (1 << 29) - 1).subtracting(.shared)

    /// Every flag with its spelling on the wire, in the order in which FLAGS lists it.
    package static let spellings: [(flag: Flags, text: String)] = [
        (.answered, "\\Answered"), (.flagged, "\\Flagged"), (.deleted, "\\Deleted"), (.seen, "\\Seen"),
        (.draft, "\\Draft"), (.forwarded, "$Forwarded"), (.junk, "Junk"), (.nonJunk, "NonJunk"), (.dollarJunk, "$Junk"),
        (.dollarNotJunk, "$NotJunk"), (.mdnSent, "$MDNSent"), (.phishing, "$Phishing"),
        (.submitPending, "$SubmitPending"), (.submitted, "$Submitted"), (.label4, "$label4"), (.label5, "$label5"),
        (.old, "Old"), (.notJunk, "NotJunk"), (.junkRecorded, "JunkRecorded"), (.mailFlagBit0, "$MailFlagBit0"),
        (.mailFlagBit1, "$MailFlagBit1"), (.mailFlagBit2, "$MailFlagBit2"), (.hasAttachment, "$HasAttachment"),
        (.hasNoAttachment, "$HasNoAttachment"), (.attention, "$ATTENTION"), (.redirected, "Redirected"),
        (.kmailForwarded, "KMAILFORWARDED"), (.kmailWatched, "KMAILWATCHED"), (.kmailIgnored, "KMAILIGNORED"),
    ]

    /// The bit of a flag as a client spells it, in any case; `nil` for a keyword that is text.
    package init?(spelling: some StringProtocol) {
        guard let flag = Self.byFoldedSpelling[spelling.lowercased()] else { return nil }
        self = flag
    }

    private static let byFoldedSpelling = Dictionary(
        uniqueKeysWithValues: spellings.map { ($0.text.lowercased(), $0.flag) })
}

/// A unique identifier of a message in a mailbox (RFC 9051 §2.3.1.1): never 0, never reused under one UIDVALIDITY.
package struct UID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: UInt32
    package init(_ number: UInt32) { self.number = number }
    package static func < (left: UID, right: UID) -> Bool { left.number < right.number }
    package var description: String { String(number) }
}

/// A mod-sequence (RFC 7162): grows with every change of the desk; 63 bits.
package struct ModSequence: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int64
    package init(_ number: Int64) { self.number = number }
    package static func < (left: ModSequence, right: ModSequence) -> Bool { left.number < right.number }
    package var description: String { String(number) }
}
