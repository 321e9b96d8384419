extension Schema {
    /// Delivery by destinations, and what its outcome says.
    static let delivery: [SQL] = [
        // The recipient's domain; NULL in rows of before.
        "ALTER TABLE delivery ADD COLUMN destination {text}",
        "ALTER TABLE delivery ADD COLUMN delay_told_at {integer}",
        "CREATE INDEX delivery_destination ON delivery (destination, next_attempt_at) WHERE next_attempt_at IS NOT NULL",
        "CREATE INDEX delivery_waiting ON delivery (id) WHERE state IN ('queued', 'deferred', 'held')",
        "CREATE INDEX submission_message ON submission (message_id) WHERE message_id IS NOT NULL",
        // What the sender asked beside delivery (RFC 3461, RFC 8689), a wish a line.
        "ALTER TABLE submission ADD COLUMN wishes {text}",
        // When mail to an address last came back for good, and with which status (RFC 3463).
        "ALTER TABLE address ADD COLUMN bounced_at {integer}",
        "ALTER TABLE address ADD COLUMN bounce_status {text}",
        // Policies of domains for TLS (RFC 8461); `exchangers` holds a pattern a line.
        """
        CREATE TABLE mta_sts_policy (
            domain {text} NOT NULL PRIMARY KEY,
            policy_id {text} NOT NULL,
            mode {text} NOT NULL,
            exchangers {text} NOT NULL,
            fetched_at {integer} NOT NULL,
            expires_at {integer} NOT NULL) {clustered}
        """,
        // What TLS came to, by day (days since 1970-01-01 UTC), domain, kind of policy and result (RFC 8460).
        """
        CREATE TABLE tls_result (
            day {integer} NOT NULL,
            domain {text} NOT NULL,
            policy {text} NOT NULL,
            result {text} NOT NULL,
            sessions {integer} NOT NULL,
            PRIMARY KEY (day, domain, policy, result)) {clustered}
        """,
    ]
}
