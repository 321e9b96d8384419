import Desk
import Logging
import MailTypes
import Synchronization

extension OutboxRunner {
    /// What one attempt brought to one recipient, and what follows from it.
    private struct Outcome {
        var delivery: DueSubmission.Delivery
        var attempt: DeliveryAttempt
        var nextAttempt: Timestamp?
    }

    private static let attemptsWhenStopping = 3

    /// Writes what an attempt brought in one transaction: states, events, and the notice of what failed for good. The
    /// mail has left, so the write is repeated until it succeeds; meanwhile nobody tries the mail again.
    func settle(_ submission: DueSubmission, _ attempts: [DeliveryAttempt]) async {
        let now = clock.now
        let outcomes = zip(submission.deliveries, attempts).map { outcome($0, $1, submission, now) }
        let notices = notices
        var failures = 0
        while true {
            do {
                try await store.write { transaction in
                    try Self.write(outcomes, of: submission, at: now, notices, in: transaction)
                }
                break
            } catch {
                failures += 1
                logger.error(
                    "attempt not settled",
                    metadata: [OutboxLogKey.submission: "\(submission.id)", OutboxLogKey.failure: "\(error)"])
                // A notice that cannot be filed must not have the mail sent over and over.
                let isHopeless = error.reason == .rejected || error.reason == .damaged
                if isHopeless || isStopping.load(ordering: .relaxed) && failures >= Self.attemptsWhenStopping {
                    return await settleWithoutNotice(submission, outcomes, now)
                }
                try? await sleep(configuration.pauseAfterFailure)
            }
        }
        for outcome in outcomes { log(outcome, of: submission) }
    }

    private func settleWithoutNotice(_ submission: DueSubmission, _ outcomes: [Outcome], _ now: Timestamp) async {
        do {
            try await store.write { transaction in
                try Self.write(outcomes, of: submission, at: now, nil, in: transaction)
            }
        } catch {
            logger.critical(
                "attempt lost: the mail may be sent twice",
                metadata: [OutboxLogKey.submission: "\(submission.id)", OutboxLogKey.failure: "\(error)"])
        }
        for outcome in outcomes { log(outcome, of: submission) }
    }

    private func outcome(
        _ delivery: DueSubmission.Delivery, _ attempt: DeliveryAttempt, _ submission: DueSubmission, _ now: Timestamp
    ) -> Outcome {
        guard case .deferred(let failure) = attempt else { return Outcome(delivery: delivery, attempt: attempt) }
        let next = configuration.schedule.nextAttempt(
            after: delivery.attempts + 1, now: now, expiresAt: submission.expiresAt, chance: chance())
        guard let next else { return Outcome(delivery: delivery, attempt: .expired(failure)) }
        return Outcome(delivery: delivery, attempt: attempt, nextAttempt: next)
    }

    private static func write(
        _ outcomes: [Outcome], of submission: DueSubmission, at now: Timestamp, _ notices: (any FailureNotices)?,
        in transaction: any DeskTransaction
    ) throws {
        var lost: [FailureNotice.Recipient] = []
        for outcome in outcomes {
            try transaction.settle(
                DeliverySettlement(
                    delivery: outcome.delivery.id, state: outcome.attempt.outcome, attemptedAt: now,
                    nextAttemptAt: outcome.nextAttempt, diagnostic: outcome.attempt.diagnostic))
            switch outcome.attempt {
            case .delivered: try record(.delivered, outcome, of: submission, at: now, in: transaction)
            case .deferred: break
            case .failed, .expired:
                try record(.deliveryFailed, outcome, of: submission, at: now, in: transaction)
                lost.append(
                    FailureNotice.Recipient(
                        address: outcome.delivery.recipient, attempt: outcome.attempt,
                        attempts: outcome.delivery.attempts + 1))
            }
        }
        // What leaves with the null reverse-path is told of to nobody (RFC 5321 §4.5.5).
        guard !lost.isEmpty, submission.reversePath != nil else { return }
        try notices?.file(
            FailureNotice(
                submission: submission.id, ticket: submission.ticket, message: submission.message,
                agent: submission.agent, acceptedAt: submission.acceptedAt, at: now, recipients: lost),
            in: transaction)
    }

    private static func record(
        _ kind: EventKind, _ outcome: Outcome, of submission: DueSubmission, at now: Timestamp,
        in transaction: any DeskTransaction
    ) throws {
        guard let ticket = submission.ticket else { return }
        try transaction.record(
            TicketEvent(
                ticket: ticket, at: now, kind: kind, message: submission.message,
                to: outcome.delivery.recipient.description, reason: outcome.attempt.diagnostic))
    }

    /// One line per recipient settled; what is only deferred is a notice.
    private func log(_ outcome: Outcome, of submission: DueSubmission) {
        var facts: Logger.Metadata = [
            OutboxLogKey.submission: "\(submission.id)", OutboxLogKey.recipient: "\(outcome.delivery.recipient)",
            OutboxLogKey.attempt: "\(outcome.attempt.outcome.rawValue)",
            OutboxLogKey.attempts: "\(outcome.delivery.attempts + 1)",
            OutboxLogKey.diagnostic: "\(outcome.attempt.diagnostic)",
        ]
        if let ticket = submission.ticket { facts[OutboxLogKey.ticket] = "\(ticket)" }
        if let next = outcome.nextAttempt { facts[OutboxLogKey.nextAttempt] = "\(next.seconds)" }
        let level: Logger.Level
        switch outcome.attempt {
        case .delivered: level = .info
        case .deferred: level = .notice
        case .failed, .expired: level = .warning
        }
        logger.log(level: level, "delivery attempted", metadata: facts)
    }
}
