import Desk
import Foundation
import Gateway
import MailFormat
import MailTypes

/// How the outbox is printed.
enum QueueText {
    /// What `queue list --json` prints.
    struct Listing: Encodable {
        struct Pause: Encodable {
            var destination: String
            var until: String
            var status: String
            var reason: String
        }
        var deliveries: [Entry]
        var waiting: [String: Int]
        var pauses: [Pause]

        init(
            entries: [(entry: QueueEntry, isOnTheWire: Bool)], counts: [DeliveryState: Int],
            pauses: [(destination: String, until: Timestamp, because: DeliveryFailure)]
        ) {
            deliveries = entries.map { Entry($0.entry, isOnTheWire: $0.isOnTheWire) }
            waiting = Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
            self.pauses = pauses.map {
                Pause(
                    destination: $0.destination, until: time($0.until), status: "\($0.because.status)",
                    reason: $0.because.diagnostic)
            }
        }
    }

    /// A delivery in JSON.
    struct Entry: Encodable {
        var id: Int64
        var ticket: Int64?
        var sender: String
        var recipient: String
        var destination: String
        var state: String
        var attempts: Int
        var octets: Int
        var acceptedAt: String
        var expiresAt: String
        var lastAttemptAt: String?
        var nextAttemptAt: String?
        var lastAnswer: String?
        var isOnTheWire: Bool

        init(_ entry: QueueEntry, isOnTheWire: Bool) {
            (id, ticket) = (entry.submission.rawValue, entry.ticket?.rawValue)
            (sender, recipient) = (entry.reversePath?.description ?? "", entry.recipient.description)
            (destination, state, attempts) = (entry.destination, entry.state.rawValue, entry.attempts)
            (octets, acceptedAt, expiresAt) = (entry.size, time(entry.acceptedAt), time(entry.expiresAt))
            (lastAttemptAt, nextAttemptAt) = (entry.lastAttemptAt.map(time), entry.nextAttemptAt.map(time))
            (lastAnswer, self.isOnTheWire) = (entry.diagnostic, isOnTheWire)
        }
    }

    /// A mail with all its deliveries.
    struct Mail: Encodable, Sendable {
        private enum CodingKeys: CodingKey { case id, messageID, subject, deliveries }
        let entries: [QueueEntry]
        let header: [UInt8]
        /// Those of them that are on the wire just now.
        var sent: Set<DeliveryID> = []

        private var section: HeaderSection { HeaderSection(header) }

        var text: String {
            guard let first = entries.first else { return "" }
            var lines = ["Mail \(first.submission)"]
            if let ticket = first.ticket { lines.append("Case: \(ticket)") }
            lines += [
                "Message-ID: \(section.messageID?.text ?? "none")",
                "Subject: \(section.text("Subject") ?? "")", "From: <\(first.reversePath?.description ?? "")>",
                "Octets: \(first.size)", "Accepted: \(time(first.acceptedAt))", "Given up: \(time(first.expiresAt))", "",
            ]
            lines += entries.map { entry in
                let state = sent.contains(entry.id) ? "on the wire" : entry.state.rawValue
                var line = "\(entry.recipient): \(state), \(entry.attempts) attempts"
                if let next = entry.nextAttemptAt { line += ", next \(time(next))" }
                if let diagnostic = entry.diagnostic { line += "\n  \(diagnostic)" }
                return line
            }
            return lines.joined(separator: "\n") + "\n"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(entries.first?.submission.rawValue, forKey: .id)
            try container.encode(section.messageID?.text, forKey: .messageID)
            try container.encode(section.text("Subject"), forKey: .subject)
            try container.encode(
                entries.map { Entry($0, isOnTheWire: sent.contains($0.id)) }, forKey: .deliveries)
        }
    }

    /// A count of TLS sessions in JSON.
    struct TLSLine: Encodable {
        var day: String
        var domain: String
        var policy: String
        var result: String
        var sessions: Int

        init(_ count: TLSResultCount) {
            (day, domain, sessions) = (QueueText.day(count.day), count.result.domain, count.sessions)
            (policy, result) = (count.result.policy.rawValue, count.result.result)
        }
    }

    /// One line a day, domain, policy and result.
    static func line(_ count: TLSResultCount) -> String {
        let line = TLSLine(count)
        return "\(line.day) \(line.domain) \(line.policy) \(line.result) \(line.sessions)"
    }

    private static func day(_ number: Int64) -> String {
        String(time(Timestamp(seconds: number * 86_400)).prefix(10))
    }

    private struct Changed: Encodable { var changed: Int }

    /// One line a delivery.
    static func line(_ entry: QueueEntry, isOnTheWire: Bool) -> String {
        let state = isOnTheWire ? "on the wire:" : entry.state.rawValue
        var line = "\(entry.submission) \(state) \(entry.recipient) from"
        line += " <\(entry.reversePath?.description ?? "")>, \(entry.size) octets, \(entry.attempts) attempts"
        line += ", since \(time(entry.acceptedAt))"
        if let next = entry.nextAttemptAt { line += ", next \(time(next))" }
        if let diagnostic = entry.diagnostic { line += ": \(diagnostic)" }
        return line
    }

    static func changed(_ count: Int, _ words: String, isJSON: Bool) throws -> String {
        isJSON ? try json(Changed(changed: count)) : "\(count) \(count == 1 ? "delivery" : "deliveries") \(words).\n"
    }

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }

    /// RFC 3339, in UTC, to the second.
    static func time(_ moment: Timestamp) -> String {
        let time = CivilTime(moment)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(time.year)-\(two(time.month))-\(two(time.day))T\(two(time.hour)):\(two(time.minute)):\(two(time.second))Z"
    }
}
