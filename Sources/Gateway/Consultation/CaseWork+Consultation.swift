import Desk
import MailTypes

/// What consultations mean to a case.
extension CaseWork {
    /// Whether a department was asked and has not answered.
    func waitsForDepartment(_ number: TicketNumber) throws -> Bool {
        try transaction.consultations(of: number).contains { $0.state == .open || $0.state == .asked }
    }

    /// Nobody waits for an answer any more: the case is over.
    func cancelConsultations(of ticket: Ticket, by agent: AgentID?) throws {
        for var consultation in try transaction.consultations(of: ticket.number) where consultation.state == .open {
            consultation.state = .cancelled
            try end(consultation, .consultationCancelled, by: agent)
        }
    }

    /// Writes how a consultation ended; no reminder of it leaves any more.
    func end(_ consultation: Consultation, _ kind: EventKind, message: MessageKey? = nil, by agent: AgentID? = nil) throws {
        try transaction.update(consultation, at: now)
        try transaction.removeTimer(.consultation, of: consultation.ticket, subject: consultation.id.rawValue)
        let isLate = consultation.dueAt.map { now > $0 } == true
        try transaction.record(
            TicketEvent(
                ticket: consultation.ticket, at: now, kind: kind, agent: agent, message: message,
                from: isLate ? "late" : nil, to: consultation.department.description))
    }

    /// A mail of ours came back, or was not delivered: if it was a question, the agent must ask again. `false`: it was none.
    func questionCameBack(_ message: MessageKey?) throws -> Bool {
        guard let message, var consultation = try transaction.consultation(askedIn: message) else { return false }
        guard consultation.state == .open else { return true }
        consultation.state = .undelivered
        try end(consultation, .consultationCancelled, message: message)
        return true
    }
}
