import Desk
import MailTypes

/// One case whose cards are looked at: what is to be written was made from a reading of the database, and is written if
/// nothing changed since.
struct CardWork: Sendable {
    /// A card that takes the place of another, or is the first of its language.
    struct New: Sendable {
        var row: CardRow
        var message: GeneratedMessage
    }

    /// A message that tells of events.
    struct Told: Sendable {
        var message: GeneratedMessage
        var agent: AgentID?
        var at: Timestamp
    }

    var mark: CardMark
    /// When the case is looked at again; `nil`: when it changes.
    var again: Timestamp?
    var new: [New] = []
    var told: [Told] = []
    var lastEvent: Int64 = 0
    /// Languages that nobody sees cards in any more keep theirs; a case without mail loses all.
    var isEmptied = false

    /// Writes it; runs in a transaction of its own or of several cases. Says whether the case was as it had been read.
    func run(in transaction: any DeskTransaction, roster: Roster, now: Timestamp) throws -> Bool {
        guard try transaction.cardMark(of: mark.ticket)?.changes == mark.changes else { return false }
        if let again {
            try transaction.putOff(mark, until: again, toldUpTo: lastEvent)
        } else {
            _ = try transaction.removeCardMark(mark)
        }
        guard let ticket = try transaction.ticket(mark.ticket) else { return true }
        let work = CaseWork(transaction, roster: roster, now: now)
        if isEmptied {
            for card in try transaction.cards(of: ticket.number) { try remove(card, work) }
            return true
        }
        for told in told {
            let key = try told.message.insert(.event, into: ticket, at: told.at, by: told.agent, work)
            if let agent = told.agent { try transaction.markSeen(key, by: agent, at: work.modSequence()) }
            try work.place(key, of: ticket)
        }
        guard !new.isEmpty else { return true }
        let mailboxes = try transaction.mailboxesOfMail(of: ticket.number)
            .filter { roster.kinds[$0]?.class.holdsCases == true }
        let old = try transaction.cards(of: ticket.number)
        for new in new {
            let language = new.row.language
            let key = try new.message.insert(.card, into: ticket, at: ticket.openedAt, cardLanguage: language, work)
            var row = new.row
            row.message = key
            try transaction.setCard(row)
            // After the new one: the number of a message that is deleted last could be given again.
            if let before = old.first(where: { $0.language == language }) { try leave(before, work) }
            for mailbox in mailboxes.sorted() {
                let pool = roster.entryPool(ticket.pool, in: mailbox)
                _ = try transaction.enter([key], into: mailbox, pool: pool, at: work.modSequence(), now: now)
            }
        }
        transaction.note(Change(mailboxes: mailboxes))
        return true
    }

    private func remove(_ card: CardRow, _ work: CaseWork) throws {
        try work.transaction.removeCard(of: card.ticket, in: card.language)
        try leave(card, work)
    }

    /// Takes a card's message out of every mailbox and deletes it.
    private func leave(_ card: CardRow, _ work: CaseWork) throws {
        let transaction = work.transaction
        let places = try transaction.mailboxes(of: card.ticket)
        for mailbox in places.sorted() {
            _ = try transaction.leave([card.message], from: mailbox, at: work.modSequence(), now: work.now)
        }
        transaction.note(Change(mailboxes: places))
        try transaction.discardCard(card.message)
    }
}
