package import Desk

/// What looking for cases needs of the database. Closures say `false` when they have enough.
package protocol FindTransaction {
    /// Customers who are known by exactly this name or firm, folded; no more than `limit`.
    func customers(called key: String, limit: Int) throws -> [CustomerID]
    /// Cases in some pools, the newest first, whose customer's name, firm, phone or address holds all words, or in which an
    /// address takes part that does.
    func eachTicket(ofPeopleHolding words: [String], in pools: Set<PoolID>, _ body: (Ticket) throws -> Bool) throws
    /// Cases in some pools, those with the newest mail first, that have a message whose text has all these runs of letters, or
    /// may have them, and fits.
    func eachTicket(
        withRuns trigrams: [UInt32], in pools: Set<PoolID>, where fits: (StoredText) -> Bool,
        _ body: (Ticket) throws -> Bool
    ) throws
}

/// What the database has of a message's text.
package enum StoredText: Sendable {
    /// As the full-text index took it, folded.
    case indexed([[UInt8]])
    /// The header section as served: the index has not come to the message.
    case header([UInt8])
}
