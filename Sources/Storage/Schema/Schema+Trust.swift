extension Schema {
    /// Whom greylisting has put off, and whom not again.
    static let trust: [SQL] = [
        """
        CREATE TABLE greylist (
            id {id},
            -- Of the host's network, the sender and the recipient.
            digest {integer} NOT NULL UNIQUE,
            first_at {integer} NOT NULL,
            -- When mail came again in time.
            passed_at {integer},
            until {integer} NOT NULL)
        """,
        "CREATE INDEX greylist_until ON greylist (until)",
        "CREATE INDEX greylist_waiting ON greylist (id) WHERE passed_at IS NULL",
        // Domains that SPF or DKIM vouched for in mail that came again.
        """
        CREATE TABLE known_domain (id {id}, domain {text} NOT NULL UNIQUE, until {integer} NOT NULL)
        """,
        "CREATE INDEX known_domain_until ON known_domain (until)",
    ]
}
