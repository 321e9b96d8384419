import Desk
import Gateway
import Logging
import MailTypes
import Storage
import TestKit
import Testing

extension DeskDefinition {
    /// The example with two departments: Legal (legal@firm.example) has four hours, Stock (stock@acme.example) no time.
    static var consulting: DeskDefinition {
        var definition = example
        definition.departments = [
            DepartmentDefinition(
                name: "Legal", addresses: [emailAddress("legal@firm.example")], answerWithin: .hours(4), remind: "late",
                remindEvery: .hours(2)),
            DepartmentDefinition(name: "Stock", addresses: [emailAddress("stock@acme.example")]),
        ]
        definition.templates = [TemplateDefinition(name: "late", text: "Still open: ${consultation.question}")]
        return definition
    }
}

extension DeskFixture {
    func department(_ name: String) -> DepartmentID {
        roster.current.department(named: name)?.id ?? DepartmentID(rawValue: -1)
    }

    /// A case is dropped on a department.
    func ask(_ name: String, about ticket: Int64, as login: String) async throws {
        let (now, roster, held, agent, department) = (
            clock.now, roster.current, submission.held, agent(login), department(name)
        )
        do {
            try await store.write { (transaction: Transaction) in
                try Consultations(held: held).ask(
                    TicketNumber(rawValue: ticket), department, by: agent,
                    CaseWork(transaction, roster: roster, now: now))
            }
        } catch {
            throw error.cause ?? error
        }
    }

    /// A scheduler that fires reminders.
    func reminders() -> Scheduler {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let consultations = Consultations(held: submission.held)
        return Scheduler(
            store: store, roster: roster, feed: feed, clock: clock,
            handlers: CaseTimers.handlers.merging([.consultation: { try consultations.lapse($0, $1) }]) { $1 },
            logger: logger)
    }

    /// Subjects of what left, in order.
    func left() async throws -> [String] { try await outbox().map { $0.header.field("Subject") ?? "" } }
}
