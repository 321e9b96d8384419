package import MailTypes

/// What a customer was asked by a closing mail: to rate one case. The number of it is signed into the links of that mail.
package struct RatingInvitation: Sendable, Equatable {
    package var id: RatingID
    /// The case that was closed; what is said of it counts for the case that took it in since.
    package var ticket: TicketNumber
    /// Who was asked.
    package var address: AddressID
    /// When the mail left; `nil`: it waits, and nobody outside has the links.
    package var sentAt: Timestamp?
    /// A later closing mail of the case has taken its place.
    package var isSuperseded: Bool
    package var rating: Rating?
    package var firstRatedAt: Timestamp?
    /// How often a form was sent.
    package var votes: Int
    /// Of the latest comment, so that the same one sent again makes no second note.
    package var commentDigest: Int64?

    package init(
        id: RatingID, ticket: TicketNumber, address: AddressID, sentAt: Timestamp? = nil, isSuperseded: Bool = false,
        rating: Rating? = nil, firstRatedAt: Timestamp? = nil, votes: Int = 0, commentDigest: Int64? = nil
    ) {
        (self.id, self.ticket, self.address, self.sentAt) = (id, ticket, address, sentAt)
        (self.isSuperseded, self.rating, self.firstRatedAt) = (isSuperseded, rating, firstRatedAt)
        (self.votes, self.commentDigest) = (votes, commentDigest)
    }

    /// How long a link is good for that nobody used.
    package static let openFor: Duration = .seconds(30 * 86400)
    /// How long a rating can be changed, from the first one on.
    package static let changeableFor: Duration = .seconds(7 * 86400)
    /// Forms that one link takes.
    package static let mostVotes = 20

    /// Until when a rating may be given or changed; `nil`: not at all.
    package var end: Timestamp? {
        guard let sentAt, !isSuperseded, votes < Self.mostVotes else { return nil }
        return firstRatedAt.map { $0 + Self.changeableFor } ?? (sentAt + Self.openFor)
    }

    /// Whether a rating may be given now. A clock that was put back shuts nobody out.
    package func isOpen(at now: Timestamp) -> Bool { end.map { now < $0 } ?? false }

    /// The customer rates, if that may be: `false` where not.
    package mutating func rate(_ rating: Rating, at now: Timestamp) -> Bool {
        guard isOpen(at: now) else { return false }
        self.rating = rating
        firstRatedAt = firstRatedAt ?? now
        votes += 1
        return true
    }
}
