package import Desk
package import MailTypes

/// What consultations need of the database.
package protocol ConsultationTransaction {
    /// The id in the value is of no meaning; answers the one that it got.
    func insert(_ consultation: Consultation) throws -> ConsultationID
    func consultation(_ id: ConsultationID) throws -> Consultation?
    /// Those of a case, the oldest first, at most a hundred.
    func consultations(of ticket: TicketNumber) throws -> [Consultation]
    /// The one whose question a message is.
    func consultation(askedIn message: MessageKey) throws -> Consultation?
    /// Writes state, times, message and lapses.
    func update(_ consultation: Consultation, at now: Timestamp) throws
    /// The newest mails from and to the customer, at most so many.
    func correspondence(of ticket: TicketNumber, limit: Int) throws -> [CorrespondenceRow]
}

/// A mail from or to the customer.
package struct CorrespondenceRow: Sendable {
    package var body: StoredBody
    /// As IMAP serves it.
    package var header: [UInt8]
    package var at: Timestamp

    package init(body: StoredBody, header: [UInt8], at moment: Timestamp) {
        (self.body, self.header, self.at) = (body, header, moment)
    }
}
