extension Schema {
    /// Mail of others that goes on as it came: it is sealed (RFC 8617), and not signed as the desk's own.
    static let passing: [SQL] = [
        "ALTER TABLE submission ADD COLUMN is_passed_on {integer} NOT NULL DEFAULT 0"
    ]
}
