package import Desk
package import MailTypes

/// What keeping the desk's people, pools and mailboxes needs of the database.
package protocol RosterTransaction {
    /// The desk as it was last applied, in canonical text; `nil` before the first time.
    func storedDefinition() throws -> String?
    func storeDefinition(_ text: String) throws

    func agents() throws -> [AgentRow]
    /// A new account, which counts all mail so far as read.
    func insertAgent(login: String) throws -> AgentID
    /// Writes login, activity, memberships, choice of cards, and what is at least the UIDVALIDITY.
    func update(_ agent: AgentRow) throws
    /// At least these are UIDVALIDITYs since it changed whether an agent sees cases of colleagues in a pool.
    func sightValidities() throws -> [AgentID: [PoolID: UInt32]]
    func setSightValidity(_ validity: UInt32, of pool: PoolID, for agent: AgentID) throws
    func setCredential(_ verifier: String, of agent: AgentID) throws
    /// The account of a folded login, with its verifier.
    func credential(foldedLogin: String) throws -> (agent: AgentID, isActive: Bool, verifier: String?)?

    func parts(_ kind: DeskPart) throws -> [PartRow]
    func insertPart(_ kind: DeskPart, name: String) throws -> Int64
    func update(_ part: PartRow, of kind: DeskPart) throws

    func systemMailboxes() throws -> [MailboxKind: MailboxID]
    func insertMailbox(_ kind: MailboxKind, uidValidity: UInt32) throws -> MailboxID
    /// A mailbox of the system is not there any more, nor are subscriptions to it and annotations on it.
    func retireMailbox(_ mailbox: MailboxID) throws
    /// Whether no case lies in the mailbox.
    func isEmpty(_ mailbox: MailboxID) throws -> Bool
    /// Cases of a pool that have a status, above a number, in order.
    func tickets(
        of pool: PoolID, in status: TicketStatus, above ticket: TicketNumber, limit: Int
    ) throws -> [TicketNumber]
    /// Closed cases of an agent above a number, in order, with the moment of closing.
    func closedTickets(of agent: AgentID, above ticket: TicketNumber, limit: Int) throws
        -> [(ticket: TicketNumber, at: Timestamp)]
    /// Runs after the commit, on the committing thread, in the order of the commits.
    func afterCommit(_ action: @escaping @Sendable () -> Void)
    /// A UIDVALIDITY greater than all before: max(last + 1, seconds now).
    func takeUIDValidity(at now: Timestamp) throws -> UInt32
    /// Cases of an agent in these statuses.
    func tickets(of agent: AgentID, in statuses: [TicketStatus]) throws -> [Ticket]
    /// Messages that lie in a mailbox and count for one of these numbers there, in the order of their UIDs.
    func messages(in mailbox: MailboxID, of pools: [PoolID]) throws -> [MessageKey]
    /// Cases whose primary place is this mailbox.
    func tickets(in mailbox: MailboxID) throws -> [Ticket]

    /// How often the database was opened by a server: a copy put back is older than the mark beside it (DESIGN §7).
    func generation() throws -> Int64
    func setGeneration(_ generation: Int64) throws
    /// After a restore: every mailbox gets a new UIDVALIDITY, and case numbers skip ahead.
    func renewAfterRestore(uidValidity: UInt32, skippingNumbers: Int64) throws
    /// Drops some of the staged content that nobody finished and of the tombstones that are older; answers how many. To
    /// be called again until nothing is left to drop.
    func sweep(stagedBefore: Timestamp, expungedBefore: Timestamp) throws -> Int
}

/// An account as the database has it.
package struct AgentRow: Sendable, Equatable {
    package var id: AgentID
    package var login: String
    package var isActive: Bool
    package var hasCredential: Bool
    package var joinedAfter: MessageKey
    package var viewValidity: UInt32
    /// What the agent may read, as text: a change renews the shared mailboxes for this agent.
    package var memberships: String
    /// The language that the account sees cards in, as `CardChoice.kept` has it; empty before it was first asked.
    package var cards: String
    /// Raised when what cards the agent sees changes.
    package var cardValidity: UInt32

    package init(
        id: AgentID, login: String, isActive: Bool, hasCredential: Bool, joinedAfter: MessageKey, viewValidity: UInt32,
        memberships: String, cards: String, cardValidity: UInt32
    ) {
        (self.cards, self.cardValidity) = (cards, cardValidity)
        (self.id, self.login, self.isActive, self.hasCredential) = (id, login, isActive, hasCredential)
        (self.joinedAfter, self.viewValidity, self.memberships) = (joinedAfter, viewValidity, memberships)
    }
}

/// The kinds of named parts that have numbers of their own.
package enum DeskPart: Sendable, CaseIterable {
    case pool, group, department, folder
}

/// A named part as the database has it.
package struct PartRow: Sendable, Equatable {
    package var id: Int64
    package var name: String
    package var isActive: Bool
    package init(id: Int64, name: String, isActive: Bool) { (self.id, self.name, self.isActive) = (id, name, isActive) }
}
