/// A mail that an agent sends, as far as its meaning goes: what it is, what it answers, whom it is for.
package struct SentMail: Sendable {
    /// What kind of mail the client made.
    package enum Kind: Sendable, CaseIterable {
        case ordinary
        /// Passes on another mail.
        case forward
        /// A disposition notification (RFC 8098).
        case receipt
        case calendarReply
        /// Auto-Submitted, or a report of a mail system (RFC 3834).
        case automatic
        /// Sent on as it is, with Resent fields (RFC 5322 §3.6.6).
        case redirected
    }

    /// What stands in the case that the mail answers.
    package enum Answered: Sendable, CaseIterable {
        /// No message that the desk knows.
        case nothing
        case customersMail
        /// A mail of ours, one that waits to leave included.
        case outbound
        /// A note, a card, an event, a notice: the customer never sees it.
        case internalMessage
        /// What a department was asked, or answered.
        case consultation

        package init(_ kind: MessageKind) {
            switch kind {
            case .inbound, .unconfirmed: self = .customersMail
            case .outbound, .automatic: self = .outbound
            case .note, .event, .card, .notice: self = .internalMessage
            case .consultationOut, .consultationIn: self = .consultation
            case .personal: self = .nothing
            }
        }
    }

    package var kind: Kind
    package var answers: Answered
    package var recipients: [SentRecipient]
    /// It was found which case the mail belongs to.
    package var hasCase: Bool
    /// The pool lets receipts out.
    package var allowsReceipts: Bool
    /// The sender's mail to the outside needs a supervisor's approval: a receipt, which nobody approves, does not leave.
    package var isByTrainee: Bool

    package init(
        kind: Kind = .ordinary, answers: Answered = .nothing, recipients: [SentRecipient], hasCase: Bool = true,
        allowsReceipts: Bool = false, isByTrainee: Bool = false
    ) {
        (self.kind, self.answers, self.recipients) = (kind, answers, recipients)
        (self.hasCase, self.allowsReceipts, self.isByTrainee) = (hasCase, allowsReceipts, isByTrainee)
    }
}

/// What a sent mail means: the table of DESIGN §4. It follows from recipients and kind, never from threading alone.
package enum SentMeaning: Equatable, Sendable {
    /// To somebody who takes part: takes the case if nobody has it; once it left, the case waits for the customer.
    case answer
    /// To nobody who takes part: it leaves, but stops no clock and leaves the case where it is.
    case passOn
    /// To customers, of no case yet: opens one.
    case newCase
    /// To departments alone: a question, of which the customer sees nothing.
    case consult
    /// Stays in the desk.
    case note
    /// To `desk@`: commands without a case.
    case commands
    /// A receipt that the pool lets out; it changes no case.
    case receipt
    /// A receipt that is taken and thrown away: refused, the client would ask about it.
    case nothing
    case refuse(Refusal)

    /// Why a mail is not sent. The sentence is for the person.
    package enum Refusal: Equatable, Sendable, CaseIterable {
        case nobodyOutside
        case noteWithoutCase
        case questionWithoutCase
        case calendar
        case automatic
        case redirected

        package var sentence: String {
            switch self {
            case .nobodyOutside: "All recipients are addresses of the desk; write to the customer's address"
            case .noteWithoutCase: "A note belongs to a case: answer a mail of it, or put its number into the subject"
            case .questionWithoutCase:
                "A question to a department belongs to a case: put its number into the subject"
            case .calendar: "Calendar replies are not sent to customers"
            case .automatic: "Automatic mail is not sent to customers"
            case .redirected: "Mail is not redirected from a desk; forward it instead"
            }
        }
    }

    /// The one function from what a mail is to what it means.
    package init(_ mail: SentMail) {
        switch mail.kind {
        case .receipt: self = mail.allowsReceipts && mail.hasCase && !mail.isByTrainee ? .receipt : .nothing
        case .calendarReply: self = .refuse(.calendar)
        case .automatic: self = .refuse(.automatic)
        case .redirected: self = .refuse(.redirected)
        case .ordinary, .forward: self = Self.ofLetter(mail)
        }
    }

    private static func ofLetter(_ mail: SentMail) -> SentMeaning {
        let roles = mail.recipients.map(\.role)
        guard mail.recipients.contains(where: \.isOutside) else {
            if roles.contains(.note) { return mail.hasCase ? .note : .refuse(.noteWithoutCase) }
            if roles.contains(.commands) { return .commands }
            // The answer to a note goes where the note came from, whatever a client makes of it.
            return mail.hasCase && mail.answers == .internalMessage ? .note : .refuse(.nobodyOutside)
        }
        if mail.recipients.allSatisfy({ !$0.isOutside || $0.role == .department }) {
            return mail.hasCase ? .consult : .refuse(.questionWithoutCase)
        }
        guard mail.hasCase else { return .newCase }
        return mail.kind == .ordinary && roles.contains(.participant) ? .answer : .passOn
    }
}
