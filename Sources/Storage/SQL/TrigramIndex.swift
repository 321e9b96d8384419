/// The inverted index of the full-text search: which rows hold which runs of three characters, as numbers of 20 bits. Every
/// database has its own way to such a thing, so it is a port of the driver.
package protocol TrigramIndex {
    /// Adds a row that is not there.
    func add(_ trigrams: [UInt32], of id: Int64) throws
    /// Takes a row away that was added with these trigrams.
    func remove(_ trigrams: [UInt32], of id: Int64) throws
    /// The rows above `id` that hold all of them, ascending, until the closure says `false`.
    func scan(_ trigrams: [UInt32], above id: Int64, _ body: (Int64) throws -> Bool) throws
    /// Takes all rows away.
    func clear() throws
}
