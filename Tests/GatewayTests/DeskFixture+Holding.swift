import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

/// A message of an agent's own mailbox as IMAP would serve it.
struct ShownMessage: Sendable {
    var uid: UID
    var header: String
    var body: String
    var flags: Flags
}

extension DeskFixture {
    /// What stands in To send.
    func toSend(_ login: String) async throws -> [ShownMessage] { try await shown(.toSend(agent(login))) }

    func shown(_ kind: MailboxKind) async throws -> [ShownMessage] {
        let mailbox = try #require(roster.current.mailbox(kind))
        let owner = try #require(kind.owner)
        return try await store.read { (transaction: Transaction) in
            try transaction.connection.all(
                """
                SELECT e.uid, t.header, m.content_id, m.body_offset, c.size, coalesce(a.flags, 0)
                  FROM entry e JOIN message m ON m.id = e.message_id JOIN message_text t ON t.message_id = m.id
                  JOIN content c ON c.id = m.content_id
                  LEFT JOIN agent_message a ON a.message_id = m.id AND a.agent_id = \(owner)
                 WHERE e.mailbox_id = \(mailbox) ORDER BY e.uid
                """
            ) { row in
                let octets = try transaction.octets(
                    row.int(3)..<row.int(4), of: ContentID(rawValue: row.integer(2)))
                return ShownMessage(
                    uid: UID(UInt32(row.integer(0))), header: String(decoding: row.blob(1), as: UTF8.self),
                    body: String(decoding: octets, as: UTF8.self), flags: Flags(rawValue: row.integer(5)))
            }
        }
    }

    /// Lets go what is due, as the outbox does.
    func releaseDue() async throws {
        let (now, roster, held) = (clock.now, roster.current, submission.held)
        let due = try await store.read { (transaction: Transaction) in try transaction.dueHeldMail(at: now, limit: 100) }
        for id in due {
            _ = try await store.write { (transaction: Transaction) in
                try held.release(id, isConfirmed: false, CaseWork(transaction, roster: roster, now: now))
            }
        }
    }

    /// Time goes by, and what is due leaves.
    func pass(_ time: Duration) async throws {
        clock.advance(by: time)
        try await releaseDue()
    }

    /// Everything in To send is moved to To send/Confirmed.
    func confirm(_ login: String) async throws {
        let (now, roster, held, agent) = (clock.now, roster.current, submission.held, agent(login))
        for shown in try await toSend(login) {
            _ = try await store.write { (transaction: Transaction) in
                let status = try #require(try transaction.heldMailStatus(uid: shown.uid, of: agent))
                return try held.release(status.id, isConfirmed: true, CaseWork(transaction, roster: roster, now: now))
            }
        }
    }

    /// The mail under a UID, or everything, in To send is recalled.
    func recall(_ login: String, _ uid: UID? = nil) async throws {
        let (now, roster, held, agent) = (clock.now, roster.current, submission.held, agent(login))
        var uids = try await toSend(login).map(\.uid)
        if let uid { uids = [uid] }
        for uid in uids {
            do {
                _ = try await store.write { (transaction: Transaction) in
                    try held.recall(uid: uid, of: agent, CaseWork(transaction, roster: roster, now: now))
                }
            } catch {
                throw error.cause ?? error
            }
        }
    }

    func outgoingBody(_ submission: Int64) async throws -> [UInt8] {
        try await store.read { (transaction: Transaction) in
            var octets: [UInt8] = []
            var piece = 0
            while let next = try transaction.outgoingBody(of: SubmissionID(rawValue: submission), piece: piece) {
                octets += next
                piece += 1
            }
            return octets
        }
    }
}
