import Gateway
import Logging
import MailTypes
import NIOCore
import NIOPosix
import OpenSSL
import SMTPProtocol
import Synchronization

/// A server that takes mail, and how to speak to it. Connections to equal ones are shared.
struct Hop: Sendable {
    /// A host name to resolve, or an address as text.
    var target: String
    var port: Int
    /// The name that the server's certificate is to have, and that SNI names; a log names it, too.
    var name: String
    var session: SMTPClientSession.Configuration
    /// A client's context; needed unless the TLS policy is `none`.
    var tls: TLSContext?
    /// Whom the domain name system describes, in the place of the name.
    var dane: DANEIdentity?
    /// The domain that it serves and the policy that counted, for the count of what TLS came to.
    var policy: (domain: String, kind: TLSPolicyKind)?
    /// The certificate was asked for by a policy: a connection without is another one.
    var isVerified = false

    /// What connections are kept under.
    var key: String { "\(target) \(port) \(name) \(session.tls) \(isVerified) \(dane?.hashValue ?? 0)" }
    /// As the log and a DSN name it.
    var description: String { target == name ? "\(name):\(port)" : "\(name)[\(target)]:\(port)" }
}

/// Connections to servers that take mail. One is kept for a moment after a mail, so that several mails in a row share it.
final class HopConnections: Sendable {
    /// The limits of connections.
    struct Configuration: Sendable {
        var connectTimeout: Duration
        /// How long a connection waits for another mail.
        var idleTimeout: Duration
        /// The time for one mail over an open connection, whatever else is in time.
        var mailTimeout: Duration
        /// Connections that wait, of all servers together.
        var maximumIdle = 200
        /// Mails over one connection; some servers dislike more.
        var maximumMails = 100
    }

    /// A connection as other threads hold it.
    private struct Line: Sendable {
        let channel: any Channel
        let connection: NIOLoopBound<RelayConnection>
        let key: String
        /// TLS stands.
        let isSecured: Bool
        var mails = 0
        var eventLoop: any EventLoop { channel.eventLoop }
    }

    /// Servers of which it is remembered that they do not know chunks.
    private static let mostWithoutChunks = 1000

    private struct State {
        var idle: [ObjectIdentifier: Line] = [:]
        var keys: [String: Set<ObjectIdentifier>] = [:]
        /// Those that are not through their introduction: nothing was given to them.
        var opening: [ObjectIdentifier: any Channel] = [:]
        /// Servers that offered chunks and did not know them, by their keys.
        var withoutChunks: Set<String> = []
        var isStopping = false
        var isShutDown = false

        mutating func add(_ line: Line) {
            let id = ObjectIdentifier(line.channel)
            idle[id] = line
            keys[line.key, default: []].insert(id)
        }

        mutating func remove(_ id: ObjectIdentifier) -> Line? {
            guard let line = idle.removeValue(forKey: id) else { return nil }
            keys[line.key]?.remove(id)
            if keys[line.key]?.isEmpty == true { keys[line.key] = nil }
            return line
        }
    }

    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let logger: Logger
    private let state = Mutex(State())
    /// Hears of what TLS came to with each connection that was made: `nil` for success, else the words of the failure.
    private let noteTLS: @Sendable (Hop, String?) -> Void

    init(
        configuration: Configuration, group: any EventLoopGroup, logger: Logger,
        noteTLS: @escaping @Sendable (Hop, String?) -> Void = { _, _ in }
    ) {
        (self.configuration, self.group, self.logger, self.noteTLS) = (configuration, group, logger, noteTLS)
    }

    /// Gives up connections that are not through their introduction, and makes no more: mail that waits for them is deferred.
    func stopOpening() {
        let opening = state.withLock { state in
            state.isStopping = true
            return Array(state.opening.values)
        }
        for channel in opening { channel.close(promise: nil) }
    }

    /// Quits the connections that wait; those with a mail under way end with it.
    func shutDown() async {
        let idle = state.withLock { state in
            state.isShutDown = true
            defer { (state.idle, state.keys) = ([:], [:]) }
            return Array(state.idle.values)
        }
        for line in idle {
            line.eventLoop.execute { line.connection.value.quit() }
            let cut = line.eventLoop.scheduleTask(in: .seconds(1)) { line.channel.close(promise: nil) }
            try? await line.channel.closeFuture.get()
            cut.cancel()
        }
    }

    /// Whether a connection to that server waits.
    func hasIdle(_ hop: Hop) -> Bool { state.withLock { $0.keys[hop.key] != nil } }

    // MARK: One transaction

    /// Delivers a mail over a connection to a server; one outcome per recipient, in their order. Throws where no
    /// transaction began.
    func deliver(
        _ mail: SMTPClientSession.Mail, _ content: any OutgoingContent, to hop: Hop
    ) async throws(DeliveryFailure) -> [RecipientOutcome] {
        // A kept connection may have been closed by the server meanwhile: that says nothing about the mail.
        while let line = takeIdle(hop.key) {
            if let outcomes = await deliver(mail, content, over: line, isKept: true) { return outcomes }
        }
        if let outcomes = await deliver(mail, content, over: try await open(hop), isKept: false) { return outcomes }
        // Without chunks this time.
        let line = try await open(hop)
        return await deliver(mail, content, over: line, isKept: false) ?? mail.envelope.recipients.map(Self.lost)
    }

    /// `nil`: a kept connection that turned out to be dead before it took anything, or a server that does not know chunks.
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
        if settled.lacksChunks {
            state.withLock { state in
                if state.withoutChunks.count >= Self.mostWithoutChunks { state.withoutChunks.removeAll() }
                state.withoutChunks.insert(line.key)
            }
            return nil
        }
        if settled.isReusable {
            // Where everybody was put off, another connection may fare better.
            if settled.outcomes.allSatisfy(Self.isDeferred) { leave(line) } else { keep(line) }
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

    private static func isDeferred(_ outcome: RecipientOutcome) -> Bool {
        if case .deferred = outcome.result { true } else { false }
    }

    private static func lost(_ recipient: EmailAddress) -> RecipientOutcome {
        RecipientOutcome(
            recipient: recipient,
            result: .deferred(
                DeliveryProblem(
                    stage: .sender, status: EnhancedStatus(4, 4, 2), diagnostic: "the connection was lost")))
    }

    // MARK: Keeping

    private func takeIdle(_ key: String) -> Line? {
        state.withLock { state in state.keys[key]?.first.flatMap { state.remove($0) } }
    }

    private func keep(_ line: Line) {
        var line = line
        line.mails += 1
        let id = ObjectIdentifier(line.channel)
        let isKept = state.withLock { [line] state in
            guard !state.isShutDown, line.mails < configuration.maximumMails,
                state.idle.count < configuration.maximumIdle
            else { return false }
            state.add(line)
            return true
        }
        guard isKept else { return leave(line) }
        // By its number of mails: a line that was taken and kept again meanwhile waits anew.
        _ = line.eventLoop.scheduleTask(in: TimeAmount(configuration.idleTimeout)) { [weak self, mails = line.mails] in
            guard let self else { return }
            let line = state.withLock { $0.idle[id]?.mails == mails ? $0.remove(id) : nil }
            if let line { leave(line) }
        }
    }

    /// Says goodbye, and leaves a server that does not say it, too.
    private func leave(_ line: Line) {
        line.eventLoop.execute { line.connection.value.quit() }
        _ = line.eventLoop.scheduleTask(in: TimeAmount(configuration.idleTimeout)) { line.channel.close(promise: nil) }
    }

    // MARK: Opening

    private func open(_ hop: Hop) async throws(DeliveryFailure) -> Line {
        do throws(DeliveryFailure) {
            let line = try await open(hop, hop.session)
            if hop.session.tls != .none { noteTLS(hop, line.isSecured ? nil : "the server does not offer TLS") }
            return line
        } catch {
            if error.stage == .tls { noteTLS(hop, error.diagnostic) }
            // Opportunistic: better in the clear than not at all (RFC 7435 §3), but never after a refusal to log in.
            guard error.stage == .tls, hop.session.tls == .opportunistic else { throw error }
            logger.notice(
                "TLS with the next hop failed, going on without",
                metadata: [LogKey.nextHop: "\(hop.description)", LogKey.failure: "\(error.diagnostic)"])
            var plain = hop.session
            plain.tls = .none
            return try await open(hop, plain)
        }
    }

    private func open(
        _ hop: Hop, _ session: SMTPClientSession.Configuration
    ) async throws(DeliveryFailure) -> Line {
        var session = session
        session.usesChunks = state.withLock { !$0.withoutChunks.contains(hop.key) }
        let eventLoop = group.next()
        let opened = eventLoop.makePromise(of: Bool.self)
        let made = eventLoop.makePromise(of: NIOLoopBound<RelayConnection>.self)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelInitializer { [weak self, session] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard self?.begins(channel) == true else { throw ChannelError.ioOnClosedChannel }
                    let connection = RelayConnection(
                        configuration: session, tls: hop.tls, serverName: hop.name, dane: hop.dane, opened: opened)
                    made.succeed(NIOLoopBound(connection, eventLoop: channel.eventLoop))
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.connect(host: hop.target, port: hop.port).get()
        } catch {
            made.fail(error)
            opened.fail(error)
            throw Self.connectFailure(error, hop)
        }
        defer { _ = state.withLock { $0.opening.removeValue(forKey: ObjectIdentifier(channel)) } }
        do {
            let isSecured = try await opened.futureResult.get()
            return Line(
                channel: channel, connection: try await made.futureResult.get(), key: hop.key, isSecured: isSecured)
        } catch let problem as DeliveryProblem {
            throw DeliveryFailure(problem, by: hop.description)
        } catch {
            throw Self.connectFailure(error, hop)
        }
    }

    /// A connection is being made; `false`: none is to be made any more.
    private func begins(_ channel: any Channel) -> Bool {
        let isWanted = state.withLock { state in
            if !state.isStopping { state.opening[ObjectIdentifier(channel)] = channel }
            return !state.isStopping
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            _ = self?.state.withLock { $0.opening.removeValue(forKey: ObjectIdentifier(channel)) }
        }
        return isWanted
    }

    private static func connectFailure(_ error: any Error, _ hop: Hop) -> DeliveryFailure {
        let isUnresolved = (error as? NIOConnectionError)?.connectionErrors.isEmpty == true
        return DeliveryFailure(
            stage: isUnresolved ? .resolving : .connecting,
            status: isUnresolved ? EnhancedStatus(4, 4, 3) : EnhancedStatus(4, 4, 1),
            diagnostic: isUnresolved ? "\(hop.target) has no address" : "no connection to \(hop.description)",
            cause: error)
    }
}

extension DeliveryFailure {
    /// What the session found out, in the terms of the outbox.
    init(_ problem: DeliveryProblem, by server: String? = nil) {
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
            diagnostic: [problem.code?.description, problem.said?.description, problem.diagnostic.onOneLine].compactMap { $0 }
                .joined(separator: " "))
        self.server = server
    }
}

extension DeliveryAttempt {
    /// What a transaction brought to a recipient, in the terms of the outbox.
    init(_ outcome: RecipientOutcome, _ wishes: DeliveryWishes, by server: String? = nil) {
        switch outcome.result {
        case .delivered(let reply):
            let words = "\(reply.code) \(reply.words.onOneLine)"
            let isAsked = wishes.requests[outcome.recipient]?.events?.contains(.success) == true
            self = isAsked && !outcome.passesRequestsOn
                ? .relayed(diagnostic: words, server: server) : .delivered(diagnostic: words, server: server)
        case .deferred(let problem), .failed(let problem): self.init(DeliveryFailure(problem, by: server))
        }
    }
}
