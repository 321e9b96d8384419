import MailTypes
import Testing

@testable import Desk

@Suite struct TemplateTextTests {
    static func pool(_ first: WorkingTime?, calendar: String? = "office") -> PoolDefinition {
        PoolDefinition(name: "Help", addresses: [], senderName: "ACME Help", calendar: calendar, firstAnswerWithin: first, solveWithin: .days(2))
    }

    static let facts: TemplateFacts = {
        var ticket = TemplateFacts.CaseFacts(
            number: TicketNumber(rawValue: 1042), stamp: "[REK#1042]", subject: "Żółw & <b>", status: .inProgress,
            opened: LocalMoment(date: CalendarDate(year: 2026, month: 11, day: 25), minute: 9 * 60 + 5))
        ticket.priority = .high
        return TemplateFacts(
            ticket: ticket, customer: .init(name: nil, address: EmailAddress("jan@customer.example")),
            pool: .init(definition: pool(.hours(4)), address: EmailAddress("help@acme.example")), agentName: "Agent One",
            now: LocalMoment(date: CalendarDate(year: 2026, month: 12, day: 1), minute: 8 * 60))
    }()

    static let rows: [(text: String, english: String, polish: String)] = [
        ("", "", ""),
        ("no field $ { }", "no field $ { }", "no field $ { }"),
        ("Case ${case.number}.", "Case 1042.", "Case 1042."),
        ("${case.stamp}${case.subject}", "[REK#1042]Żółw & <b>", "[REK#1042]Żółw & <b>"),
        ("${ customer.name }!", "jan@customer.example!", "jan@customer.example!"),
        ("${pool.firstAnswerWithin}", "4 working hours", "4 godziny robocze"),
        ("w ciągu ${pool.firstAnswerWithin.genitive}", "w ciągu 4 working hours", "w ciągu 4 godzin roboczych"),
        ("${pool.solveWithin}", "2 working days", "2 dni robocze"),
        ("${case.opened}", "25 November 2026, 09:05", "25 listopada 2026, godz. 9:05"),
        ("${today} ${now}", "1 December 2026 1 December 2026, 08:00", "1 grudnia 2026 1 grudnia 2026, godz. 8:00"),
        ("${case.status}, ${case.priority}", "in progress, high", "w realizacji, wysoki"),
        ("${agent.name}, ${pool.senderName} <${pool.address}>", "Agent One, ACME Help <help@acme.example>", "Agent One, ACME Help <help@acme.example>"),
        ("$${HOME} costs 5$", "${HOME} costs 5$", "${HOME} costs 5$"),
        ("$$$${x", "$$${x", "$$${x"),
    ]

    @Test(arguments: rows) func `fields are filled in`(text: String, english: String, polish: String) throws {
        #expect(try TemplateText(text).filled(with: Self.facts, in: .english) == english)
        #expect(try TemplateText(text).filled(with: Self.facts, in: .polish) == polish)
        #expect(TemplateText(text).filledLeniently(with: Self.facts, in: .polish) == polish)
        #expect(TemplateText.unknownFields(in: text) == [])
    }

    static let faults: [(text: String, name: String, suggestion: TemplateField?, isWithoutValue: Bool, lenient: String)] = [
        ("a ${case.numbr} b", "case.numbr", .caseNumber, false, "a  b"),
        ("${Case.Number}", "Case.Number", .caseNumber, false, ""),
        ("${}", "", nil, false, ""),
        ("${x", "x", nil, false, "x"),
        ("${case.number\n}", "case.number", .caseNumber, false, "case.number\n}"),
        ("${consultation.due}!", "consultation.due", nil, true, "!"),
        ("${customer.firm}", "customer.firm", nil, true, ""),
    ]

    @Test(arguments: faults) func `what cannot be filled in stops the text and is named`(
        text: String, name: String, suggestion: TemplateField?, isWithoutValue: Bool, lenient: String
    ) {
        #expect(throws: TemplateText.Fault(name: name, suggestion: suggestion, isWithoutValue: isWithoutValue)) {
            try TemplateText(text).filled(with: Self.facts, in: .english)
        }
        #expect(TemplateText(text).filledLeniently(with: Self.facts, in: .english) == lenient)
        #expect(TemplateText.unknownFields(in: text).map(\.name) == (isWithoutValue ? [] : [name]))
    }

    @Test func `a fault is told in both languages`() {
        let unknown = TemplateText.Fault(name: "case.numbr", suggestion: .caseNumber, isWithoutValue: false)
        #expect(unknown.sentence(in: .english) == "There is no field ${case.numbr}. Did you mean ${case.number}? To write ${ itself, write $${.")
        #expect(unknown.sentence(in: .polish) == "Nie ma pola ${case.numbr}. Czy chodziło o ${case.number}? Aby napisać samo ${, napisz $${.")
        let empty = TemplateText.Fault(name: "customer.firm", suggestion: nil, isWithoutValue: true)
        #expect(empty.sentence(in: .polish) == "Pole ${customer.firm} nie ma tu wartości: nie wiadomo, co wstawić w jego miejsce.")
    }

    @Test(arguments: TemplateField.allCases) func `every field is found by its name and has a meaning`(field: TemplateField) {
        #expect(TemplateText.occurrences(in: "ż${\(field.rawValue)}").map(\.content) == [.field(field)])
        #expect(!field.meaning.isEmpty)
    }

    static let times: [(time: WorkingTime, isWorkingTime: Bool, english: String, polish: String, genitive: String)] = [
        (.hours(1), true, "1 working hour", "1 godzina robocza", "1 godziny roboczej"),
        (.hours(2), true, "2 working hours", "2 godziny robocze", "2 godzin roboczych"),
        (.hours(4), false, "4 hours", "4 godziny", "4 godzin"),
        (.hours(5), true, "5 working hours", "5 godzin roboczych", "5 godzin roboczych"),
        (.hours(12), true, "12 working hours", "12 godzin roboczych", "12 godzin roboczych"),
        (.hours(14), true, "14 working hours", "14 godzin roboczych", "14 godzin roboczych"),
        (.hours(21), true, "21 working hours", "21 godzin roboczych", "21 godzin roboczych"),
        (.hours(22), true, "22 working hours", "22 godziny robocze", "22 godzin roboczych"),
        (.hours(112), true, "112 working hours", "112 godzin roboczych", "112 godzin roboczych"),
        (.minutes(1), true, "1 working minute", "1 minuta robocza", "1 minuty roboczej"),
        (.minutes(30), true, "30 working minutes", "30 minut roboczych", "30 minut roboczych"),
        (.minutes(33), false, "33 minutes", "33 minuty", "33 minut"),
        (.days(1), true, "1 working day", "1 dzień roboczy", "1 dnia roboczego"),
        (.days(2), true, "2 working days", "2 dni robocze", "2 dni roboczych"),
        (.days(5), true, "5 working days", "5 dni roboczych", "5 dni roboczych"),
        (.days(1), false, "1 day", "1 dzień", "1 dnia"),
    ]

    @Test(arguments: times) func `working times are said in words`(
        time: WorkingTime, isWorkingTime: Bool, english: String, polish: String, genitive: String
    ) {
        #expect(time.words(in: .english, isWorkingTime: isWorkingTime) == english)
        #expect(time.words(in: .polish, isWorkingTime: isWorkingTime) == polish)
        #expect(time.words(in: .polish, isWorkingTime: isWorkingTime, .genitive) == genitive)
    }
}
