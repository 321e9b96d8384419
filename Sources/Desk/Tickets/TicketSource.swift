/// How a customer came to the desk (FEATURES S33). The raw value is what the database and commands write.
package enum TicketSource: String, Sendable, CaseIterable {
    case mail, phone, sms, chat, web, letter
    case inPerson = "in-person"
}
