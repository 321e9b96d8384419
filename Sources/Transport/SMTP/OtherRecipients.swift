package import Gateway
package import Logging
import MailTypes
package import NIOCore
package import OpenSSL
package import SMTPProtocol
import Synchronization

/// The host behind that takes mail for all other addresses of the domains: asked at RCPT whether it takes an address, with a
/// bounded memory of its answers, and handed the mail while it comes in. Nothing of such mail is stored.
package final class OtherRecipients: Sendable {
    /// The host, and how to speak to it.
    package struct Configuration: Sendable {
        package var host: String
        package var port: Int
        package var session: SMTPClientSession.Configuration
        /// How long it is remembered that an address is taken, and that it is not.
        package var rememberTaken: Duration = .seconds(3600)
        package var rememberRefused: Duration = .seconds(600)
        /// Addresses that are remembered, and questions at a time.
        package var maximumRemembered = 20_000
        package var maximumQuestions = 50
        /// For the answer about an address.
        package var patience: Duration = .seconds(30)

        package init(host: String, port: Int, session: SMTPClientSession.Configuration) {
            (self.host, self.port, self.session) = (host, port, session)
        }
    }

    /// Whether an address is taken, or where that has to be asked.
    enum Verification {
        case known(RecipientVerdict)
        case later
    }

    private struct Answer {
        var verdict: RecipientVerdict
        var until: Timestamp
    }

    private struct State {
        var known: RecentTable<String, Answer>
        var questions = 0
    }

    private let configuration: Configuration
    private let hop: Hop
    private let asking: HopConnections
    private let passing: HopConnections
    private let clock: any WallClock
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameter tls: a client's context; needed unless the TLS policy is `none`.
    package init(
        _ configuration: Configuration, tls: TLSContext?, group: any EventLoopGroup, clock: any WallClock, logger: Logger
    ) {
        precondition(tls != nil || configuration.session.tls == .none, "TLS needs a context")
        self.configuration = configuration
        var session = configuration.session
        session.refusesOwnName = true
        (session.timeouts.greeting, session.timeouts.command) = (configuration.patience, configuration.patience)
        hop = Hop(target: configuration.host, port: configuration.port, name: configuration.host, session: session, tls: tls)
        func connections(_ limit: Duration) -> HopConnections {
            HopConnections(
                configuration: .init(
                    connectTimeout: min(configuration.patience, .seconds(30)), idleTimeout: .seconds(5),
                    mailTimeout: limit), group: group, logger: logger)
        }
        (asking, passing) = (connections(configuration.patience), connections(.seconds(3600)))
        (self.clock, self.logger) = (clock, logger)
        state = Mutex(State(known: RecentTable(capacity: configuration.maximumRemembered)))
    }

    /// Quits the connections that wait.
    package func shutDown() async {
        await asking.shutDown()
        await passing.shutDown()
    }

    // MARK: - RCPT

    /// Whether the host takes mail for an address: at once where it is remembered.
    func verify(
        _ recipient: EmailAddress, of envelope: Envelope, later: @escaping @Sendable (RecipientVerdict) -> Void
    ) -> Verification {
        guard !envelope.wishes.requiresTLS || hop.session.tls == .required else {
            return .known(.refused(.hostBehindWithoutTLS))
        }
        let (now, most) = (clock.now, configuration.maximumQuestions)
        let (known, mayAsk) = state.withLock { state -> (RecipientVerdict?, Bool) in
            if let answer = state.known.peek(recipient.identity), answer.until > now { return (answer.verdict, false) }
            guard state.questions < most else { return (nil, false) }
            state.questions += 1
            return (nil, true)
        }
        if let known { return .known(known) }
        guard mayAsk else { return .known(.refused(.hostBehindAskedTooMuch)) }
        Task {
            let verdict = await ask(about: recipient, envelope)
            state.withLock { $0.questions -= 1 }
            later(verdict)
        }
        return .later
    }

    /// Begins a mail to the address, and ends it there. From nobody, as what asks is no mail.
    private func ask(about recipient: EmailAddress, _ envelope: Envelope) async -> RecipientVerdict {
        var question = SMTPClientSession.Mail(
            envelope: Envelope(reversePath: nil, recipients: [recipient], isSMTPUTF8: envelope.isSMTPUTF8), size: nil)
        question.extent = .question
        let outcomes: [RecipientOutcome]
        do throws(DeliveryFailure) {
            outcomes = try await asking.deliver(question, NoContent(), to: hop)
        } catch {
            return .refused(putOff([recipient], error).reply)
        }
        switch outcomes.first?.result {
        case .delivered:
            remember(recipient, .accepted, for: configuration.rememberTaken)
            return .accepted
        case .failed(let problem) where problem.stage == .recipient:
            let reply = problem.status.isOfNoMailbox ? Reply.unknownRecipient : .refusedBehind(problem.status)
            note("the host behind refuses a recipient", [recipient], problem.words)
            remember(recipient, .refused(reply), for: configuration.rememberRefused)
            return .refused(reply)
        case .failed(let problem), .deferred(let problem): return .refused(putOff([recipient], problem).reply)
        case nil: return .refused(.hostBehindSilent)
        }
    }

    private func remember(_ recipient: EmailAddress, _ verdict: RecipientVerdict, for time: Duration) {
        let answer = Answer(verdict: verdict, until: clock.now + time)
        state.withLock { $0.known.set(recipient.identity, answer) }
    }

    private func forget(_ recipients: [EmailAddress]) {
        state.withLock { state in
            for recipient in recipients { state.known.remove(recipient.identity) }
        }
    }

    /// The host did not answer, or put us off.
    private func putOff(_ recipients: [EmailAddress], _ problem: DeliveryProblem) -> PassingOutcome {
        guard problem.code != nil else {
            note("the host behind did not answer", recipients, problem.words)
            return PassingOutcome(.hostBehindSilent, because: problem.cause)
        }
        note("the host behind puts mail off", recipients, problem.words)
        return PassingOutcome(.putOffBehind(problem.code, problem.status), because: problem.cause)
    }

    /// No transaction began.
    private func putOff(_ recipients: [EmailAddress], _ failure: DeliveryFailure) -> PassingOutcome {
        let words = failure.diagnostic.onOneLine
        let cause = "the host behind: \(words)"
        // The words of a server begin with its code.
        guard failure.stage != .resolving, failure.stage != .connecting, let code = ReplyCode(answer: words) else {
            note("the host behind did not answer", recipients, words)
            return PassingOutcome(.hostBehindSilent, because: cause)
        }
        note("the host behind puts mail off", recipients, words)
        return PassingOutcome(.putOffBehind(code, failure.status), because: cause)
    }

    private func note(_ what: Logger.Message, _ recipients: [EmailAddress], _ words: String) {
        var facts = Envelope(reversePath: nil, recipients: recipients).metadata
        facts[LogKey.sender] = nil
        (facts[LogKey.nextHop], facts[LogKey.failure]) = ("\(hop.description)", "\(words)")
        logger.notice(what, metadata: facts)
    }

    // MARK: - Content

    /// Hands a mail over, and says what the host says to it.
    func pass(_ envelope: Envelope, _ content: any OutgoingContent, size: Int?) async -> PassingOutcome {
        var mail = SMTPClientSession.Mail(envelope: envelope, size: size)
        // The client hears one reply for all of its recipients: it is everybody or nobody.
        mail.extent = .allOrNobody
        let outcomes: [RecipientOutcome]
        do throws(DeliveryFailure) {
            outcomes = try await passing.deliver(mail, content, to: hop)
        } catch {
            return putOff(envelope.recipients, error)
        }
        var permanent: DeliveryProblem?
        var relayed: [(address: EmailAddress, words: String?)] = []
        for outcome in outcomes {
            switch outcome.result {
            case .delivered:
                guard case .relayed(let words, _) = DeliveryAttempt(outcome, envelope.wishes) else { continue }
                relayed.append((outcome.recipient, words))
            case .deferred(let problem): return putOff(envelope.recipients, problem)
            case .failed(let problem):
                // Of an address that was remembered as taken: it is asked about anew when the mail comes again.
                guard problem.stage != .recipient else {
                    forget(mail.envelope.recipients)
                    note("the host behind refuses a recipient", [outcome.recipient], problem.words)
                    return PassingOutcome(.refusedBehindNow, because: problem.cause)
                }
                permanent = problem
            }
        }
        guard let permanent else { return PassingOutcome(.accepted, relayed: relayed) }
        return PassingOutcome(.refusedBehind(permanent), because: permanent.cause)
    }
}

/// A question has no content.
private struct NoContent: OutgoingContent {
    func piece(_ index: Int) async throws -> [UInt8]? { nil }
    func downgraded(_ downgrade: ContentDowngrade) async throws -> (any OutgoingContent)? { nil }
}

extension Reply {
    static let hostBehindSilent = Reply(
        451, EnhancedStatus(4, 4, 1), "The host that takes mail for this address does not answer, try again later")
    static let hostBehindAskedTooMuch = Reply(
        451, EnhancedStatus(4, 3, 2), "Too many addresses are asked about at the same time, try again later")
    static let refusedBehindNow = Reply(
        451, EnhancedStatus(4, 2, 1), "The host that takes mail for this address takes it no more, try again later")
    static let hostBehindWithoutTLS = Reply(
        550, EnhancedStatus(5, 7, 30), "TLS with the host that takes mail for this address is not required")
    static let recipientsApart = Reply(
        452, EnhancedStatus(4, 5, 3), "This recipient is served elsewhere, send it a mail of its own")
    /// With the status that the host behind gave; its words are not ours to repeat.
    static func refusedBehind(_ status: EnhancedStatus) -> Reply {
        Reply(550, status, "The host that takes mail for this address refuses it")
    }
    /// The same with what we found out where it was not asked.
    static func refusedBehind(_ problem: DeliveryProblem) -> Reply {
        guard problem.code == nil else { return refusedBehind(problem.status) }
        switch (problem.status.subject, problem.status.detail) {
        case (6, 3):
            return Reply(550, problem.status, "The host that takes mail for this address takes no 8-bit content")
        case (6, 9):
            return Reply(550, problem.status, "The host that takes mail for this address takes no UTF-8 header section")
        default:
            return Reply(550, problem.status, "The mail cannot be handed to the host that takes mail for this address")
        }
    }
    /// With its code, where that can be said here, and its status.
    static func putOffBehind(_ code: ReplyCode?, _ status: EnhancedStatus) -> Reply {
        let own = code.flatMap { [450, 451, 452].contains($0.number) ? $0 : nil } ?? 451
        return Reply(
            own, EnhancedStatus(4, status.subject, status.detail),
            "The host that takes mail for this address puts it off, try again later")
    }
}

extension DeliveryProblem {
    /// What the host said, with its code, or what we found out.
    fileprivate var words: String { DeliveryFailure(self).diagnostic.onOneLine }
    /// For the records.
    fileprivate var cause: String { code == nil ? words : "the host behind: \(words)" }
}

extension ReplyCode {
    /// Of words that begin with one.
    fileprivate init?(answer words: String) {
        guard let first = words.split(separator: " ").first, first.count == 3, let number = Int(first) else { return nil }
        self.init(number)
    }
}
