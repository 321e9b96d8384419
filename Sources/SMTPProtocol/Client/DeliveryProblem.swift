package import MailTypes

/// Why a delivery did not happen, in the terms of RFC 3463.
package struct DeliveryProblem: Error, Equatable, Sendable {
    /// How far the session had come.
    package enum Stage: String, Sendable { case greeting, tls, authentication, sender, recipient, data, content }

    /// Where it happened.
    package var stage: Stage
    /// What it means: class 4 waits, class 5 is final.
    package var status: EnhancedStatus
    /// `nil`: nobody answered.
    package var code: ReplyCode?
    /// The remote's own words, or ours where it had none: to the log and the DSN, never into a reply of ours.
    package var diagnostic: String
    /// The enhanced status that stood before those words, as the server gave it.
    package var said: EnhancedStatus?
    /// The final dot was sent and no reply came: the mail may have been taken. A retry may double it, which SMTP cannot
    /// avoid (RFC 1047); not to retry may lose it.
    package var isOutcomeUnknown: Bool

    package init(
        stage: Stage, status: EnhancedStatus, code: ReplyCode? = nil, diagnostic: String, isOutcomeUnknown: Bool = false
    ) {
        (self.stage, self.status, self.code) = (stage, status, code)
        (self.diagnostic, self.isOutcomeUnknown) = (diagnostic, isOutcomeUnknown)
    }

    /// Whether another attempt may succeed.
    package var isTransient: Bool { status.class == 4 }
}

/// How a transaction ended for one recipient.
package struct RecipientOutcome: Equatable, Sendable {
    /// The three ways.
    package enum Result: Equatable, Sendable {
        /// The remote has taken the mail, in its own words.
        case delivered(Reply)
        /// Try again (4yz).
        case deferred(DeliveryProblem)
        /// Never (5yz).
        case failed(DeliveryProblem)
    }

    /// As in the envelope.
    package var recipient: EmailAddress
    /// How it ended.
    package var result: Result
    /// The server passes on what the sender asked to be told (RFC 3461).
    package var passesRequestsOn = false

    package init(recipient: EmailAddress, result: Result) {
        (self.recipient, self.result) = (recipient, result)
    }

    init(recipient: EmailAddress, problem: DeliveryProblem) {
        self.init(recipient: recipient, result: problem.isTransient ? .deferred(problem) : .failed(problem))
    }
}

extension DeliveryProblem {
    /// What a refusal means. Where it tells of our own set-up or of this server's state today, the mail is not to blame
    /// and waits.
    init(stage: Stage, reply: Reply) {
        var status = reply.status ?? EnhancedStatus(UInt8(reply.code.severity == 5 ? 5 : 4), 0, 0)
        switch (stage, reply.code) {
        // A host that never takes mail (RFC 7504 §3).
        case (.greeting, 521): status = EnhancedStatus(5, 3, 2)
        case (.greeting, _), (.tls, _), (.authentication, _), (_, 530), (_, 535), (_, 538):
            status = EnhancedStatus(4, status.subject, status.detail)
        case (.recipient, 552) where reply.status == nil || status.subject == 5:
            // Old servers say 552 for too many recipients (RFC 5321 §4.5.3.1.10).
            status = EnhancedStatus(4, 5, 3)
        default:
            let severity: UInt8 = reply.code.severity == 5 ? 5 : 4
            if status.class != severity { status = EnhancedStatus(severity, status.subject, status.detail) }
        }
        self.init(stage: stage, status: status, code: reply.code, diagnostic: reply.lines.joined(separator: " "))
        said = reply.status
    }
}
