import Gateway
import Logging
import MailFormat
import MailTypes
import MilterProtocol
import NIOCore
import NIOPosix
import Synchronization

/// What one filter is told of one SMTP connection. The connection to it is made when the client connects; where it was lost,
/// the next mail makes a new one, which hears of client and greeting first.
final class MilterConversation: FilterSession {
    private struct State {
        var connection: NIOLoopBound<MilterConnection>?
        /// What a new connection must hear first.
        var client: MilterConnection.Inquiry?
        var greeting: MilterConnection.Inquiry?
    }

    var name: String { configuration.name }
    private let configuration: MilterFilter.Configuration
    private let hostname: DomainName
    private let group: any EventLoopGroup
    private let logger: Logger
    private let state = Mutex(State())

    init(
        _ configuration: MilterFilter.Configuration, hostname: DomainName, group: any EventLoopGroup, logger: Logger
    ) { (self.configuration, self.hostname, self.group, self.logger) = (configuration, hostname, group, logger) }

    func ask(_ question: FilterQuestion) async -> FilterVerdict {
        let inquiry = inquiry(question)
        state.withLock { state in
            switch question {
            case .connection: state.client = inquiry
            case .greeting: state.greeting = inquiry
            case .sender, .recipient, .content, .mail: break
            }
        }
        do {
            return FilterVerdict(try await answer(question, inquiry), to: question)
        } catch {
            if !Task.isCancelled, !(error is Unasked) { note(error) }
            return failure(question)
        }
    }

    func abort() async { tell { $0.abort() } }

    func end() async {
        tell { $0.quit() }
        state.withLock { $0.connection = nil }
    }

    // MARK: - Asking

    private func answer(
        _ question: FilterQuestion, _ inquiry: MilterConnection.Inquiry
    ) async throws -> MilterVerdict {
        var isSender = false
        if case .sender = question { isSender = true }
        if let connection = state.withLock({ $0.connection }) {
            do {
                return try await ask(connection, inquiry)
            } catch let error as MilterConnection.TakenBack {
                throw error
            } catch {
                state.withLock { $0.connection = nil }
                // It may have been started anew since the last mail.
                guard isSender, !(error is MilterConnection.Overdue) else { throw error }
            }
        }
        var isFirst = isSender
        if case .connection = question { isFirst = true }
        guard isFirst else { throw Unasked() }
        let connection = try await connect()
        state.withLock { $0.connection = connection }
        do {
            if isSender {
                for earlier in state.withLock({ [$0.client, $0.greeting] }) {
                    guard let earlier else { continue }
                    let verdict = try await ask(connection, earlier)
                    guard verdict.decision == .accept else { return verdict }
                }
            }
            return try await ask(connection, inquiry)
        } catch let error as MilterConnection.TakenBack {
            throw error
        } catch {
            state.withLock { $0.connection = nil }
            throw error
        }
    }

    /// In the middle of a mail that it has not heard of a filter is not asked.
    private struct Unasked: Error {}

    private func ask(
        _ connection: NIOLoopBound<MilterConnection>, _ inquiry: MilterConnection.Inquiry
    ) async throws -> MilterVerdict {
        let eventLoop = connection.eventLoop
        let promise = eventLoop.makePromise(of: MilterVerdict.self)
        let interest = Interest()
        return try await withTaskCancellationHandler {
            eventLoop.execute {
                guard !interest.isLost.load(ordering: .acquiring) else {
                    return promise.fail(MilterConnection.TakenBack(cause: CancellationError()))
                }
                connection.value.ask(inquiry, promise)
            }
            return try await promise.futureResult.get()
        } onCancel: {
            interest.isLost.store(true, ordering: .releasing)
            eventLoop.execute { connection.value.giveUp() }
        }
    }

    /// Whether somebody waits for the answer to a question.
    private final class Interest: Sendable {
        let isLost = Atomic(false)
    }

    private func tell(_ what: @escaping @Sendable (MilterConnection) -> Void) {
        guard let connection = state.withLock({ $0.connection }) else { return }
        connection.eventLoop.execute { what(connection.value) }
    }

    private func connect() async throws -> NIOLoopBound<MilterConnection> {
        let eventLoop = group.next()
        let limit = min(configuration.deadline, .seconds(10))
        let bootstrap = ClientBootstrap(group: eventLoop).connectTimeout(TimeAmount(limit)).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(MilterConnection(eventLoop: channel.eventLoop))
            }
        }
        let channel =
            switch configuration.address {
            case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port).get()
            case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            }
        return try await channel.eventLoop.submit {
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: MilterConnection.self), eventLoop: channel.eventLoop)
        }.get()
    }

    // MARK: - Failing

    private func note(_ error: any Error) {
        logger.error(
            "a filter did not answer",
            metadata: [
                "filter.name": "\(configuration.name)", "filter.failure": "\(error)",
                "filter.mail": configuration.onFailure == .accept ? "accepted unseen" : "put off",
            ])
    }

    /// A client may greet, since its mail asks again.
    private func failure(_ question: FilterQuestion) -> FilterVerdict {
        switch question {
        case .connection, .greeting: return FilterVerdict(.accept)
        case .sender, .recipient, .content, .mail:
            var verdict = FilterVerdict(configuration.onFailure == .accept ? .accept : .refuse(.filterUnavailable))
            verdict.isSilent = true
            return verdict
        }
    }

    // MARK: - Telling

    private func inquiry(_ question: FilterQuestion) -> MilterConnection.Inquiry {
        let deadline = configuration.deadline
        switch question {
        case .connection(let host, let port, let name):
            let address = "\(host)"
            let shown = name ?? "[\(address)]"
            return .init(
                question: .connection(
                    hostname: shown,
                    host.family == .v4 ? .ipv4(address, port: port ?? 0) : .ipv6(address, port: port ?? 0)),
                macros: [
                    ("j", hostname.ascii), ("{daemon_name}", "stempel"), ("v", "Stempel"), ("_", "\(name ?? "unknown") [\(address)]"),
                    ("{client_addr}", address), ("{client_name}", name ?? "unknown"),
                ] + (port.map { [("{client_port}", "\($0)")] } ?? []), deadline: deadline)
        case .greeting(let name, let tls):
            return .init(
                question: .greeting(name),
                macros: tls.map { [("{tls_version}", $0.version), ("{cipher}", $0.cipher)] } ?? [], deadline: deadline)
        case .sender(let envelope, let id):
            let path = envelope.reversePath.map { "\($0)" } ?? ""
            var parameters: [String] = []
            if envelope.is8BitMIME { parameters.append("BODY=8BITMIME") }
            if envelope.isSMTPUTF8 { parameters.append("SMTPUTF8") }
            return .init(
                question: .sender("<\(path)>", parameters: parameters),
                macros: [("i", id), ("{mail_mailer}", "esmtp"), ("{mail_addr}", path)]
                    + (envelope.reversePath.map { [("{mail_host}", $0.domain.ascii)] } ?? []), deadline: deadline)
        case .recipient(let address):
            return .init(
                question: .recipient("<\(address)>"),
                macros: [("{rcpt_mailer}", "local"), ("{rcpt_host}", address.domain.ascii), ("{rcpt_addr}", "\(address)")],
                deadline: deadline)
        case .content: return .init(question: .content, deadline: deadline)
        case .mail(let mail):
            return .init(
                question: .mail(
                    header: mail.header.fields.filter { !$0.isMalformed }.map { field in
                        (Array(mail.header.octets[field.name]), Array(mail.header.octets[field.body]))
                    }), macros: [("i", mail.id)], body: mail.body, deadline: deadline)
        }
    }
}
