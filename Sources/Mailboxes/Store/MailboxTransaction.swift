package import Desk
package import Gateway
package import MailTypes

/// What sessions need of the database beside what Gateway needs.
package protocol MailboxTransaction: DeskTransaction, TextTransaction {
    // MARK: Mailboxes

    /// Counters of a mailbox, summed over the pools that the agent sees; `nil` for a mailbox that is gone.
    func counters(of mailbox: MailboxID, pools: [PoolID]) throws -> MailboxCounters?
    /// The latest mod-sequence that was given out.
    func currentModSequence() throws -> ModSequence
    /// The highest mod-sequence among the agent's own flags.
    func highestModSequence(of agent: AgentID) throws -> ModSequence
    /// The mailboxes of an agent's own making, in the order of their paths.
    func ownMailboxes(of agent: AgentID) throws -> [OwnMailbox]
    func ownMailbox(_ path: OwnPath, of agent: AgentID) throws -> OwnMailbox?
    func createOwnMailbox(_ path: OwnPath, of agent: AgentID, now: Timestamp) throws -> MailboxID
    func rename(_ mailbox: MailboxID, to path: OwnPath) throws
    /// Takes a mailbox of an agent's own making away; its messages went before.
    func removeOwnMailbox(_ mailbox: MailboxID) throws
    /// Where the agent chose otherwise than the rule says.
    func subscriptions(of agent: AgentID) throws -> [MailboxID: Bool]
    func setSubscribed(_ isSubscribed: Bool, _ mailbox: MailboxID, by agent: AgentID) throws

    // MARK: What a view holds

    /// Every UID in ascending order.
    func eachUID(in view: MailboxView, above uid: UInt32, _ body: (UInt32) -> Void) throws
    /// The UIDs of a range as they were at a mod-sequence: those that are there, and those that went since.
    func eachUID(
        in view: MailboxView, _ range: ClosedRange<UInt32>, asOf modSequence: ModSequence, _ body: (UInt32) -> Void) throws
    /// How many messages of a view lie in each block of `UIDMap.blockSize` UIDs, ascending.
    func blockCounts(in view: MailboxView) throws -> [(block: UInt32, messages: Int)]
    /// The first message without `\Seen` among so many at the beginning.
    func firstUnseen(in view: MailboxView, among count: Int) throws -> UInt32?
    /// The messages that the agent marked `\Deleted`, ascending.
    func deletedUIDs(in view: MailboxView) throws -> [UInt32]
    /// Every message without `\Seen`.
    func eachUnseenUID(in view: MailboxView, _ body: (UInt32) -> Void) throws
    func counts(in view: MailboxView, _ wanted: CountsWanted, recentFrom: UInt32) throws -> FlagCounts
    /// The messages among `uids`, which ascend, in order; ends early when the closure says `false`.
    func eachMessage(
        _ uids: [UInt32], in view: MailboxView, _ columns: MessageColumns, _ body: (MessageRow) throws -> Bool) throws
    /// The keys of the messages among `uids`, which ascend, in order: `texts` come in the order asked for.
    func eachKeys(_ uids: [UInt32], in view: MailboxView, _ texts: [SortKeys.Text], _ body: (KeyRow) throws -> Void) throws
    /// Messages that came or changed after `modSequence`, for everybody or for the agent, ascending.
    func changedUIDs(in view: MailboxView, since modSequence: ModSequence) throws -> [UInt32]
    /// UIDs that went after `modSequence`, ascending.
    func goneUIDs(in view: MailboxView, since modSequence: ModSequence) throws -> [UInt32]
    /// What went at or before this mod-sequence may be forgotten.
    func tombstoneHorizon() throws -> ModSequence
    /// Which messages were under these UIDs, which are gone.
    func departed(_ uids: [UInt32], in view: MailboxView) throws -> [UInt32: MessageKey]
    func uids(of messages: [MessageKey], in mailbox: MailboxID) throws -> [MessageKey: UID]
    /// The case of a message.
    func ticket(of message: MessageKey) throws -> TicketNumber?
    /// Who made the latest event of a case that a person made.
    func latestActor(in ticket: TicketNumber) throws -> AgentID?

    // MARK: Flags

    /// Writes the flags that all share; raises the mod-sequence wherever the message lies. Answers in which mailboxes.
    func setSharedFlags(
        _ flags: Flags, of message: MessageKey, at modSequence: ModSequence
    ) throws -> [MailboxID]
    /// Keywords in use, the newest of the desk's cases and of the agent's own mail, so many of each at most.
    func keywords(of agent: AgentID, limit: Int) throws -> [String]
    /// Writes the keywords of a mail that is part of no case; answers where it lies.
    func setKeywords(_ keywords: [String], of message: MessageKey, at modSequence: ModSequence) throws -> [MailboxID]

    // MARK: An agent's own mail

    /// A second message with the same octets, as the agent's own.
    func duplicate(_ message: MessageKey, for agent: AgentID, at modSequence: ModSequence) throws -> MessageKey
    /// A mail of no case is the agent's own from now on, whosever it was.
    func adopt(_ message: MessageKey, by agent: AgentID) throws
    /// The lowest UIDs of a mailbox and their messages, for emptying it piece by piece.
    func contents(of mailbox: MailboxID, limit: Int) throws -> [MessageKey]
    /// What an agent's own mail takes, kept by every transaction that changes it.
    func ownMail(of agent: AgentID) throws -> OwnMailUsage

    // MARK: Annotations (RFC 5464)

    /// The annotations of an agent on a mailbox, or on the server, by name.
    func annotations(of object: AnnotatedObject, by agent: AgentID) throws -> [Annotation]
    /// All annotations of an agent, each with what it is about.
    func eachAnnotation(of agent: AgentID, _ body: (_ object: Int64, Annotation) throws -> Void) throws
    /// How many an agent has in all, and how many octets their values have.
    func annotationUsage(of agent: AgentID) throws -> (count: Int, octets: Int)
    /// `nil` removes it.
    func setAnnotation(_ value: [UInt8]?, named entry: String, of object: AnnotatedObject, by agent: AgentID) throws
}

/// What a mailbox counts, as one agent sees it.
package struct MailboxCounters: Sendable, Equatable {
    package var uidValidity: UInt32
    package var messages: Int
    package var uidHighest: UInt32
    package var modSequenceHighest: ModSequence

    package init(uidValidity: UInt32, messages: Int, uidHighest: UInt32, modSequenceHighest: ModSequence) {
        (self.uidValidity, self.messages) = (uidValidity, messages)
        (self.uidHighest, self.modSequenceHighest) = (uidHighest, modSequenceHighest)
    }
}

/// A mailbox that an agent made.
package struct OwnMailbox: Sendable, Equatable {
    package var id: MailboxID
    package var path: OwnPath
    package init(id: MailboxID, path: OwnPath) { (self.id, self.path) = (id, path) }
}

/// What STATUS must count by looking at messages.
package struct CountsWanted: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let deleted = CountsWanted(rawValue: 1)
    package static let size = CountsWanted(rawValue: 2)
    package static let recent = CountsWanted(rawValue: 4)
}

/// What was counted.
package struct FlagCounts: Sendable, Equatable {
    package var deleted = 0
    package var size: Int64 = 0
    /// Octets of what is marked `\Deleted`.
    package var deletedSize: Int64 = 0
    package var recent = 0
    package init() {}
}
