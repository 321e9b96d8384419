package import Desk
package import Gateway
package import MailTypes

/// What to read of each message; flags and mod-sequences always come.
package struct MessageColumns: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Size, dates, content.
    package static let facts = MessageColumns(rawValue: 1)
    package static let envelope = MessageColumns(rawValue: 2)
    package static let structure = MessageColumns(rawValue: 4)
    package static let header = MessageColumns(rawValue: 8)
    /// When the message came into the mailbox.
    package static let saveDate = MessageColumns(rawValue: 16)
    /// The folded header fields and the folded text, of messages that the index has whole.
    package static let folded = MessageColumns(rawValue: 32)
    package static let preview = MessageColumns(rawValue: 64)
    /// Of `.folded` the header fields only.
    package static let foldedHead = MessageColumns(rawValue: 128)
}

/// A message under a UID, as one agent sees it.
package struct MessageRow: Sendable {
    package var uid: UInt32 = 0
    package var message = MessageKey(rawValue: 0)
    package var ticket: TicketNumber?
    package var pool = PoolID.none
    package var isCard = false
    /// Shared and personal flags together, and what the case's marks show.
    package private(set) var flags: Flags = []
    /// Tags of the case, or keywords of the agent's own mail, separated by spaces; and what the case's marks show.
    package private(set) var keywords: String?
    /// What is shown without that anybody set it.
    package private(set) var marks: CaseMarks = []
    /// The flags that somebody set.
    package private(set) var ownFlags: Flags = []
    /// The keywords that somebody set.
    package private(set) var ownKeywords: String?
    package var sharedModSequence: Int64 = 0
    package var personalModSequence: Int64 = 0

    // With `.facts`.
    package var size = 0
    package var headerSize = 0
    package var internalDate = Timestamp(microseconds: 0)
    package var sentAt: Timestamp?
    package var emailID: Int64 = 0
    /// The case that the mail was filed to first, for copies of it, too: its THREADID (RFC 8474 §5.2).
    package var thread: TicketNumber?
    package var content = ContentID(rawValue: 0)
    package var bodyOffset = 0

    /// With `.saveDate`.
    package var savedAt = Timestamp(microseconds: 0)

    package var envelope: [UInt8] = []
    package var structure: [UInt8] = []
    package var header: [UInt8] = []
    /// With `.folded` or `.foldedHead`; `nil` where the index has not all of it.
    package var folded: SearchTexts?
    /// With `.preview`; `nil` where it is not made yet.
    package var preview: String?

    package init() {}

    /// The greater of the shared and the agent's own (DESIGN §3).
    package var modSequence: ModSequence { ModSequence(max(sharedModSequence, personalModSequence)) }
    /// The keywords one by one.
    package var keywordList: [String] { Self.list(keywords) }
    /// Those that somebody set, one by one.
    package var ownKeywordList: [String] { Self.list(ownKeywords) }

    private static func list(_ keywords: String?) -> [String] {
        guard let keywords, !keywords.isEmpty else { return [] }
        return keywords.split(separator: " ").map(String.init)
    }

    /// The keyword of the first tag that mail programs know: Thunderbird shows it red.
    package static let overdueKeyword = "$label1"

    /// Sets what somebody set and what the marks show beside it (DESIGN §3).
    package mutating func show(_ flags: Flags, keywords: String?, marks: CaseMarks) {
        (self.flags, self.keywords, ownFlags, ownKeywords, self.marks) = (flags, keywords, flags, keywords, marks)
        guard !marks.isEmpty else { return }
        self.flags.insert(.flagged)
        guard marks.contains(.overdue),
            !ownKeywordList.contains(where: { $0.lowercased() == Self.overdueKeyword })
        else { return }
        self.keywords = keywords.flatMap { $0.isEmpty ? nil : "\($0) \(Self.overdueKeyword)" } ?? Self.overdueKeyword
    }
}

/// The selection of messages that an agent sees in a mailbox: those of the pools that the agent may read.
package struct MailboxView: Sendable, Equatable {
    package let mailbox: MailboxID
    package let kind: MailboxKind
    /// Ascending; 0 stands for mail without a pool.
    package let pools: [PoolID]
    package let agent: AgentID
    /// Messages up to this one count as `\Seen` where the agent has no flags of them.
    package let joinedAfter: MessageKey

    package init(mailbox: MailboxID, kind: MailboxKind, roster: Roster, agent: Roster.Agent) {
        (self.mailbox, self.kind) = (mailbox, kind)
        let visible = roster.visiblePools(in: kind, for: agent)
        let cards = agent.cardLanguage.map { language in visible.map { $0.ofCards(in: language) } } ?? []
        pools = (visible + cards).sorted()
        (self.agent, joinedAfter) = (agent.id, agent.joinedAfter)
    }
}

extension MailboxView {
    /// Not the agent's own mailbox: what is shown depends on memberships.
    package var isForeign: Bool { kind.class.isShared || kind.owner != agent }

    /// The UIDVALIDITY for its agent, given the mailbox's own.
    package func uidValidity(_ stored: UInt32, for person: Roster.Agent) -> UInt32 {
        if kind.class == .sharedTemplates { return stored }
        if isForeign { return max(stored, person.viewValidity, person.cardValidity, sightValidity(for: person)) }
        return kind.class.holdsCases ? max(stored, person.cardValidity) : stored
    }

    /// Of mailboxes that show cases of colleagues, since it changed whether the agent sees them (`membersSee`). What a
    /// pool's view holds comes or goes as a whole then, however much it is, and clients keep all other mailboxes.
    private func sightValidity(for person: Roster.Agent) -> UInt32 {
        switch kind {
        case .pool(let pool): person.sightValidity[pool] ?? 0
        case .overdue, .inbox: person.sightValidity.values.max() ?? 0
        default: 0
        }
    }
}
