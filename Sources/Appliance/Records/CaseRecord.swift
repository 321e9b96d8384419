import Desk
import Gateway
import MailFormat
import MailTypes
import Storage

/// A case as commands print and export it.
struct CaseRecord: Codable, Sendable {
    struct Message: Codable, Sendable {
        var message: Int64
        var kind: String
        var at: String
        var from: String?
        var to: String?
        var subject: String
        var octets: Int
        var agent: String?
        /// Where an export put it.
        var file: String?
    }
    struct Event: Codable, Sendable {
        var at: String
        var kind: String
        var who: String?
        var what: String
        var message: Int64?
    }
    struct Delivery: Codable, Sendable {
        var recipient: String
        var state: String
        var attempts: Int
        var accepted: String
        var lastAttempt: String?
        var nextAttempt: String?
        var answer: String?
    }

    var number: Int64
    var pool: String
    var status: String
    var assignee: String?
    var substitute: String?
    var group: String?
    var folder: String?
    var priority: String
    var category: String?
    var source: String
    var subject: String
    var tags: [String]
    var customer: Int64?
    var customerName: String?
    var address: String?
    var opened: String
    var since: String
    var overdue: Bool
    var firstAnswerDue: String?
    var solutionDue: String?
    var mergedInto: Int64?
    var participants: [String]?
    /// Addresses of it to which mail does not arrive.
    var undeliverable: [CustomerRecord.Address]?
    /// By the names of the questions; those that wait for an answer have none.
    var answers: [String: String?]?
    var followers: [String]?
    var linked: [Int64]?
    var messages: [Message]?
    var events: [Event]?
    var deliveries: [Delivery]?

    /// What a list shows of a case.
    init(_ ticket: Ticket, _ transaction: Transaction, _ roster: Roster) throws {
        number = ticket.number.rawValue
        pool = roster.pools[ticket.pool]?.definition.name ?? ticket.pool.description
        status = ticket.status.word
        assignee = ticket.assignee.flatMap { roster.agents[$0]?.definition.login }
        substitute = ticket.substitute.flatMap { roster.agents[$0]?.definition.login }
        group = ticket.group.flatMap { roster.groups[$0]?.name }
        folder = ticket.folder.flatMap { roster.folders[$0]?.name }
        (priority, category, source) = (ticket.priority.rawValue, ticket.category, ticket.source.rawValue)
        subject = try transaction.subject(of: ticket.number)
        tags = try transaction.tags(of: ticket.number)
        customer = ticket.customer?.rawValue
        customerName = try ticket.customer.flatMap { try transaction.customer($0)?.name }
        address = ticket.address?.description
        (opened, since) = (ticket.openedAt.text, ticket.statusSince.text)
        overdue = ticket.clock.isOverdue
        (firstAnswerDue, solutionDue) = (ticket.clock.firstAnswerDue?.text, ticket.clock.solutionDue?.text)
        mergedInto = ticket.mergedInto?.rawValue
    }

    /// With all that it holds; `nil` where there is no such case.
    init?(_ number: TicketNumber, _ transaction: Transaction, _ roster: Roster) throws {
        guard let ticket = try transaction.ticket(number) else { return nil }
        try self.init(ticket, transaction, roster)
        let words = EventWords(roster: roster)
        participants = try transaction.participantSpellings(of: number)
        undeliverable = try transaction.bouncedAddresses(of: number).map(CustomerRecord.Address.init)
        let known = try transaction.answers(of: number)
        answers = Dictionary(
            roster.questions(of: ticket).map { ($0.name, known[$0.id]) }, uniquingKeysWith: { first, _ in first })
        followers = try transaction.followers(of: number).sorted().compactMap { words.login($0) }
        linked = try transaction.links(of: number).map(\.rawValue)
        messages = try transaction.recordedMessages(of: number).map { message in
            let header = HeaderSection(message.header)
            func people(_ name: String) -> String? {
                let text = header.addresses(of: name).map(\.address.description).joined(separator: ", ")
                return text.isEmpty ? nil : text
            }
            return Message(
                message: message.key.rawValue, kind: "\(message.kind)", at: message.at.text, from: people("From"),
                to: people("To"), subject: header.text("Subject") ?? "", octets: message.size,
                agent: words.login(message.agent))
        }
        events = try transaction.events(of: number).map { event in
            Event(
                at: event.at.text, kind: "\(event.kind)", who: words.login(event.agent), what: words.sentence(event),
                message: event.message?.rawValue)
        }
        deliveries = try transaction.deliveries(of: number).map { delivery in
            Delivery(
                recipient: delivery.recipient, state: delivery.state.rawValue, attempts: delivery.attempts,
                accepted: delivery.acceptedAt.text, lastAttempt: delivery.lastAttempt?.text,
                nextAttempt: delivery.nextAttempt?.text, answer: delivery.diagnostic)
        }
    }

    /// `#17  new  Help  -  Parcel`.
    var line: String {
        let who = assignee ?? group.map { "group \($0)" } ?? "-"
        let marks = (overdue ? ["overdue"] : []) + (priority == "normal" ? [] : [priority]) + tags
        return (["#\(number)", status, pool, who, subject] + (marks.isEmpty ? [] : [marks.joined(separator: " ")]))
            .joined(separator: "\t")
    }

    var text: String {
        var lines = ["#\(number) \(subject)", "status: \(status) since \(since)", "pool: \(pool)"]
        func say(_ word: String, _ value: String?) {
            if let value, !value.isEmpty { lines.append("\(word): \(value)") }
        }
        say("assigned to", assignee)
        say("away, with instead", substitute)
        say("group", group)
        say("folder", folder)
        say("priority", priority)
        say("category", category)
        say("source", source)
        say("tags", tags.joined(separator: " "))
        say("customer", customer.map { "\($0)" + (customerName.map { " \($0)" } ?? "") })
        say("written to", address)
        say("opened", opened)
        say("first answer due", firstAnswerDue)
        say("solution due", solutionDue)
        if overdue { lines.append("overdue") }
        say("went into", mergedInto.map { "#\($0)" })
        say("participants", participants?.joined(separator: " "))
        for address in undeliverable ?? [] { say("undeliverable", address.text) }
        say("followed by", followers?.joined(separator: " "))
        for (question, answer) in (answers ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append("question \(question): \(answer ?? "-")")
        }
        say("linked with", linked?.map { "#\($0)" }.joined(separator: " "))
        for message in messages ?? [] {
            let who = message.from ?? message.agent ?? "-"
            lines.append("\(message.at) message \(message.message), \(message.kind), \(who): \(message.subject)")
        }
        lines += eventLines
        for delivery in deliveries ?? [] {
            let when = delivery.lastAttempt ?? delivery.accepted
            let answer = delivery.answer.map { ": \($0)" } ?? ""
            lines.append("\(when) to \(delivery.recipient) \(delivery.state)\(answer)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A line for each event.
    var eventLines: [String] {
        (events ?? []).map { event in "\(event.at) \(event.what)" + (event.who.map { ", by \($0)" } ?? "") }
    }
}
