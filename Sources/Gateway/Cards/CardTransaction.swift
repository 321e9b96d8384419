package import Desk
package import MailTypes

/// What making cards needs of the database. Every event of a case marks its cards, in the transaction that records it;
/// what is done behind the commit is to look at marked cases.
package protocol CardTransaction {
    /// Marks that are due, the longest due first.
    func cardMarks(dueAt now: Timestamp, limit: Int) throws -> [CardMark]
    func cardMark(of ticket: TicketNumber) throws -> CardMark?
    func nextCardMark() throws -> Timestamp?
    /// Takes the mark of a case away, unless the case changed since it was read; says whether it did.
    func removeCardMark(_ mark: CardMark) throws -> Bool
    /// Puts a mark off; its events up to this one are told.
    func putOff(_ mark: CardMark, until moment: Timestamp, toldUpTo event: Int64) throws
    /// What cards of the case show; `nil` for a case that is not there.
    func cardFacts(of ticket: TicketNumber) throws -> CardFacts?
    func cards(of ticket: TicketNumber) throws -> [CardRow]
    /// Writes the row of a card, in place of the one of its language.
    func setCard(_ card: CardRow) throws
    func removeCard(of ticket: TicketNumber, in language: Language) throws
    /// Deletes a card's message, which lies in no mailbox any more.
    func discardCard(_ message: MessageKey) throws
    /// The mailboxes in which mail of the case lies, cards aside.
    func mailboxesOfMail(of ticket: TicketNumber) throws -> Set<MailboxID>
    /// Events of a case from this one on, in order.
    func events(of ticket: TicketNumber, from event: Int64, limit: Int) throws -> [(id: Int64, event: TicketEvent)]
    /// The languages that cards are made in, and how far the open cases were marked when each came; `nil`: all.
    func cardLanguages() throws -> [Language: TicketNumber?]
    /// Makes the languages in use those; a new one has no open case marked.
    func setCardLanguages(_ languages: Set<Language>) throws
    /// Marks the next open cases for a language that came; answers how many.
    func markOpenCases(for language: Language, limit: Int, at now: Timestamp) throws -> Int
}

/// A case whose cards are to be looked at.
package struct CardMark: Sendable, Equatable {
    /// The least time between two cards of a case.
    package static let pause = Duration.seconds(5)

    package var ticket: TicketNumber
    package var dueAt: Timestamp
    /// How often the case changed since it was marked.
    package var changes: Int64
    /// The first event that no message tells of.
    package var firstEvent: Int64

    package init(ticket: TicketNumber, dueAt: Timestamp, changes: Int64, firstEvent: Int64) {
        (self.ticket, self.dueAt, self.changes, self.firstEvent) = (ticket, dueAt, changes, firstEvent)
    }
}

/// A card that is there.
package struct CardRow: Sendable, Equatable {
    package var ticket: TicketNumber
    package var language: Language
    package var message: MessageKey
    /// Of what it shows.
    package var digest: Int64
    /// Of status and assignee.
    package var urgentDigest: Int64
    package var madeAt: Timestamp

    package init(
        ticket: TicketNumber, language: Language, message: MessageKey, digest: Int64, urgentDigest: Int64,
        madeAt: Timestamp
    ) {
        (self.ticket, self.language, self.message) = (ticket, language, message)
        (self.digest, self.urgentDigest, self.madeAt) = (digest, urgentDigest, madeAt)
    }
}

/// What the database knows of a case for its cards.
package struct CardFacts: Sendable {
    package var ticket: Ticket
    package var subject: String
    package var tags: [String]
    package var followers: Set<AgentID>
    package var customer: Customer?
    /// Fields of the desk's own, sorted by name.
    package var customerFields: [CardCustomer.Field] = []
    /// Of the customer, as they were spelled.
    package var addresses: [String] = []
    /// The customer's latest cases in the same pool with this one, newest first.
    package var recent: [CardCase] = []
    /// The customer's cases in other pools, counted up to a hundred.
    package var elsewhere = 0
    /// Linked cases of the same pool.
    package var linked: [CardCase] = []
    /// All linked cases.
    package var linkedNumbers: Set<TicketNumber> = []
    package var merged: [TicketNumber] = []
    /// Who wrote into the case and takes no part.
    package var unconfirmed: [String] = []
    /// Addresses of the customer from which mail came back for good.
    package var undeliverable: [String] = []
    package var isAnswered = false
    /// Answers to questions about the case, by the questions' ids.
    package var answers: [String: String] = [:]
    /// Mails that wait to leave, but for those that only wait until they can be recalled no more.
    package var held: [HeldMailStatus] = []
    /// Who is writing an answer, the longest at it first.
    package var writers: [(agent: AgentID, since: Timestamp)] = []
    /// Questions to departments that wait for an answer.
    package var consultations: [Consultation] = []
    /// When those of them leave that have a time.
    package var releases: [HeldMailID: Timestamp] = [:]
    /// Served header sections of the first and of the last mail from outside.
    package var firstHeader: [UInt8]?
    package var lastHeader: [UInt8]?
    /// The last event so far.
    package var lastEvent: Int64 = 0

    package init(ticket: Ticket, subject: String, tags: [String], followers: Set<AgentID>) {
        (self.ticket, self.subject, self.tags, self.followers) = (ticket, subject, tags, followers)
    }
}
