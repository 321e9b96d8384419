package import Gateway
package import MailTypes

/// What greylisting remembers.
extension Transaction {
    package func greylisting(_ key: Int64) throws -> Greylisting? {
        try connection.first("SELECT first_at, passed_at, until FROM greylist WHERE digest = \(key)") { row in
            Greylisting(firstAt: row.timestamp(0), passedAt: row.optionalTimestamp(1), until: row.timestamp(2))
        }
    }

    package func keep(_ greylisting: Greylisting, of key: Int64) throws {
        try connection.run(
            """
            INSERT INTO greylist (digest, first_at, passed_at, until)
            VALUES (\(key), \(greylisting.firstAt), \(greylisting.passedAt), \(greylisting.until))
            ON CONFLICT (digest) DO UPDATE SET first_at = excluded.first_at, passed_at = excluded.passed_at,
                   until = excluded.until
            """)
    }

    package func knownDomain(_ domain: String, at now: Timestamp) throws -> Timestamp? {
        try connection.first("SELECT until FROM known_domain WHERE domain = \(domain) AND until > \(now)") { row in
            row.timestamp(0)
        }
    }

    package func keepKnownDomain(_ domain: String, until: Timestamp) throws {
        try connection.run(
            """
            INSERT INTO known_domain (domain, until) VALUES (\(domain), \(until))
            ON CONFLICT (domain) DO UPDATE SET until = excluded.until
            """)
    }

    package func pruneGreylist(at now: Timestamp) throws {
        try connection.run(
            """
            DELETE FROM greylist WHERE id IN (SELECT id FROM greylist WHERE until <= \(now) ORDER BY until LIMIT 200)
            """)
        // Whoever fills the table pushes out only what did not come again.
        try connection.run(
            """
            DELETE FROM greylist WHERE id IN (
                SELECT id FROM greylist
                 WHERE passed_at IS NULL AND id <= (SELECT max(id) FROM greylist) - \(Greylisting.maximumRows)
                 ORDER BY id LIMIT 200)
            """)
        try connection.run(
            """
            DELETE FROM greylist WHERE id IN (
                SELECT id FROM greylist
                 WHERE passed_at IS NOT NULL AND id <= (SELECT max(id) FROM greylist) - \(Greylisting.maximumRows * 5)
                 ORDER BY id LIMIT 200)
            """)
        try connection.run(
            """
            DELETE FROM known_domain WHERE id IN (SELECT id FROM known_domain WHERE until <= \(now) ORDER BY until LIMIT 200)
                OR id <= (SELECT max(id) FROM known_domain) - \(Greylisting.maximumRows)
            """)
    }
}
