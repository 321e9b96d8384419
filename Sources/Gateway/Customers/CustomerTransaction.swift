package import Desk
import MailFormat
package import MailTypes

/// A customer as the desk knows one (FEATURES S38): what can be changed by hand, and who writes for them.
package struct Customer: Sendable, Equatable {
    package var id: CustomerID
    package var name: String?
    package var firm: String?
    package var phone: String?
    package var note: String?
    package var createdAt: Timestamp
    /// The customer that this one became part of.
    package var joinedInto: CustomerID?
    package var erasedAt: Timestamp?

    package init(
        id: CustomerID, name: String?, firm: String? = nil, phone: String? = nil, note: String? = nil,
        createdAt: Timestamp, joinedInto: CustomerID? = nil, erasedAt: Timestamp? = nil
    ) {
        (self.id, self.name, self.firm, self.phone, self.note) = (id, name, firm, phone, note)
        (self.createdAt, self.joinedInto, self.erasedAt) = (createdAt, joinedInto, erasedAt)
    }

    /// A name as searches compare it: `zolw` for `Żółw` (DESIGN §7).
    package static func searchKey(_ name: String) -> String { String(decoding: TextFolding.fold(name), as: UTF8.self) }
}

/// An address that a customer writes from.
package struct CustomerAddress: Sendable, Equatable {
    package var id: AddressID
    package var customer: CustomerID
    package var identity: String
    package var spelling: String
    package var displayName: String?
    /// Since when, and with which status, mail to it does not arrive; `nil`: it does, as far as is known.
    package var bouncedAt: Timestamp?
    package var bounceStatus: String?

    package init(id: AddressID, customer: CustomerID, identity: String, spelling: String, displayName: String?) {
        (self.id, self.customer, self.identity) = (id, customer, identity)
        (self.spelling, self.displayName) = (spelling, displayName)
    }
}

/// What was done to a customer's record; what it held before is not kept.
package struct CustomerEvent: Sendable, Equatable {
    package var customer: CustomerID
    package var at: Timestamp
    package var agent: AgentID?
    package var ticket: TicketNumber?
    package var what: String

    package init(customer: CustomerID, at: Timestamp, agent: AgentID?, ticket: TicketNumber? = nil, what: String) {
        (self.customer, self.at, self.agent, self.ticket, self.what) = (customer, at, agent, ticket, what)
    }
}

/// An entry of the log of who did what with whose data (DESIGN §10).
package struct AuditEntry: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable { case export, erase }
    package var at: Timestamp
    package var action: Action
    package var agent: AgentID?
    package var second: AgentID?
    /// A number or digest, never an address.
    package var subject: String

    package init(at: Timestamp, action: Action, agent: AgentID?, second: AgentID? = nil, subject: String) {
        (self.at, self.action, self.agent, self.second, self.subject) = (at, action, agent, second, subject)
    }
}

/// What keeping customers needs of the database.
package protocol CustomerTransaction {
    func customer(_ id: CustomerID) throws -> Customer?
    func insertCustomer(name: String?, at now: Timestamp) throws -> CustomerID
    /// Writes everything that can change.
    func update(_ customer: Customer) throws
    /// The addresses of a customer, the oldest first.
    func addresses(of customer: CustomerID) throws -> [CustomerAddress]
    func address(identity: String) throws -> CustomerAddress?
    /// Keeps an address that nobody has.
    func insertAddress(_ address: EmailAddress, of customer: CustomerID) throws
    /// Gives an address to another customer.
    func move(_ address: AddressID, to customer: CustomerID) throws
    /// Fields beside those of `Customer`.
    func fields(of customer: CustomerID) throws -> [String: String]
    /// `nil` removes the field.
    func setField(_ name: String, of customer: CustomerID, to value: String?) throws
    /// Marks the newest open cases of a customer, whose cards show what changed; answers where they lie.
    func markCards(ofCasesOf customer: CustomerID, at now: Timestamp) throws -> Set<MailboxID>
    func record(_ event: CustomerEvent) throws
    func record(_ entry: AuditEntry) throws
    /// Whether something was done already.
    func isAudited(_ action: AuditEntry.Action, subject: String) throws -> Bool

    /// The cases of a customer, the oldest first.
    func tickets(of customer: CustomerID) throws -> [Ticket]
    /// Cases in which an address took part, the oldest first.
    func tickets(with address: AddressID) throws -> [TicketNumber]
    /// Who opened a case: the author of its first mail from outside.
    func opener(of ticket: TicketNumber) throws -> AddressID?

    // MARK: - Erasing

    /// Every address, to find those that a ledger names by digests.
    func eachAddress(_ body: (CustomerAddress) throws -> Void) throws
    /// Messages of any case that somebody wrote.
    func messages(by address: AddressID) throws -> [MessageKey]
    /// Mail of agents' own that shares octets or Message-ID with mail of these customers' cases or by these addresses, answers
    /// it, or names one of these addresses in its header; and notices that list cases.
    func copies(
        ofCasesOf customers: [CustomerID], by addresses: [AddressID], naming identities: [String]
    ) throws -> [MessageKey]
    /// Cases whose cards name this one: linked, merged into it, or what it went into.
    func casesThatShow(_ ticket: TicketNumber) throws -> [TicketNumber]
    /// Has the cards of a case looked at.
    func markCards(of ticket: TicketNumber, at now: Timestamp) throws
    /// Takes every text out of the events of a case; what they say of statuses, people and places stays.
    /// Answers to some questions, by their names, stay, too; of others only that they were answered.
    func blankEvents(of ticket: TicketNumber, keepingAnswersTo questions: Set<String>) throws
    /// Takes what waits to leave out of the outbox, and what is kept of how the case's mail came and went.
    func dropMailRecords(of ticket: TicketNumber) throws
    /// Makes an address nobody's: its row stays for what refers to it.
    func blank(_ address: AddressID) throws
    /// Takes an address out of what is kept of refusals, automatic answers, deliveries and sent mail, and out of the events of
    /// the cases that it takes part in.
    func dropTraces(of address: CustomerAddress) throws
    /// Removes a message of an agent's own from every mailbox. Answers those that it lay in.
    func dropOwn(_ message: MessageKey, at modSequence: ModSequence, now: Timestamp) throws -> Set<MailboxID>
}
