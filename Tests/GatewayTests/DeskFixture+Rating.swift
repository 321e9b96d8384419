import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

extension DeskFixture {
    /// Does what the scheduler does about cases that became over, or go on.
    func settleClosing() async throws {
        let (now, roster) = (clock.now, roster.current)
        let closing = ClosingMails(held: submission.held, links: RatingLinks(origin: "https://rate.example"))
        try await store.write { (transaction: Transaction) in
            for timer in try transaction.dueTimers(at: now, limit: 100) where timer.kind == .closing {
                try transaction.removeTimer(timer.kind, of: timer.ticket, subject: timer.subject)
                try closing.settle(timer, CaseWork(transaction, roster: roster, now: now))
            }
        }
    }

    func closedCase() async throws -> String {
        _ = try await open(TestMail(id: "first@customer.example"))
        try await decide(.setStatus(.closed), 1, as: "anna@acme.example")
        try await settleClosing()
        return try #require(try await link())
    }

    /// The token of the links in a mail that leaves.
    func link(_ submission: Int64 = 1) async throws -> String? {
        let body = String(decoding: try await outgoingBody(submission), as: UTF8.self).replacing("=\r\n", with: "")
        return body.firstMatch(of: /rate\.example\/rating\/([^\/\s]+)\//).map { String($0.1) }
    }

    /// The token that a mail which has not left will have.
    func unsentLink() async throws -> String? {
        let id = try await number("SELECT id FROM rating WHERE sent_at IS NULL")
        return keys.sign(TicketNumber(rawValue: 1), for: .rating, subject: id).text
    }

    func tags(_ ticket: Int64) async throws -> [String] {
        try await store.read { (transaction: Transaction) in try transaction.tags(of: TicketNumber(rawValue: ticket)) }
    }

    var ratings: Ratings { ratings(room: AmpleRoom()) }

    func ratings(room: any RoomGauge) -> Ratings {
        Ratings(
            store: store, roster: roster, keys: keys, cryptography: cryptography, clock: clock, room: room, host: Self.host)
    }
}
