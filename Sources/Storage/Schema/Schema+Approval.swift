extension Schema {
    /// Mail that waits for a supervisor.
    static let approval: [SQL] = [
        """
        CREATE TABLE approval (
            held_mail_id {integer} NOT NULL PRIMARY KEY REFERENCES held_mail (id),
            asked_at {integer} NOT NULL,
            -- 1 waiting, 2 approved, 3 sent back, 4 taken over, 5 replaced, 6 recalled by its author
            outcome {integer} NOT NULL,
            decided_by {integer},
            decided_at {integer})
        """,
        "CREATE INDEX approval_waiting ON approval (asked_at) WHERE outcome = 1",
        // UIDs under which a held mail is or was shown, beside its agent's To send.
        """
        CREATE TABLE held_mail_view (
            mailbox_id {integer} NOT NULL,
            uid {integer} NOT NULL,
            held_mail_id {integer} NOT NULL REFERENCES held_mail (id),
            PRIMARY KEY (mailbox_id, uid)) {clustered}
        """,
        // The one notice in INBOX that lists what waits for a supervisor, by its Message-ID.
        """
        CREATE TABLE approval_notice (
            agent_id {integer} NOT NULL PRIMARY KEY REFERENCES agent (id),
            rfc_message_id {text} NOT NULL)
        """,
    ]
}
