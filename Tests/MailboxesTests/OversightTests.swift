import Desk
import Gateway
import Mailboxes
import MailTypes
import Testing

/// What people of the desk see over IMAP when a department does not answer in its time (FEATURES S26, S27).
struct OversightTests {
    private static func desk() async throws -> TestDesk {
        try await TestDesk {
            $0.undo = .zero
            $0.templates = [.init(name: "reminder", subject: nil, text: "Please answer.")]
            $0.departments = [
                DepartmentDefinition(
                    name: "Legal", addresses: [EmailAddress("legal@firm.example")!], answerWithin: .hours(4),
                    remind: "reminder")
            ]
        }
    }

    @Test func `a late answer of a department brings a notice to the supervisor and a reminder into the agent's case`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: MOVE 1 INBOX
            S: ...
            S: a OK *
            C: SELECT INBOX
            S: ...
            S: a OK *
            C: MOVE 1 Departments/Legal
            S: ...
            S: a OK *
            C celina: SELECT INBOX
            S: ...
            S: * 0 EXISTS
            S: ...
            S: a OK *
            """#)
        try await desk.releaseDue()
        await desk.pass(.seconds(4 * 3600 - 60))
        try await dialogue.run(
            #"""
            C: SELECT Consultation
            S: ...
            S: * 2 EXISTS
            S: ...
            S: a OK *
            C celina: NOOP
            S: a OK *
            """#)
        await desk.pass(.seconds(61))
        try await dialogue.run(
            #"""
            C: NOOP
            S: * 3 EXISTS
            S: ...
            S: a OK *
            C: FETCH 3 ENVELOPE
            S: * 3 FETCH (ENVELOPE (*Reminder: *legal*firm.example*)
            S: a OK *
            C celina: NOOP
            S: * 1 EXISTS
            S: ...
            S: a OK *
            C celina: FETCH 1 ENVELOPE
            S: * 1 FETCH (ENVELOPE (*Legal*#1 Question 1*)
            S: a OK *
            C celina: SEARCH UNSEEN SUBJECT Legal
            S: * SEARCH 1
            S: a OK *
            C celina: STORE 1 +FLAGS (\Deleted)
            S: ...
            S: a OK *
            C celina: EXPUNGE
            S: * 1 EXPUNGE
            S: a OK *
            C bartek: SELECT INBOX
            S: ...
            S: * 0 EXISTS
            S: ...
            S: a OK *
            """#)
        await desk.pass(.seconds(86400))
        try await dialogue.run(
            #"""
            C celina: NOOP
            S: a OK *
            """#)
    }
}
