package import Desk

/// What looking for cases needs of the database. Closures say `false` when they have enough.
package protocol FindTransaction {
    /// Customers who are known by exactly this name or firm, folded; no more than `limit`.
    func customers(called key: String, limit: Int) throws -> [CustomerID]
    /// Cases in some pools, the newest first, whose customer's name, firm, phone or address holds all words, or in which an
    /// address takes part that does.
    func eachTicket(ofPeopleHolding words: [String], in pools: Set<PoolID>, _ body: (Ticket) throws -> Bool) throws
    /// Cases in some pools, those with the newest mail first, that have a message whose folded texts have all these runs of
    /// letters and fit. What the index has not come to, or has not whole, is read. Says whether everything was looked
    /// through: what one search may read is bounded.
    func eachTicket(
        withRuns trigrams: [UInt32], in pools: Set<PoolID>, where fits: ([[UInt8]]) -> Bool,
        _ body: (Ticket) throws -> Bool
    ) throws -> Bool
}
