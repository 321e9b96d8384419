package import Gateway
package import Logging
package import MailTypes
package import NIOCore
import NIOPosix
package import OpenSSL
package import SMTPProtocol
import Synchronization

/// Delivers to the one relay that takes all outbound mail. Connections are kept for a moment after a mail, so that
/// several mails in a row share one.
package final class RelayClient: DeliveryWire {
    /// The relay, and how to speak to it.
    package struct Configuration: Sendable {
        package var host: String
        package var port: Int
        package var session: SMTPClientSession.Configuration
        package var connectTimeout: Duration
        /// How long a connection waits for another mail.
        package var idleTimeout: Duration
        /// The time for one mail over an open connection, whatever else is in time.
        package var mailTimeout: Duration
        /// Recipients of one transaction (RFC 5321 §4.5.3.1.8: a server takes at least 100).
        package var maximumRecipients: Int

        package init(
            host: String, port: Int, session: SMTPClientSession.Configuration, connectTimeout: Duration = .seconds(30),
            idleTimeout: Duration = .seconds(5), mailTimeout: Duration = .seconds(3600), maximumRecipients: Int = 100
        ) {
            (self.host, self.port, self.session) = (host, port, session)
            (self.connectTimeout, self.idleTimeout, self.mailTimeout) = (connectTimeout, idleTimeout, mailTimeout)
            self.maximumRecipients = max(1, maximumRecipients)
        }
    }

    /// A connection as other threads hold it.
    private struct Line: Sendable {
        let channel: any Channel
        let connection: NIOLoopBound<RelayConnection>
        var eventLoop: any EventLoop { channel.eventLoop }
    }

    private struct State {
        var idle: [ObjectIdentifier: Line] = [:]
        var isShutDown = false
    }

    private let configuration: Configuration
    private let tls: TLSContext?
    private let group: any EventLoopGroup
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter tls: a client's context; needed unless the TLS policy is `none`.
    package init(configuration: Configuration, tls: TLSContext?, group: any EventLoopGroup, logger: Logger) {
        precondition(tls != nil || configuration.session.tls == .none, "TLS needs a context")
        (self.configuration, self.tls, self.group, self.logger) = (configuration, tls, group, logger)
    }

    package func deliver(_ mail: OutgoingMail, to recipients: [EmailAddress]) async -> [DeliveryAttempt] {
        var attempts: [DeliveryAttempt] = []
        while attempts.count < recipients.count {
            let part = Array(recipients[attempts.count...].prefix(configuration.maximumRecipients))
            attempts += await deliverAtOnce(mail, to: part)
        }
        return attempts
    }

    /// Quits the connections that wait; those with a mail under way end with it.
    package func shutDown() async {
        let idle = state.withLock { state in
            state.isShutDown = true
            defer { state.idle = [:] }
            return Array(state.idle.values)
        }
        for line in idle {
            line.eventLoop.execute { line.connection.value.quit() }
            let cut = line.eventLoop.scheduleTask(in: .seconds(1)) { line.channel.close(promise: nil) }
            try? await line.channel.closeFuture.get()
            cut.cancel()
        }
    }

    // MARK: One transaction

    private func deliverAtOnce(_ mail: OutgoingMail, to recipients: [EmailAddress]) async -> [DeliveryAttempt] {
        let envelope = Envelope(
            reversePath: mail.reversePath, recipients: recipients, is8BitMIME: mail.isEightBit,
            isSMTPUTF8: mail.needsSMTPUTF8)
        let session = SMTPClientSession.Mail(envelope: envelope, size: mail.size)
        // A kept connection may have been closed by the relay meanwhile: that says nothing about the mail.
        while let line = takeIdle() {
            if let outcomes = await deliver(session, mail.content, over: line, isKept: true) {
                return outcomes.map(attempt)
            }
        }
        do {
            let line = try await open()
            let outcomes = await deliver(session, mail.content, over: line, isKept: false) ?? []
            return outcomes.map(attempt)
        } catch {
            logger.notice(
                "relay not reached",
                metadata: [
                    LogKey.nextHop: "\(configuration.host):\(configuration.port)",
                    LogKey.failure: "\(error.diagnostic)", LogKey.submission: "\(mail.submission)",
                ])
            return recipients.map { _ in DeliveryAttempt(error) }
        }
    }

    /// `nil`: a kept connection that turned out to be dead before it took anything.
    private func deliver(
        _ mail: SMTPClientSession.Mail, _ content: any OutgoingContent, over line: Line, isKept: Bool
    ) async -> [RecipientOutcome]? {
        let promise = line.eventLoop.makePromise(of: RelayConnection.Settled?.self)
        let limit = TimeAmount(configuration.mailTimeout)
        line.eventLoop.execute {
            let connection = line.connection.value
            guard connection.isIdle else { return promise.succeed(nil) }
            let settled = line.eventLoop.makePromise(of: RelayConnection.Settled.self)
            settled.futureResult.map { $0 }.cascade(to: promise)
            connection.deliver(mail, content, within: limit, promise: settled)
        }
        guard let settled = try? await promise.futureResult.get() else {
            return isKept ? nil : mail.envelope.recipients.map(Self.lost)
        }
        if settled.isReusable {
            keep(line)
        } else if isKept, settled.outcomes.allSatisfy(Self.isDeadConnection) {
            return nil
        }
        return settled.outcomes
    }

    /// The connection ended, or said 421, before the sender was accepted.
    private static func isDeadConnection(_ outcome: RecipientOutcome) -> Bool {
        guard case .deferred(let problem) = outcome.result, problem.stage == .sender else { return false }
        return problem.code == nil || problem.code == 421
    }

    private static func lost(_ recipient: EmailAddress) -> RecipientOutcome {
        RecipientOutcome(
            recipient: recipient,
            result: .deferred(
                DeliveryProblem(
                    stage: .sender, status: EnhancedStatus(4, 4, 2), diagnostic: "the connection was lost")))
    }

    private func attempt(_ outcome: RecipientOutcome) -> DeliveryAttempt {
        switch outcome.result {
        case .delivered(let reply): .delivered(diagnostic: "\(reply.code) \(reply.lines.joined(separator: " "))")
        case .deferred(let problem), .failed(let problem): DeliveryAttempt(DeliveryFailure(problem))
        }
    }

    // MARK: Connections

    private func takeIdle() -> Line? {
        state.withLock { state in
            guard let key = state.idle.keys.first else { return nil }
            return state.idle.removeValue(forKey: key)
        }
    }

    private func keep(_ line: Line) {
        let key = ObjectIdentifier(line.channel)
        let isKept = state.withLock { state in
            guard !state.isShutDown else { return false }
            state.idle[key] = line
            return true
        }
        guard isKept else { return line.eventLoop.execute { line.connection.value.quit() } }
        _ = line.eventLoop.scheduleTask(in: TimeAmount(configuration.idleTimeout)) { [weak self] in
            guard let self, state.withLock({ $0.idle.removeValue(forKey: key) }) != nil else { return }
            line.connection.value.quit()
            // A relay that does not say goodbye is left all the same.
            _ = line.eventLoop.scheduleTask(in: TimeAmount(configuration.idleTimeout)) {
                line.channel.close(promise: nil)
            }
        }
    }

    private func open() async throws(DeliveryFailure) -> Line {
        do throws(DeliveryFailure) {
            return try await open(configuration.session)
        } catch {
            // Opportunistic: better in the clear than not at all (RFC 7435 §3), but never after a refusal to log in.
            guard error.stage == .tls, configuration.session.tls == .opportunistic else { throw error }
            logger.notice(
                "TLS with the relay failed, going on without",
                metadata: [
                    LogKey.nextHop: "\(configuration.host):\(configuration.port)",
                    LogKey.failure: "\(error.diagnostic)",
                ])
            var plain = configuration.session
            plain.tls = .none
            return try await open(plain)
        }
    }

    private func open(_ session: SMTPClientSession.Configuration) async throws(DeliveryFailure) -> Line {
        let eventLoop = group.next()
        let opened = eventLoop.makePromise(of: Void.self)
        let (tls, host) = (tls, configuration.host)
        let made = eventLoop.makePromise(of: NIOLoopBound<RelayConnection>.self)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = RelayConnection(
                        configuration: session, tls: tls, serverName: host, opened: opened)
                    made.succeed(NIOLoopBound(connection, eventLoop: channel.eventLoop))
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.connect(host: host, port: configuration.port).get()
        } catch {
            made.fail(error)
            opened.fail(error)
            throw Self.connectFailure(error, host: host, port: configuration.port)
        }
        do {
            try await opened.futureResult.get()
            return Line(channel: channel, connection: try await made.futureResult.get())
        } catch let problem as DeliveryProblem {
            throw DeliveryFailure(problem)
        } catch {
            throw Self.connectFailure(error, host: host, port: configuration.port)
        }
    }

    private static func connectFailure(_ error: any Error, host: String, port: Int) -> DeliveryFailure {
        let isUnresolved = (error as? NIOConnectionError)?.connectionErrors.isEmpty == true
        return DeliveryFailure(
            stage: isUnresolved ? .resolving : .connecting,
            status: isUnresolved ? EnhancedStatus(4, 4, 3) : EnhancedStatus(4, 4, 1),
            diagnostic: isUnresolved ? "\(host) has no address" : "no connection to \(host), port \(port)", cause: error
        )
    }
}

extension DeliveryFailure {
    /// What the session found out, in the terms of the outbox.
    init(_ problem: DeliveryProblem) {
        let stage: Stage
        switch problem.stage {
        case .greeting: stage = .greeting
        case .tls: stage = .tls
        case .authentication: stage = .authentication
        case .sender, .recipient: stage = .envelope
        case .data, .content: stage = .content
        }
        self.init(
            stage: stage, status: problem.status,
            diagnostic: problem.code.map { "\($0) \(problem.diagnostic)" } ?? problem.diagnostic)
    }
}
