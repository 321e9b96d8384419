package import Desk
package import MailTypes

/// What asking for ratings needs of the database.
package protocol RatingTransaction {
    /// A customer is going to be asked: the mail with the links is made.
    func insertInvitation(of ticket: TicketNumber, to address: AddressID, at now: Timestamp) throws -> RatingID
    func invitation(_ id: RatingID) throws -> RatingInvitation?
    /// When a closing mail of the case was made last.
    func lastInvitation(of ticket: TicketNumber) throws -> Timestamp?
    /// The closing mail of a case leaves: its links are good, those of earlier ones no more.
    func openInvitation(of ticket: TicketNumber, at now: Timestamp) throws
    /// The closing mail of a case does not leave.
    func dropUnsentInvitation(of ticket: TicketNumber) throws
    /// Writes what a customer said.
    func update(_ invitation: RatingInvitation) throws
    /// What was said through the newest closing mail, of those whose links were used, of a case and of all that went into it.
    func newestRating(of ticket: TicketNumber) throws -> Rating?
    /// Whether mail to an address came back for good.
    func isUndeliverable(_ address: AddressID) throws -> Bool
}
