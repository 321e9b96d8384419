package import MailTypes

/// A failed delivery attempt, in the terms of RFC 3463. The outbox reads `isTransient`; the DSN quotes `diagnostic`.
package struct DeliveryFailure: Error {
    /// How far the attempt had come.
    package enum Stage: String, Sendable {
        case resolving, connecting, greeting, tls, authentication, envelope, content
    }

    package var stage: Stage
    package var status: EnhancedStatus
    /// The remote's own words: to the log and the DSN, never into a reply of ours.
    package var diagnostic: String
    package var cause: (any Error)?
    /// The server that said so, as the log names it.
    package var server: String?
    package var isTransient: Bool { status.class == 4 }
    /// Whether no server of the destination was reached, or none let us in: other mail will not fare better.
    package var isOfDestination: Bool {
        switch stage {
        case .resolving, .connecting, .greeting, .tls, .authentication: isTransient
        case .envelope, .content: false
        }
    }

    package init(stage: Stage, status: EnhancedStatus, diagnostic: String, cause: (any Error)? = nil) {
        (self.stage, self.status, self.diagnostic, self.cause) = (stage, status, diagnostic, cause)
    }
}

/// What came of trying to deliver to one recipient (RFC 5321 §4.5.4).
package enum DeliveryAttempt: Sendable {
    /// The next hop has taken the mail, in its own words.
    case delivered(diagnostic: String, server: String? = nil)
    /// The next hop has taken the mail, and will not tell of what becomes of it though that was asked for (RFC 3461 §5.2.2).
    case relayed(diagnostic: String, server: String? = nil)
    /// 4yz: try again.
    case deferred(DeliveryFailure)
    /// 5yz: never.
    case failed(DeliveryFailure)
    /// Deferred once too often.
    case expired(DeliveryFailure)

    /// A failure as the attempt that its status makes it.
    package init(_ failure: DeliveryFailure) { self = failure.isTransient ? .deferred(failure) : .failed(failure) }

    /// The state that the attempt leaves the delivery in.
    package var outcome: DeliveryState {
        switch self {
        case .delivered, .relayed: .delivered
        case .deferred: .deferred
        case .failed: .failed
        case .expired: .expired
        }
    }

    /// The remote's own words: to the log and the DSN, never into a reply of ours.
    package var diagnostic: String {
        switch self {
        case .delivered(let diagnostic, _), .relayed(let diagnostic, _): diagnostic
        case .deferred(let failure), .failed(let failure), .expired(let failure): failure.diagnostic
        }
    }

    /// The server that took or refused the mail, as the log names it; `nil`: none did.
    package var server: String? {
        switch self {
        case .delivered(_, let server), .relayed(_, let server): server
        case .deferred(let failure), .failed(let failure), .expired(let failure): failure.server
        }
    }

    /// Its words and its name, for people.
    package var account: String { server.map { "\(diagnostic) (\($0))" } ?? diagnostic }

    /// Why it is not delivered.
    package var failure: DeliveryFailure? {
        switch self {
        case .delivered, .relayed: nil
        case .deferred(let failure), .failed(let failure), .expired(let failure): failure
        }
    }
}
