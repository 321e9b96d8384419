package import Desk

/// Answers to questions about cases.
extension Transaction {
    package func answers(of ticket: TicketNumber) throws -> [String: String] {
        var answers: [String: String] = [:]
        try connection.query("SELECT question, value FROM ticket_answer WHERE ticket_id = \(ticket)") {
            answers[$0.text(0)] = $0.text(1)
        }
        return answers
    }

    package func setAnswer(_ value: String?, to question: String, of ticket: TicketNumber) throws {
        guard let value else {
            try connection.run("DELETE FROM ticket_answer WHERE ticket_id = \(ticket) AND question = \(question)")
            return
        }
        try connection.run(
            """
            INSERT INTO ticket_answer (ticket_id, question, value) VALUES (\(ticket), \(question), \(value))
            ON CONFLICT (ticket_id, question) DO UPDATE SET value = excluded.value
            """)
    }
}
