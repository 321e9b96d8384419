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
        /// `false`: it was put off without an attempt.
        var isAttempt = true
        /// It is late, and nobody was told yet.
        var tellsDelay = false
        var attempts: Int { delivery.attempts + (isAttempt ? 1 : 0) }
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

    /// Writes down that mails are not tried before a moment, since their destination is out of reach. What cannot be written
    /// is due still, and comes back.
    func settlePostponed(_ mails: [QueuedMail], _ until: Timestamp, _ failure: DeliveryFailure) async {
        let now = clock.now
        let (notices, delayNotice, chance) = (notices, configuration.delayNotice, chance())
        do {
            let late = try await store.write { transaction in
                var late = 0
                for mail in mails {
                    let due = try transaction.dueSubmission(mail.submission, to: mail.destination, at: now)
                    guard let submission = due else { continue }
                    let outcomes = submission.deliveries.map {
                        Self.postponed($0, submission, until, failure, now, delayNotice, chance)
                    }
                    late += outcomes.filter { $0.attempt.outcome == .expired }.count
                    try Self.write(outcomes, of: submission, at: now, notices, in: transaction)
                }
                return late
            }
            logger.notice(
                "deliveries postponed",
                metadata: [
                    OutboxLogKey.destination: "\(mails.first?.destination ?? "")", OutboxLogKey.mails: "\(mails.count)",
                    OutboxLogKey.expired: "\(late)", OutboxLogKey.nextAttempt: "\(until.seconds)",
                    OutboxLogKey.diagnostic: "\(failure.diagnostic)",
                ])
        } catch {
            logger.error("deliveries not postponed", metadata: [OutboxLogKey.failure: "\(error)"])
            try? await sleep(configuration.pauseAfterFailure)
            position.withLock { $0.isComplete = false }
        }
    }

    private static func postponed(
        _ delivery: DueSubmission.Delivery, _ submission: DueSubmission, _ until: Timestamp, _ failure: DeliveryFailure,
        _ now: Timestamp, _ delayNotice: Duration?, _ chance: Double
    ) -> Outcome {
        guard now < submission.expiresAt else {
            return Outcome(delivery: delivery, attempt: .expired(failure), isAttempt: false)
        }
        // Not all at the same moment, and by the expiry at the latest.
        let spread = Duration.microseconds(Int64(Double(max(0, (until - now).microseconds)) * 0.1 * chance))
        var outcome = Outcome(
            delivery: delivery, attempt: .deferred(failure), nextAttempt: min(until + spread, submission.expiresAt),
            isAttempt: false)
        outcome.tellsDelay = isLate(delivery, submission, now, delayNotice)
        return outcome
    }

    private static func isLate(
        _ delivery: DueSubmission.Delivery, _ submission: DueSubmission, _ now: Timestamp, _ delayNotice: Duration?
    ) -> Bool {
        guard let delayNotice, !delivery.isDelayTold else { return false }
        return now - submission.acceptedAt >= delayNotice
    }

    private func outcome(
        _ delivery: DueSubmission.Delivery, _ attempt: DeliveryAttempt, _ submission: DueSubmission, _ now: Timestamp
    ) -> Outcome {
        guard case .deferred(let failure) = attempt else { return Outcome(delivery: delivery, attempt: attempt) }
        let next = configuration.schedule.nextAttempt(
            after: delivery.attempts + 1, now: now, expiresAt: submission.expiresAt, chance: chance())
        guard let next else { return Outcome(delivery: delivery, attempt: .expired(failure)) }
        var outcome = Outcome(delivery: delivery, attempt: attempt, nextAttempt: next)
        outcome.tellsDelay = Self.isLate(delivery, submission, now, configuration.delayNotice)
        return outcome
    }

    private static func write(
        _ outcomes: [Outcome], of submission: DueSubmission, at now: Timestamp, _ notices: (any FailureNotices)?,
        in transaction: any DeskTransaction
    ) throws {
        var (lost, late, relayed): ([FailureNotice.Recipient], [FailureNotice.Recipient], [FailureNotice.Recipient])
        (lost, late, relayed) = ([], [], [])
        for outcome in outcomes {
            try transaction.settle(
                DeliverySettlement(
                    delivery: outcome.delivery.id, state: outcome.attempt.outcome, attemptedAt: now,
                    nextAttemptAt: outcome.nextAttempt, diagnostic: outcome.attempt.account,
                    isAttempt: outcome.isAttempt, tellsDelay: outcome.tellsDelay))
            let recipient = FailureNotice.Recipient(
                address: outcome.delivery.recipient, attempt: outcome.attempt, attempts: outcome.attempts)
            switch outcome.attempt {
            case .delivered: try record(.delivered, outcome, of: submission, at: now, in: transaction)
            case .relayed:
                try record(.delivered, outcome, of: submission, at: now, in: transaction)
                relayed.append(recipient)
            case .deferred: if outcome.tellsDelay { late.append(recipient) }
            case .failed, .expired:
                try record(.deliveryFailed, outcome, of: submission, at: now, in: transaction)
                if let status = outcome.attempt.failure?.status, status.isOfNoMailbox {
                    try transaction.markBounced(outcome.delivery.recipient, status: status, at: now)
                }
                lost.append(recipient)
            }
        }
        // A report about a mail that was passed on belongs to no case: nothing of it stays.
        if submission.ticket == nil, submission.agent == nil { try transaction.dropSettled(submission.id) }
        // What leaves with the null reverse-path is told of to nobody (RFC 5321 §4.5.5).
        guard submission.reversePath != nil else { return }
        for recipients in [lost, late, relayed] where !recipients.isEmpty {
            var notice = FailureNotice(
                submission: submission.id, ticket: submission.ticket, message: submission.message,
                agent: submission.agent, acceptedAt: submission.acceptedAt, expiresAt: submission.expiresAt, at: now,
                recipients: recipients)
            notice.wishes = submission.wishes
            try notices?.file(notice, in: transaction)
        }
    }

    private static func record(
        _ kind: EventKind, _ outcome: Outcome, of submission: DueSubmission, at now: Timestamp,
        in transaction: any DeskTransaction
    ) throws {
        guard let ticket = submission.ticket else { return }
        try transaction.record(
            TicketEvent(
                ticket: ticket, at: now, kind: kind, message: submission.message,
                to: outcome.delivery.recipient.description, reason: outcome.attempt.account))
    }

    /// One line per recipient settled; what is only deferred is a notice.
    private func log(_ outcome: Outcome, of submission: DueSubmission) {
        var facts: Logger.Metadata = [
            OutboxLogKey.submission: "\(submission.id)", OutboxLogKey.recipient: "\(outcome.delivery.recipient)",
            OutboxLogKey.attempt: "\(outcome.attempt.outcome.rawValue)",
            OutboxLogKey.attempts: "\(outcome.attempts)",
            OutboxLogKey.diagnostic: "\(outcome.attempt.diagnostic)",
        ]
        if let ticket = submission.ticket { facts[OutboxLogKey.ticket] = "\(ticket)" }
        if let server = outcome.attempt.server { facts[OutboxLogKey.server] = "\(server)" }
        if let next = outcome.nextAttempt { facts[OutboxLogKey.nextAttempt] = "\(next.seconds)" }
        let level: Logger.Level
        switch outcome.attempt {
        case .delivered, .relayed: level = .info
        case .deferred: level = .notice
        case .failed, .expired: level = .warning
        }
        logger.log(level: level, "delivery attempted", metadata: facts)
    }
}
