import Desk
import Foundation
import Gateway
import MailTypes
import Storage

/// A request about customers.
enum CustomerRequest: Codable, Sendable {
    case list(text: String, below: Int64?, limit: Int, isJSON: Bool)
    case show(String, isJSON: Bool)
    /// `nil` removes a value.
    case set(String, [String: String?], by: String?)
    case attach(Int64, String, withEarlier: Bool, by: String?)
    case detach(Int64, withEarlier: Bool, by: String?)
    case join(String, into: String, by: String?)
    /// The record of everything, without the octets.
    case record(String, by: String?)
    case erase(String, by: String, and: String)
}

extension DeskOperations {
    func perform(_ request: CustomerRequest) async throws -> String {
        switch request {
        case .list(let text, let below, let limit, let isJSON):
            let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
            let found = try await read { transaction in
                try transaction.customers(holding: words, below: below.map(CustomerID.init(rawValue:)), limit: limit)
                    .map { try CustomerRecord($0, transaction) }
            }
            return isJSON ? CommandJSON.text(found) : found.map { $0.line + "\n" }.joined()
        case .show(let selector, let isJSON):
            let id = try await customer(selector)
            let roster = roster.current
            let record = try await read { try CustomerRecord.whole(id, $0, roster) }
            return isJSON ? CommandJSON.text(record) : record.text
        case .set(let selector, let values, let login):
            return try await set(selector, values, by: login)
        case .attach(let number, let selector, let withEarlier, let login):
            let id = try await customer(selector)
            let agent = try login.map(person)?.id
            let now = clock.now
            try await write { transaction in
                try CustomerWork(transaction, by: agent, now: now)
                    .attach(TicketNumber(rawValue: number), to: id, withEarlier: withEarlier)
            }
            return "case \(number) is of customer \(id) now\n"
        case .detach(let number, let withEarlier, let login):
            let agent = try login.map(person)?.id
            let now = clock.now
            let new = try await write { transaction in
                try CustomerWork(transaction, by: agent, now: now)
                    .detach(TicketNumber(rawValue: number), withEarlier: withEarlier)
            }
            return "case \(number) is of customer \(new) now\n"
        case .join(let selector, let target, let login):
            let (id, other) = (try await customer(selector), try await customer(target))
            let agent = try login.map(person)?.id
            let now = clock.now
            try await write { try CustomerWork($0, by: agent, now: now).join(id, into: other) }
            return "customer \(id) is part of customer \(other) now\n"
        case .record(let selector, let login):
            let id = try await customer(selector)
            let agent = try login.map(person)?.id
            let (roster, now) = (roster.current, clock.now)
            return CommandJSON.text(
                try await write { transaction in
                    try transaction.record(AuditEntry(at: now, action: .export, agent: agent, subject: id.description))
                    try transaction.record(CustomerEvent(customer: id, at: now, agent: agent, what: "exported"))
                    return try CustomerRecord.whole(id, transaction, roster)
                })
        case .erase(let selector, let admin, let supervisor):
            return try await erase(selector, by: admin, and: supervisor)
        }
    }

    private func set(_ selector: String, _ values: [String: String?], by login: String?) async throws -> String {
        let id = try await customer(selector)
        let agent = try login.map(person)?.id
        let now = clock.now
        let fields = try values.map { name, value in
            guard let field = CustomerField(name) else {
                throw CommandFailure(.dataError, "\(name): no name of a field; it has at most 100 octets and no / * %")
            }
            return (field: field, value: value)
        }.sorted { $0.field.word < $1.field.word }
        try await write { try CustomerWork($0, by: agent, now: now).set(fields, of: id) }
        return "customer \(id) was changed\n"
    }

    /// A customer by number, address or name.
    func customer(_ selector: String) async throws -> CustomerID {
        try await read { transaction in
            let bare = selector.hasPrefix("#") ? String(selector.dropFirst()) : selector
            if let number = Int64(bare) {
                var found = try transaction.customer(CustomerID(rawValue: number))
                while let next = found?.joinedInto { found = try transaction.customer(next) }
                if let found { return found.id }
            }
            if let address = EmailAddress(selector), let found = try transaction.address(identity: address.identity) {
                return found.customer
            }
            let words = selector.split(whereSeparator: \.isWhitespace).map(String.init)
            guard !words.isEmpty else { throw CommandFailure(.noUser, "\(selector): no such customer") }
            let named = try transaction.customers(holding: words, below: nil, limit: 2)
            guard let first = named.first else { throw CommandFailure(.noUser, "\(selector): no such customer") }
            guard named.count == 1 else {
                throw CommandFailure(.dataError, "\(selector): several customers; name one by number or address")
            }
            return first.id
        }
    }

    /// Octets of a message as the desk serves it, in base64; empty at its end.
    func octets(of message: Int64, from offset: Int) async throws -> String {
        let octets = try await read {
            try $0.servedOctets(of: MessageKey(rawValue: message), from: offset, count: 1 << 20)
        }
        return Data(octets).base64EncodedString()
    }
}
