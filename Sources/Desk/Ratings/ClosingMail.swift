package import MailTypes

/// Whether the customer hears that a case is over, and is asked how it was (FEATURES S50).
package enum ClosingMail {
    /// The least time between two closing mails of one case. Who thanks for the answer opens the case again: the links of
    /// the mail before are still good, and nobody is asked twice.
    package static let pause: Duration = .seconds(7 * 86400)

    /// What has to be known of a case.
    package struct Facts: Sendable {
        package var status: TicketStatus
        /// It went into another case, lies in a custom folder or in Trash: nobody's work, or another's.
        package var isElsewhere: Bool
        /// When the last closing mail of the case left, or was made.
        package var lastAsked: Timestamp?

        package init(status: TicketStatus, isElsewhere: Bool, lastAsked: Timestamp?) {
            (self.status, self.isElsewhere, self.lastAsked) = (status, isElsewhere, lastAsked)
        }
    }

    /// Whether a case is one that its customer is told the end of.
    package static func isDue(_ facts: Facts, now: Timestamp) -> Bool {
        guard facts.status == .done || facts.status == .closed, !facts.isElsewhere else { return false }
        // A clock that was put back silences nobody for longer than the pause.
        return facts.lastAsked.map { $0 > now || now - $0 >= pause } ?? true
    }

    /// A mail of the case from outside, as far as its author can be asked.
    package struct Mail: Sendable {
        package var author: EmailAddress
        /// A machine wrote it, it came through a list, or its sender asks for silence (RFC 3834 §2).
        package var isUnanswerable: Bool
        /// An address of the desk or of a consulted department.
        package var isInternal: Bool
        package var isParticipant: Bool
        /// Mail to the author came back for good.
        package var isUndeliverable: Bool

        package init(
            author: EmailAddress, isUnanswerable: Bool, isInternal: Bool, isParticipant: Bool, isUndeliverable: Bool
        ) {
            (self.author, self.isUnanswerable, self.isInternal) = (author, isUnanswerable, isInternal)
            (self.isParticipant, self.isUndeliverable) = (isParticipant, isUndeliverable)
        }

        /// Whether its author is a person who can be asked.
        package var isOfCustomer: Bool {
            !isUnanswerable && !isInternal && isParticipant && !isUndeliverable && !AutomaticAnswer.isMachine(author)
        }
    }
}
