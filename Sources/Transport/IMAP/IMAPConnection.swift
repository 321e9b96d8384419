import Gateway
import Logging
import Mailboxes
import NIOCore
import OpenSSL
import TLS

/// One connection of the IMAP server: a channel handler, and a task that owns the session (`IMAPConnection+Session`).
///
/// The task runs on the channel's event loop, too (`EventLoopExecutor`), so that handler and task are never at work at
/// the same time and share the variables here without a lock. The task takes what happened with `next`, one event after
/// another; octets are read from the network only while it waits for them, and writing waits while the client is slow.
/// So a connection holds one read and one page of responses at most, and an idle one neither.
final class IMAPConnection: ChannelDuplexHandler, DeadlineHolder {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What all connections of a listener share.
    struct Shared: Sendable {
        var services: SessionServices
        var session: SessionConfiguration
        var timeouts: IMAPServer.Timeouts
        var isTLSFirst: Bool
        var tls: TLSContextHolder?
        var names: SessionNames
        var tally: SessionTally
        var logger: Logger
    }

    /// What the session is told, in the order of its standing.
    enum Event {
        /// The connection is gone, or the client says no more and everything it said was carried out.
        case ended
        case shutdown
        case tlsEstablished
        case octets(ByteBuffer)
        case timedOut
        case woken
    }

    /// What a waiting session waits for: decides when it is told that it took too long.
    enum Patience { case login, command, idling }

    private enum Phase {
        /// Until the channel is active, or TLS established.
        case starting
        case open
        /// The end is said and flushed; what still comes is thrown away until the client closes, too, since closing
        /// over unread octets resets the connection and may take the last response with it.
        case lingering
        case closed
    }

    let shared: Shared
    let entry: ConnectionEntry
    let name: String
    private let executor: EventLoopExecutor
    private var context: ChannelHandlerContext?
    private var phase = Phase.starting

    private var input: ByteBuffer?
    private var isInputClosed = false
    private var isShuttingDown = false
    private var isTLSEstablished = false
    private var isTimedOut = false
    private var isWoken = false
    private var isReadHeld = false

    private var waitingForEvent: CheckedContinuation<Event, Never>?
    private var waitingForRoom: CheckedContinuation<Void, any Error>?

    private var loginDeadline = NIODeadline.distantFuture
    private var lastOctets = NIODeadline.now()
    private var lastWrite = NIODeadline.now()
    private(set) var deadline = NIODeadline.distantFuture

    private static let lingerTime = TimeAmount.seconds(2)

    init(shared: Shared, entry: ConnectionEntry, executor: EventLoopExecutor) {
        (self.shared, self.entry, self.executor) = (shared, entry, executor)
        name = shared.names.next()
    }

    // MARK: - What the channel says

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if !shared.isTLSFirst { begin() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .open = phase else { return }
        var octets = unwrapInboundIn(data)
        lastOctets = .now()
        if input == nil { input = octets } else { input?.writeBuffer(&octets) }
    }

    func channelReadComplete(context: ChannelHandlerContext) { tell() }

    /// Only a session that waits is read for: what a client sends ahead stays with the kernel, and what comes behind
    /// STARTTLS is left for the handshake.
    func read(context: ChannelHandlerContext) {
        if phase == .open, waitingForEvent == nil { isReadHeld = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        deadline = .distantFuture
        resumeWriting(.success(()))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSEvent.handshakeCompleted:
            if case .starting = phase { return begin() }
            isTLSEstablished = true
            tell()
        case ChannelEvent.inputClosed:
            isInputClosed = true
            if case .open = phase { tell() } else { close() }
        case ChannelEvent.outputClosed:
            if case .lingering = phase { deadline = .now() + Self.lingerTime }
        case is ChannelShouldQuiesceEvent:
            isShuttingDown = true
            if case .starting = phase { close() } else { tell() }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Many clients leave by resetting the connection.
        log(error is IOError ? .debug : .info, "connection failed", error)
        close()
    }

    func channelInactive(context: ChannelHandlerContext) { ended() }

    func deadlinePassed() {
        deadline = .distantFuture
        switch phase {
        case .open where waitingForRoom == nil:
            isTimedOut = true
            tell()
        case .starting, .open, .lingering: close()
        case .closed: break
        }
    }

    /// The session asked to be woken.
    func woken() {
        isWoken = true
        tell()
    }

    private func begin() {
        guard case .starting = phase, let context else { return }
        phase = .open
        loginDeadline = .now() + shared.timeouts.login
        shared.tally.began()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        Task(executorPreference: executor) { await bound.value.serve(on: bound.eventLoop) }
    }

    private func ended() {
        phase = .closed
        deadline = .distantFuture
        input = nil
        resumeWriting(.failure(ChannelError.ioOnClosedChannel))
        tell()
    }

    // MARK: - What the task asks

    /// The next thing that happened.
    func next(_ patience: Patience) async -> Event {
        if let event = takeEvent() { return event }
        return await withCheckedContinuation { continuation in
            waitingForEvent = continuation
            setDeadline(patience)
            guard isReadHeld else { return }
            isReadHeld = false
            context?.read()
        }
    }

    /// Sends octets; returns when there is room for more.
    func write(_ octets: ByteBuffer) async throws {
        guard case .open = phase, let context else { throw ChannelError.ioOnClosedChannel }
        lastWrite = .now()
        context.writeAndFlush(wrapOutboundOut(octets), promise: nil)
        // Writing may have shown that the connection is gone.
        guard case .open = phase else { throw ChannelError.ioOnClosedChannel }
        guard !context.channel.isWritable else { return }
        deadline = .now() + shared.timeouts.write
        try await withCheckedThrowingContinuation { waitingForRoom = $0 }
    }

    /// Begins TLS. Octets that came in the clear are never commands, and no ciphertext either: the client waits for the
    /// OK (RFC 3501 §6.2.1).
    func startTLS() {
        guard case .open = phase, let context, let tls = shared.tls else { return close() }
        input = nil
        do {
            try context.pipeline.syncOperations.addHandler(TLSHandler(server: tls.current), position: .first)
        } catch {
            close()
        }
    }

    /// What a login can be bound to, once TLS is on.
    var channelBindings: ChannelBindings? { context.flatMap { ChannelBindings(of: $0.pipeline) } }

    /// The last words are said: what waits is still sent, then the client is given a moment to close first.
    func linger() {
        guard case .open = phase, let context else { return close() }
        phase = .lingering
        input = nil
        deadline = .now() + shared.timeouts.write
        guard !isInputClosed else {
            // Nothing more can come, so closing the output would close all at once and lose what waits.
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            let sent = context.eventLoop.makePromise(of: Void.self)
            sent.futureResult.whenComplete { _ in bound.value.close() }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
            return
        }
        context.close(mode: .output, promise: nil)
        guard isReadHeld, phase == .lingering else { return }
        isReadHeld = false
        context.read()
    }

    /// Cuts the connection.
    func close() {
        guard phase != .closed, let context else { return }
        phase = .closed
        deadline = .distantFuture
        context.close(promise: nil)
        ended()
    }

    func log(_ level: Logger.Level, _ message: Logger.Message, _ error: any Error) {
        shared.logger.log(
            level: level, message,
            metadata: [
                LogKey.imapSession: "\(name)", LogKey.imapPeer: "\(entry.address)", LogKey.imapFailure: "\(error)",
            ])
    }

    // MARK: - Between the two

    /// Hands the session what happened, if it waits.
    private func tell() {
        guard let continuation = waitingForEvent, let event = takeEvent() else { return }
        waitingForEvent = nil
        deadline = .distantFuture
        continuation.resume(returning: event)
    }

    private func takeEvent() -> Event? {
        if phase == .closed { return .ended }
        if isShuttingDown { return .shutdown }
        if isTLSEstablished {
            isTLSEstablished = false
            return .tlsEstablished
        }
        if let octets = input {
            input = nil
            isTimedOut = false
            return .octets(octets)
        }
        if isInputClosed { return .ended }
        if isTimedOut {
            isTimedOut = false
            return .timedOut
        }
        if isWoken {
            isWoken = false
            return .woken
        }
        return nil
    }

    private func resumeWriting(_ result: Result<Void, any Error>) {
        guard let continuation = waitingForRoom else { return }
        waitingForRoom = nil
        continuation.resume(with: result)
    }

    private func setDeadline(_ patience: Patience) {
        switch patience {
        case .login: deadline = loginDeadline
        case .command: deadline = lastOctets + shared.timeouts.autologout
        case .idling: deadline = lastWrite + shared.timeouts.keepAlive
        }
    }
}
