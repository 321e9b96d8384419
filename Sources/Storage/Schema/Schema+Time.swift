extension Schema {
    /// What is to happen when.
    static let time: [SQL] = [
        // One row for each kind, case (0: none) and subject within it.
        """
        CREATE TABLE timer (
            kind {integer} NOT NULL,
            ticket_id {integer} NOT NULL,
            subject_id {integer} NOT NULL,
            due_at {integer} NOT NULL,
            PRIMARY KEY (kind, ticket_id, subject_id)) {clustered}
        """,
        "CREATE INDEX timer_due ON timer (due_at)",
        // Waiting (6) and done (7) cases close and spam (9) goes after 30 days, if the desk does not say otherwise then.
        """
        INSERT INTO timer (kind, ticket_id, subject_id, due_at)
        SELECT CASE status WHEN 9 THEN 3 ELSE 2 END, id, 0, status_since + 2592000000000 FROM ticket
         WHERE status IN (6, 7, 9)
        """,
        // The clocks of a case beside what is shown of them: since when they run, working time used up in earlier runs
        // (microseconds), whether a deadline was kept when it was judged, a deadline that a person set.
        "ALTER TABLE ticket ADD COLUMN first_answer_since {integer}",
        "ALTER TABLE ticket ADD COLUMN first_answer_kept {integer}",
        "ALTER TABLE ticket ADD COLUMN solution_since {integer}",
        "ALTER TABLE ticket ADD COLUMN solution_used {integer}",
        "ALTER TABLE ticket ADD COLUMN solved_kept {integer}",
        "ALTER TABLE ticket ADD COLUMN agreed_due {integer}",
        // What its messages show without that anybody set it: bits above all flags, in `message.flags` as well.
        "ALTER TABLE ticket ADD COLUMN shown_marks {integer} NOT NULL DEFAULT 0",
        // The last automatic answer to a sender in a case.
        """
        CREATE TABLE auto_reply (
            ticket_id {integer} NOT NULL,
            sender {text} NOT NULL,
            sent_at {integer} NOT NULL,
            PRIMARY KEY (ticket_id, sender)) {clustered}
        """,
        // How many automatic answers a scope (a sender, a pool, all) had in its latest ten minutes and its latest day.
        """
        CREATE TABLE auto_reply_count (
            scope {text} NOT NULL,
            -- In seconds.
            length {integer} NOT NULL,
            start {integer} NOT NULL,
            sent {integer} NOT NULL,
            PRIMARY KEY (scope, length)) {clustered}
        """,
    ]
}
