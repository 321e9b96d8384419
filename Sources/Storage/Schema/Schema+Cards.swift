extension Schema {
    /// Cards of cases.
    static let cards: [SQL] = []
}
