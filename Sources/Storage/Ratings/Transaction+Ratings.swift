package import Desk
package import MailTypes

/// Whom closing mails asked, and what they said.
extension Transaction {
    package func insertInvitation(
        of ticket: TicketNumber, to address: AddressID, at now: Timestamp
    ) throws -> RatingID {
        let id = try connection.integer(
            """
            INSERT INTO rating (ticket_id, address_id, made_at, is_superseded, votes)
            VALUES (\(ticket), \(address), \(now), 0, 0) RETURNING id
            """)
        return RatingID(rawValue: try required(id))
    }

    package func invitation(_ id: RatingID) throws -> RatingInvitation? {
        try connection.first(
            """
            SELECT id, ticket_id, address_id, sent_at, is_superseded, rating, first_rated_at, votes, comment_digest
              FROM rating WHERE id = \(id)
            """, RatingInvitation.init(row:))
    }

    package func lastInvitation(of ticket: TicketNumber) throws -> Timestamp? {
        try connection.integer("SELECT max(made_at) FROM rating WHERE ticket_id = \(ticket)")
            .map(Timestamp.init(microseconds:))
    }

    package func openInvitation(of ticket: TicketNumber, at now: Timestamp) throws {
        try connection.run("UPDATE rating SET is_superseded = 1 WHERE ticket_id = \(ticket) AND sent_at IS NOT NULL")
        try connection.run("UPDATE rating SET sent_at = \(now) WHERE ticket_id = \(ticket) AND sent_at IS NULL")
    }

    package func dropUnsentInvitation(of ticket: TicketNumber) throws {
        try connection.run("DELETE FROM rating WHERE ticket_id = \(ticket) AND sent_at IS NULL")
    }

    package func update(_ invitation: RatingInvitation) throws {
        try connection.run(
            """
            UPDATE rating SET rating = \(invitation.rating.map { Int64($0.rawValue) }),
                   first_rated_at = \(invitation.firstRatedAt), votes = \(invitation.votes),
                   comment_digest = \(invitation.commentDigest)
             WHERE id = \(invitation.id)
            """)
    }

    package func newestRating(of ticket: TicketNumber) throws -> Rating? {
        try connection.integer(
            """
            WITH RECURSIVE joined (id) AS (
                SELECT id FROM ticket WHERE id = \(ticket)
                UNION SELECT t.id FROM ticket t JOIN joined ON t.merged_into = joined.id)
            SELECT rating FROM rating WHERE rating IS NOT NULL AND ticket_id IN (SELECT id FROM joined)
             ORDER BY made_at DESC, id DESC LIMIT 1
            """
        ).flatMap { Rating(rawValue: Int($0)) }
    }

    package func isUndeliverable(_ address: AddressID) throws -> Bool {
        try connection.exists("SELECT 1 FROM address WHERE id = \(address) AND bounced_at IS NOT NULL")
    }
}

extension RatingInvitation {
    fileprivate init(row: any SQLRow) throws {
        self.init(
            id: RatingID(rawValue: row.integer(0)), ticket: TicketNumber(rawValue: row.integer(1)),
            address: AddressID(rawValue: row.integer(2)), sentAt: row.optionalTimestamp(3),
            isSuperseded: row.integer(4) != 0, rating: row.optionalInteger(5).flatMap { Rating(rawValue: Int($0)) },
            firstRatedAt: row.optionalTimestamp(6), votes: row.int(7), commentDigest: row.optionalInteger(8))
    }
}
