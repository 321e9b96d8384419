package import Desk
package import MailTypes

/// How a mail came in, kept with it: what `stempel why` begins its story with (FEATURES G9).
package struct Acceptance: Sendable, Equatable {
    package var at: Timestamp
    package var origin: MailOrigin
    /// Octets of the content.
    package var size: Int
    /// The same mail was there already.
    package var isDuplicate: Bool
    /// Rules that held for it.
    package var rules: [String]

    package init(at: Timestamp, origin: MailOrigin, size: Int, isDuplicate: Bool = false, rules: [String] = []) {
        (self.at, self.origin, self.size) = (at, origin, size)
        (self.isDuplicate, self.rules) = (isDuplicate, rules)
    }
}

/// The connection and the envelope that a mail came with.
package struct MailOrigin: Sendable, Equatable {
    /// Whether the connection was encrypted, as far as that was kept.
    package enum Encryption: Sendable, Equatable {
        /// In the clear.
        case none
        /// With version and cipher.
        case tls(String)
        case unknown

        /// Version and cipher.
        package var details: String? { if case .tls(let details) = self { details } else { nil } }
    }

    package var session: String
    package var peer: String
    package var helo: String
    package var encryption: Encryption
    /// Who had logged in.
    package var agent: AgentID?
    /// `nil`: the null reverse-path.
    package var reversePath: String?
    package var recipients: [String]

    /// - Parameter tls: version and cipher; `nil` in the clear.
    package init(
        session: String, peer: String, helo: String, tls: String?, agent: AgentID?, reversePath: String?,
        recipients: [String]
    ) {
        (self.session, self.peer, self.helo) = (session, peer, helo)
        encryption = tls.map { .tls($0) } ?? .none
        (self.agent, self.reversePath, self.recipients) = (agent, reversePath, recipients)
    }

    package init(_ peer: Peer, _ envelope: Envelope, agent: AgentID? = nil) {
        self.init(
            session: peer.sessionID, peer: peer.address, helo: String(peer.helo.prefix(255)),
            tls: peer.tls.map { "\($0.version) \($0.cipher)" }, agent: agent,
            reversePath: envelope.reversePath?.description, recipients: envelope.recipients.map(\.description))
    }
}

/// A mail, or a recipient, that was refused, or a mail that was taken and thrown away.
package struct Refusal: Sendable, Equatable {
    package var at: Timestamp
    package var origin: MailOrigin
    /// Known where the content was seen.
    package var messageID: MessageID?
    /// What the peer was told.
    package var reply: String
    /// Who or what had it refused, or thrown away, where the reply alone does not tell.
    package var cause: String?
    /// The peer was told that it was taken.
    package var isDiscarded: Bool { reply.hasPrefix("2") }

    package init(
        at: Timestamp, origin: MailOrigin, messageID: MessageID? = nil, reply: String, cause: String? = nil
    ) {
        (self.at, self.origin, self.messageID) = (at, origin, messageID)
        (self.reply, self.cause) = (reply, cause)
    }
}

/// What keeping records of mail needs of the database.
package protocol RecordTransaction {
    /// The content that was stored with this transaction.
    func record(_ acceptance: Acceptance, of content: ContentID) throws
    /// The content is that of a message that was there before.
    func record(_ acceptance: Acceptance, like message: MessageKey) throws
    /// What leaves was made of what an agent's client sent: how that came in is told of both.
    func shareAcceptances(of content: ContentID, with other: ContentID) throws
    /// Keeps refusals, and forgets the oldest: at most `Refusal.maximumRows`, none older than `Refusal.days`.
    func record(_ refusals: [Refusal]) throws
}

extension Refusal {
    /// Rows that are kept.
    package static let maximumRows: Int64 = 20_000
    /// Days that they are kept.
    package static let days: Int64 = 14
}
