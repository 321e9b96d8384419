extension Schema {
    /// Cards of cases.
    static let cards: [SQL] = [
        // What a card's language adds to the pool of its entries; 0: no card.
        "ALTER TABLE message ADD COLUMN card_offset {integer} NOT NULL DEFAULT 0",
        // Which cards an agent sees: a language, 'false', or nothing before the desk was applied.
        "ALTER TABLE agent ADD COLUMN cards {text} NOT NULL DEFAULT ''",
        "ALTER TABLE agent ADD COLUMN card_validity {integer} NOT NULL DEFAULT 0",
        """
        CREATE TABLE card (
            ticket_id {integer} NOT NULL REFERENCES ticket (id),
            language {text} NOT NULL,
            message_id {integer} NOT NULL REFERENCES message (id),
            -- Of what the card shows, without what changes by itself.
            digest {integer} NOT NULL,
            -- Of what it shows that cannot wait until it is off everybody's screen: status and assignee.
            urgent_digest {integer} NOT NULL,
            made_at {integer} NOT NULL,
            PRIMARY KEY (ticket_id, language)) {clustered}
        """,
        "CREATE INDEX card_message ON card (message_id)",
        // Cases whose cards are to be looked at: written in the transaction that changes the case.
        """
        CREATE TABLE card_mark (
            ticket_id {integer} NOT NULL PRIMARY KEY,
            due_at {integer} NOT NULL,
            -- Grows with every change of the case until the mark is taken away.
            changes {integer} NOT NULL,
            -- The first event of the case that no message tells of yet.
            first_event {integer} NOT NULL)
        """,
        "CREATE INDEX card_mark_due ON card_mark (due_at)",
        // Languages in use. Open cases up to one with this number got marks when the language came; null: all of them.
        "CREATE TABLE card_language (language {text} NOT NULL PRIMARY KEY, marked_up_to {integer})",
        "CREATE INDEX ticket_customer_pool ON ticket (customer_id, pool_id, id) WHERE customer_id IS NOT NULL",
        "CREATE INDEX ticket_merged ON ticket (merged_into) WHERE merged_into IS NOT NULL",
    ]
}
