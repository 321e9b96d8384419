package import Desk
package import MailFormat

/// What looking for cases needs of the database. Closures say `false` when they have enough.
package protocol FindTransaction {
    /// Customers who are known by exactly this name or firm, folded; no more than `limit`.
    func customers(called key: String, limit: Int) throws -> [CustomerID]
    /// Cases in some pools, the newest first, whose customer's name, firm, phone or address holds all words, or in which an
    /// address takes part that does.
    func eachTicket(ofPeopleHolding words: [String], in pools: Set<PoolID>, _ body: (Ticket) throws -> Bool) throws
    /// Cases in some pools, those with the newest mail first, that have a message whose text holds all needles.
    func eachTicket(holding needles: [TextNeedle], in pools: Set<PoolID>, _ body: (Ticket) throws -> Bool) throws
}
