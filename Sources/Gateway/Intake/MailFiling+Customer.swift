import Desk
import MailTypes

extension MailFiling {
    /// What rules say of the customer whose mail opened a case. Of one whose domain does not stand behind it anybody could
    /// have written the mail: then nothing changes.
    func setCustomerFields(_ verdict: RuleVerdict, _ ticket: Ticket, _ work: CaseWork) throws {
        guard !verdict.customerFields.isEmpty, !facts.failedDMARC, let id = ticket.customer,
            var customer = try work.transaction.customer(id), customer.erasedAt == nil
        else { return }
        var fields: [String: String?] = [:]
        for field in verdict.customerFields {
            switch foldedName(field.name) {
            case "name": customer.name = field.value
            case "firm": customer.firm = field.value
            case "phone": customer.phone = field.value
            case "note": customer.note = field.value
            default: fields[field.name] = field.value
            }
        }
        try CustomerWork(work.transaction, by: nil, now: now).set(customer, fields: fields)
    }
}
