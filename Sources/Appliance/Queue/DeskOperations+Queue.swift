import Desk
import Foundation
import Gateway
import MailTypes
import Storage
import Synchronization

/// `stempel queue …`.
extension DeskOperations {
    /// Deliveries that one order can name.
    private static let most = 100_000

    package func queue(_ order: QueueOrder, isJSON: Bool) async throws -> String {
        switch order.verb {
        case .list: try await listQueue(order, isJSON: isJSON)
        case .show: try await showMail(order, isJSON: isJSON)
        case .tls: try await listTLS(order, isJSON: isJSON)
        case .flush: try await flushQueue(isJSON: isJSON)
        case .retry, .hold, .release, .cancel: try await changeQueue(order, isJSON: isJSON)
        }
    }

    private func asking<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        do {
            return try await store.read(body)
        } catch {
            throw CommandFailure(.ioError, "the outbox cannot be read: \(error)")
        }
    }

    private func changing<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        do {
            return try await store.write(body)
        } catch {
            throw CommandFailure(.ioError, "the outbox was not changed: \(error)")
        }
    }

    private func listQueue(_ order: QueueOrder, isJSON: Bool) async throws -> String {
        let limit = max(1, order.limit)
        let found = try await asking { transaction in
            (
                entries: try transaction.waitingDeliveries(order.choice, limit: limit),
                counts: try transaction.waitingCounts()
            )
        }
        let pauses = outbox.pauses
        let entries = found.entries.map { (entry: $0, isOnTheWire: outbox.isOnTheWire($0)) }
        if isJSON {
            return try QueueText.json(
                QueueText.Listing(entries: entries, counts: found.counts, pauses: pauses))
        }
        var text = entries.map { QueueText.line($0.entry, isOnTheWire: $0.isOnTheWire) + "\n" }.joined()
        for pause in pauses {
            text += "\(pause.destination.isEmpty ? "the relay" : pause.destination) is left alone until"
            text += " \(QueueText.time(pause.until)): \(pause.because.diagnostic)\n"
        }
        let total = found.counts.values.reduce(0, +)
        return text + (total > found.entries.count ? "\(found.entries.count) of \(total) are shown.\n" : "")
    }

    private func showMail(_ order: QueueOrder, isJSON: Bool) async throws -> String {
        var mails: [QueueText.Mail] = []
        for number in order.choice.submissions {
            let id = SubmissionID(rawValue: number)
            let found = try await asking { transaction -> QueueText.Mail? in
                let entries = try transaction.deliveries(of: id)
                guard !entries.isEmpty else { return nil }
                return QueueText.Mail(entries: entries, header: try transaction.outgoingHeader(of: id))
            }
            guard var found else { throw CommandFailure(.noInput, "\(number): no such mail in the outbox") }
            found.sent = Set(found.entries.filter(outbox.isOnTheWire).map(\.id))
            mails.append(found)
        }
        return isJSON ? try QueueText.json(mails) : mails.map(\.text).joined(separator: "\n")
    }

    /// What TLS came to on the last days (RFC 8460), as far as it was written down: every minute.
    private func listTLS(_ order: QueueOrder, isJSON: Bool) async throws -> String {
        let first = clock.now.seconds / 86_400 - Int64(max(1, min(order.limit, 3660))) + 1
        let found = try await asking { try $0.tlsResults(since: first) }
        return isJSON ? try QueueText.json(found.map(QueueText.TLSLine.init)) : found.map { QueueText.line($0) + "\n" }.joined()
    }

    private func flushQueue(isJSON: Bool) async throws -> String {
        let now = clock.now
        outbox.forgetPauses(of: nil)
        let count = try await changing { transaction in
            transaction.note(Change(isOutboxChange: true))
            return try transaction.makeAllDue(at: now)
        }
        return try QueueText.changed(count, "to be tried now", isJSON: isJSON)
    }

    private func changeQueue(_ order: QueueOrder, isJSON: Bool) async throws -> String {
        guard !order.choice.isEmpty else {
            throw CommandFailure(.dataError, "name mails by their numbers, or --to, or --destination")
        }
        let (now, notices, outbox) = (clock.now, notices, outbox)
        let withheld = Mutex<[QueueEntry]>([])
        defer { outbox.release(withheld.withLock { $0 }) }
        let (count, meant, sent) = try await changing { transaction -> (Int, Int, Int) in
            let meant = try transaction.waitingDeliveries(order.choice, limit: Self.most)
            // Its server may have taken it before this is written.
            let entries = outbox.withhold(meant)
            withheld.withLock { $0 += entries }
            transaction.note(Change(isOutboxChange: true))
            let count: Int
            switch order.verb {
            case .retry:
                outbox.forgetPauses(of: Set(entries.map(\.destination)))
                count = try transaction.makeDue(entries.map(\.id), releasing: false, at: now)
            case .release:
                let held = entries.filter { $0.state == .held }
                outbox.forgetPauses(of: Set(held.map(\.destination)))
                count = try transaction.makeDue(held.map(\.id), releasing: true, at: now)
            case .hold: count = try transaction.hold(entries.map(\.id))
            case .cancel: count = try Self.cancel(entries, at: now, notices, in: transaction)
            case .list, .show, .flush, .tls: preconditionFailure("this verb changes no deliveries by choice")
            }
            return (count, meant.count, meant.count - entries.count)
        }
        guard meant > 0 else { throw CommandFailure(.noInput, "nothing that waits is meant by that") }
        guard count > 0 else { throw CommandFailure(.noInput, Self.nothingDone(order.verb, onTheWire: sent)) }
        let words =
            switch order.verb {
            case .hold: "held"
            case .cancel: "cancelled"
            default: "to be tried now"
            }
        let rest = sent > 0 ? "\(sent) \(sent == 1 ? "goes its way" : "go their way"): on the wire just now.\n" : ""
        return try QueueText.changed(count, words, isJSON: isJSON) + (isJSON ? "" : rest)
    }

    /// Why an order found something and changed nothing.
    private static func nothingDone(_ verb: QueueOrder.Verb, onTheWire: Int) -> String {
        if onTheWire > 0 { return "that is on the wire just now; look again when it is over" }
        switch verb {
        case .hold: return "that is held already"
        case .release: return "nothing of that is held"
        case .retry: return "that is held; queue release lets it go"
        case .list, .show, .flush, .tls, .cancel: return "nothing that waits is meant by that"
        }
    }

    /// Gives deliveries up; the people of their cases are told, as of any mail that does not arrive.
    private static func cancel(
        _ entries: [QueueEntry], at now: Timestamp, _ notices: any FailureNotices, in transaction: Transaction
    ) throws -> Int {
        let cancelled = try entries.filter { try transaction.cancelDelivery($0.id, at: now) }
        let failure = DeliveryFailure(
            stage: .envelope, status: EnhancedStatus(5, 7, 0), diagnostic: "an operator cancelled the delivery")
        for (submission, entries) in Dictionary(grouping: cancelled, by: \.submission) {
            guard let first = entries.first else { continue }
            for entry in entries {
                guard let ticket = entry.ticket else { continue }
                try transaction.record(
                    TicketEvent(
                        ticket: ticket, at: now, kind: .deliveryFailed, message: entry.message,
                        to: entry.recipient.description, reason: failure.diagnostic))
            }
            if first.ticket == nil, first.agent == nil { try transaction.dropSettled(submission) }
            guard first.reversePath != nil else { continue }
            try notices.file(
                FailureNotice(
                    submission: submission, ticket: first.ticket, message: first.message, agent: first.agent,
                    acceptedAt: first.acceptedAt, expiresAt: first.expiresAt, at: now,
                    recipients: entries.map {
                        .init(address: $0.recipient, attempt: .failed(failure), attempts: $0.attempts)
                    }),
                in: transaction)
        }
        return cancelled.count
    }
}
