extension Schema {
    /// Customers and what is kept about whom.
    static let records: [SQL] = [
        "ALTER TABLE customer ADD COLUMN firm {text}",
        "ALTER TABLE customer ADD COLUMN phone {text}",
        "ALTER TABLE customer ADD COLUMN note {text}",
        "CREATE INDEX address_customer ON address (customer_id)",
        "CREATE INDEX message_address ON message (address_id) WHERE address_id IS NOT NULL",
    ]
}
