extension Schema {
    /// Mail that waits to leave.
    static let sending: [SQL] = []
}
