package import Desk
package import MailTypes

/// What work on cases needs of the database. Mailboxes given together are worked in ascending order by the caller, so
/// that two nodes on one database never wait for each other in a circle.
package protocol CaseTransaction {
    /// What the transaction changed, for the feed; collected over its life and published after the commit.
    func note(_ change: Change)

    func ticket(_ number: TicketNumber) throws -> Ticket?
    /// Writes everything that can change: all but number, address, root token and `openedAt`.
    func update(_ ticket: Ticket) throws
    func record(_ event: TicketEvent) throws
    /// The next mod-sequence: take one per transaction and use it for everything that changes in it.
    func takeModSequence() throws -> ModSequence

    /// The messages of a case in the order in which they were filed.
    func messages(of ticket: TicketNumber) throws -> [MessageKey]
    /// Puts messages into a mailbox under fresh UIDs, ascending in the order given; answers them in that order.
    /// `now` is their save date there.
    func enter(
        _ messages: [MessageKey], into mailbox: MailboxID, pool: PoolID, at modSequence: ModSequence, now: Timestamp
    ) throws -> [UID]
    /// Takes messages out of a mailbox, leaving tombstones; those not there are passed over. Answers the UIDs that went.
    func leave(_ messages: [MessageKey], from mailbox: MailboxID, at modSequence: ModSequence, now: Timestamp) throws
        -> [UID]
    /// Gives messages another pool (a case changed pool): the rows of `message`, not their entries.
    func setPool(_ pool: PoolID, of messages: [MessageKey]) throws
    /// Replaces the shared keywords (tags) of all messages of the case and of the case itself.
    func setTags(_ tags: [String], of ticket: TicketNumber, at modSequence: ModSequence) throws
    func tags(of ticket: TicketNumber) throws -> [String]
    /// Sets shared flags (`\Answered`, `$Forwarded`) of a message and raises its mod-sequence wherever it lies.
    func addSharedFlags(_ flags: Flags, to message: MessageKey, at modSequence: ModSequence) throws

    /// Who follows the case.
    func followers(of ticket: TicketNumber) throws -> Set<AgentID>
    /// `false` where nothing changed.
    func setFollowing(_ follows: Bool, _ ticket: TicketNumber, by agent: AgentID) throws -> Bool
    /// Every mailbox in which a message of the case lies, of whatever kind.
    func mailboxes(of ticket: TicketNumber) throws -> Set<MailboxID>

    /// The case offered to an agent in Next, and to whom a case is offered.
    func offer(to agent: AgentID) throws -> Offer?
    func offer(of ticket: TicketNumber) throws -> Offer?
    func setOffer(_ offer: Offer) throws
    func removeOffer(to agent: AgentID) throws
    func expiredOffers(at now: Timestamp) throws -> [Offer]
    /// The oldest case, by the customer's last mail, that lies in New for a pool and is offered to nobody.
    func oldestUnoffered(in mailbox: MailboxID, pool: PoolID) throws -> TicketNumber?
}

/// A case offered to one agent alone until it expires.
package struct Offer: Sendable, Equatable {
    package var agent: AgentID
    package var ticket: TicketNumber
    package var expiresAt: Timestamp
    package init(agent: AgentID, ticket: TicketNumber, expiresAt: Timestamp) {
        (self.agent, self.ticket, self.expiresAt) = (agent, ticket, expiresAt)
    }
}

/// An event of a case: who, when, what, from, to, why. People are named by number, never by name.
package struct TicketEvent: Sendable, Equatable {
    package var ticket: TicketNumber
    package var at: Timestamp
    package var kind: EventKind
    package var agent: AgentID?
    package var message: MessageKey?
    package var from: String?
    package var to: String?
    package var reason: String?

    package init(
        ticket: TicketNumber, at: Timestamp, kind: EventKind, agent: AgentID? = nil, message: MessageKey? = nil,
        from: String? = nil, to: String? = nil, reason: String? = nil
    ) {
        (self.ticket, self.at, self.kind, self.agent) = (ticket, at, kind, agent)
        (self.message, self.from, self.to, self.reason) = (message, from, to, reason)
    }
}
