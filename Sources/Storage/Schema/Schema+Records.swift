extension Schema {
    /// Customers and what is kept about whom.
    static let records: [SQL] = []
}
