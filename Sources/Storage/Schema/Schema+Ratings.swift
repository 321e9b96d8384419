extension Schema {
    /// Whom closing mails asked, and what they said.
    static let ratings: [SQL] = [
        """
        CREATE TABLE rating (
            -- Signed into the links.
            id {id},
            ticket_id {integer} NOT NULL REFERENCES ticket (id),
            address_id {integer} NOT NULL REFERENCES address (id),
            made_at {integer} NOT NULL,
            -- When the mail left; NULL: it waits, and its links are good for nobody.
            sent_at {integer},
            is_superseded {integer} NOT NULL,
            rating {integer} CHECK (rating BETWEEN 1 AND 5),
            first_rated_at {integer},
            votes {integer} NOT NULL,
            comment_digest {integer})
        """,
        "CREATE INDEX rating_ticket ON rating (ticket_id, made_at)",
        "CREATE INDEX rating_address ON rating (address_id)",
    ]
}
