package import MailTypes

/// A question to a department.
package struct ConsultationID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A question to a department about a case: what was asked, until when an answer is due, what came of it.
package struct Consultation: Sendable, Equatable {
    /// The number is what the database stores.
    package enum State: Int64, Sendable, CaseIterable {
        /// The mail with the question has not left.
        case asked = 1
        case open = 2
        case answered = 3
        /// Nobody waits for the answer any more; one that comes all the same is filed.
        case cancelled = 4
        /// The mail came back.
        case undelivered = 5
    }

    package let id: ConsultationID
    package var ticket: TicketNumber
    package var department: DepartmentID
    package var agent: AgentID
    package var state: State
    /// The agent's words.
    package var question: String
    /// When the mail left; until then, when it was written.
    package var askedAt: Timestamp
    /// `nil`: it is never late.
    package var dueAt: Timestamp?
    /// The message with the question, once it left.
    package var message: MessageKey?
    /// How often its time passed: the first time, and every further interval.
    package var lapses: Int

    package init(
        id: ConsultationID, ticket: TicketNumber, department: DepartmentID, agent: AgentID, state: State = .asked,
        question: String, askedAt: Timestamp, dueAt: Timestamp? = nil, message: MessageKey? = nil, lapses: Int = 0
    ) {
        (self.id, self.ticket, self.department, self.agent) = (id, ticket, department, agent)
        (self.state, self.question, self.askedAt, self.dueAt) = (state, question, askedAt, dueAt)
        (self.message, self.lapses) = (message, lapses)
    }
}

/// The mark in the subject of a consultation: `[?1042-7]`, case and consultation. It is none of the stamps by which
/// customers' mail is matched.
package struct ConsultationMark: Sendable, Equatable, Hashable {
    package var ticket: TicketNumber
    package var consultation: ConsultationID

    package init(ticket: TicketNumber, consultation: ConsultationID) {
        (self.ticket, self.consultation) = (ticket, consultation)
    }

    package var text: String { "[?\(ticket)-\(consultation)]" }

    /// The marks in a decoded subject, at most ten.
    package static func marks(in subject: String) -> [ConsultationMark] {
        var result: [ConsultationMark] = []
        for piece in subject.components(after: "[?").prefix(10) {
            guard let end = piece.firstIndex(of: "]") else { continue }
            let numbers = piece[..<end].split(separator: "-", omittingEmptySubsequences: false)
            guard numbers.count == 2, let ticket = number(numbers[0]), let consultation = number(numbers[1]) else {
                continue
            }
            result.append(
                ConsultationMark(
                    ticket: TicketNumber(rawValue: ticket), consultation: ConsultationID(rawValue: consultation)))
        }
        return result
    }

    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.count <= 15, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int64(text)
    }
}

extension String {
    /// What follows each occurrence of a separator.
    fileprivate func components(after separator: String) -> [Substring] {
        var result: [Substring] = []
        var rest = Substring(self)
        while let range = rest.firstRange(of: separator) {
            rest = rest[range.upperBound...]
            result.append(rest)
        }
        return result
    }
}
