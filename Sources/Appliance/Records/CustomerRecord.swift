import Desk
import Gateway
import MailTypes
import Storage

/// What is known of a customer, as commands print and export it.
struct CustomerRecord: Codable, Sendable {
    struct Address: Codable, Sendable {
        var address: String
        var name: String?
        /// Since when, and with which status, mail to it does not arrive.
        var undeliverableSince: String?
        var undeliverableStatus: String?

        init(_ known: CustomerAddress) {
            (address, name) = (known.spelling, known.displayName)
            (undeliverableSince, undeliverableStatus) = (known.bouncedAt?.text, known.bounceStatus)
        }

        var text: String {
            var words = address + (name.map { " (\($0))" } ?? "")
            if let undeliverableSince {
                words += ", mail does not arrive since \(undeliverableSince)"
                    + (undeliverableStatus.map { ": \($0)" } ?? "")
            }
            return words
        }
    }
    struct Event: Codable, Sendable {
        var at: String
        var who: String?
        var what: String
        var ticket: Int64?
    }

    var number: Int64
    var name: String?
    var firm: String?
    var phone: String?
    var note: String?
    var fields: [String: String]
    var since: String
    var erased: String?
    var addresses: [Address]
    var history: [Event]?
    /// Cases of theirs, and those of others in which one of their addresses takes part.
    var cases: [CaseRecord]?

    init(_ customer: Customer, _ transaction: Transaction) throws {
        (number, name, firm) = (customer.id.rawValue, customer.name, customer.firm)
        (phone, note) = (customer.phone, customer.note)
        (since, erased) = (customer.createdAt.text, customer.erasedAt?.text)
        fields = try transaction.fields(of: customer.id)
        addresses = []
        guard customer.erasedAt == nil else { return }
        addresses = try transaction.addresses(of: customer.id).map(Address.init)
    }

    /// With history and cases.
    static func whole(_ id: CustomerID, _ transaction: Transaction, _ roster: Roster) throws -> CustomerRecord {
        guard let customer = try transaction.customer(id) else {
            throw CommandFailure(.noUser, "\(id): no such customer")
        }
        var record = try CustomerRecord(customer, transaction)
        record.history = try transaction.customerEvents(of: id).map { event in
            Event(
                at: event.at.text, who: event.agent.flatMap { roster.agents[$0]?.definition.login }, what: event.what,
                ticket: event.ticket?.rawValue)
        }
        var numbers = Set(try transaction.tickets(of: id).map(\.number))
        for address in try transaction.addresses(of: id) {
            numbers.formUnion(try transaction.tickets(with: address.id))
        }
        record.cases = try numbers.sorted().compactMap { try CaseRecord($0, transaction, roster) }
        return record
    }

    /// `17  Jan Kowalski, Acme  jan@customer.example`.
    var line: String {
        let who = [name, firm].compactMap(\.self).joined(separator: ", ")
        return ["\(number)", who, addresses.map(\.address).joined(separator: " ")].joined(separator: "\t")
    }

    var text: String {
        var lines = ["customer \(number), since \(since)" + (erased.map { ", erased \($0)" } ?? "")]
        func say(_ word: String, _ value: String?) {
            if let value { lines.append("\(word): \(value.replacing("\n", with: "\n  "))") }
        }
        say("name", name)
        say("firm", firm)
        say("phone", phone)
        say("note", note)
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { say(name, value) }
        for address in addresses { say("address", address.text) }
        let cases = cases ?? []
        for (pool, inPool) in Dictionary(grouping: cases, by: \.pool).sorted(by: { $0.key < $1.key }) {
            lines.append("cases in \(pool): \(inPool.count)")
        }
        for last in cases.suffix(3).reversed() { lines.append("  " + last.line) }
        for event in history ?? [] {
            lines.append(
                "\(event.at) \(event.what)" + (event.ticket.map { " #\($0)" } ?? "")
                    + (event.who.map { ", by \($0)" } ?? ""))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
