import Gateway
import MailTypes
import NIOCore
import OpenSSL
import SMTPProtocol
import TLS

/// One connection to the next hop: carries out what its session machine says. Belongs to its event loop.
final class RelayConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How a mail ended, and whether the connection can take another.
    struct Settled: Sendable {
        var outcomes: [RecipientOutcome]
        var isReusable: Bool
        /// The server did not know the chunks that it offered; it got nothing.
        var lacksChunks = false
    }

    private enum Phase {
        /// Introducing ourselves; the promise hears of the end of that.
        case opening(EventLoopPromise<Bool>)
        case idle
        case delivering(Delivery)
        case closed
    }

    private struct Delivery {
        var content: any OutgoingContent
        var promise: EventLoopPromise<Settled>
        var outcomes: [RecipientOutcome]?
        /// Tells what is read for this mail now from what was given up.
        var number: Int
        var deadline: NIODeadline
    }

    private let eventLoop: any EventLoop
    private let tls: TLSContext?
    private let serverName: String?
    private let dane: DANEIdentity?
    private var session: SMTPClientSession
    private var phase: Phase
    private var input = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var deliveries = 0
    private var isAdvancing = false
    private var isConnectionLost = false

    /// - Parameters:
    ///   - dane: whom the domain name system describes, in the place of the name.
    ///   - opened: succeeds when the server has let us in, with whether that is over TLS; fails with a `DeliveryProblem`.
    init(
        configuration: SMTPClientSession.Configuration, tls: TLSContext?, serverName: String?, dane: DANEIdentity? = nil,
        opened: EventLoopPromise<Bool>
    ) {
        (self.tls, self.serverName, eventLoop) = (tls, serverName, opened.futureResult.eventLoop)
        self.dane = dane
        session = SMTPClientSession(configuration: configuration)
        phase = .opening(opened)
    }

    /// Whether a mail can be given to it.
    var isIdle: Bool {
        if case .idle = phase { return true }
        return false
    }

    /// Delivers a mail; only when idle. The promise always succeeds.
    func deliver(
        _ mail: SMTPClientSession.Mail, _ content: any OutgoingContent, within limit: TimeAmount,
        promise: EventLoopPromise<Settled>
    ) {
        guard case .idle = phase else { preconditionFailure("a mail was given to a connection that is not idle") }
        deliveries += 1
        phase = .delivering(
            Delivery(content: content, promise: promise, number: deliveries, deadline: .now() + limit))
        advance(session.deliver(mail))
    }

    /// Ends an idle connection politely.
    func quit() {
        guard case .idle = phase else { return }
        advance(session.quit())
    }

    // MARK: What the channel says

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        lost()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) { advance(session.connected()) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var octets = unwrapInboundIn(data)
        input.writeBuffer(&octets)
        advance(nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSEvent.handshakeCompleted = event {
            advance(session.tlsEstablished())
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let failure = error as? TLSFailure, failure.stage == .handshake, case .opening = phase {
            advance(session.tlsFailed("\(failure)"))
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { lost() }

    private func lost() {
        guard !isConnectionLost else { return }
        isConnectionLost = true
        timer?.cancel()
        guard !isAdvancing else { return }
        advance(session.connectionClosed())
    }

    // MARK: Performing

    private func advance(_ action: SMTPClientSession.Action?) {
        guard !isAdvancing else { preconditionFailure("an action was performed within an action") }
        isAdvancing = true
        var next = action
        var isNews = false
        while true {
            let action = next ?? session.receive(&input)
            if case .needMoreInput = action { break }
            isNews = true
            next = perform(action)
            if !isOpen { break }
        }
        if isConnectionLost {
            // Whatever was under way when the connection went is settled by its loss.
            while isOpen { _ = perform(session.connectionClosed()) }
        }
        isAdvancing = false
        // A reply must be whole in time, however many pieces it comes in.
        if isNews || timer == nil { setTimer() }
    }

    private var isOpen: Bool {
        if case .closed = phase { return false }
        return true
    }

    private func perform(_ action: SMTPClientSession.Action) -> SMTPClientSession.Action? {
        switch action {
        case .needMoreInput: break
        case .send(let octets): context?.writeAndFlush(wrapOutboundOut(octets), promise: nil)
        case .startTLS: return startTLS()
        case .ready: becameReady()
        case .downgrade(let downgrade): self.downgrade(downgrade)
        case .sendContent: streamContent()
        case .settled(let outcomes):
            if case .delivering(var delivery) = phase {
                delivery.outcomes = outcomes
                phase = .delivering(delivery)
            }
        case .failed(let problem): close(problem)
        case .close: close(nil)
        }
        return nil
    }

    private func becameReady() {
        switch phase {
        case .opening(let promise):
            phase = .idle
            promise.succeed(session.isSecured)
        case .delivering(let delivery):
            guard let outcomes = delivery.outcomes else { preconditionFailure("a mail ended without an outcome") }
            phase = .idle
            delivery.promise.succeed(Settled(outcomes: outcomes, isReusable: true))
        case .idle, .closed: break
        }
    }

    private func close(_ problem: DeliveryProblem?) {
        let old = phase
        phase = .closed
        timer?.cancel()
        switch old {
        case .opening(let promise):
            promise.fail(
                problem
                    ?? DeliveryProblem(
                        stage: .greeting, status: EnhancedStatus(4, 4, 2), diagnostic: "the connection was closed"))
        case .delivering(let delivery):
            guard let outcomes = delivery.outcomes else { preconditionFailure("a mail ended without an outcome") }
            delivery.promise.succeed(Settled(outcomes: outcomes, isReusable: false, lacksChunks: session.lacksChunks))
        case .idle, .closed: break
        }
        context?.close(promise: nil)
    }

    private func startTLS() -> SMTPClientSession.Action? {
        guard let context, let tls else { return session.tlsFailed("no TLS is configured") }
        do {
            let handler =
                if let dane {
                    try TLSHandler(client: tls, dane: dane)
                } else {
                    try TLSHandler(client: tls, serverName: serverName)
                }
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
            return nil
        } catch {
            return session.tlsFailed("\(error)")
        }
    }

    // MARK: Content

    /// Looks through the content off the event loop for a form that this server takes.
    private func downgrade(_ downgrade: ContentDowngrade) {
        guard case .delivering(let delivery) = phase else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let (eventLoop, content, number) = (eventLoop, delivery.content, delivery.number)
        Task {
            do {
                let converted = try await content.downgraded(downgrade)
                eventLoop.execute { bound.value.downgraded(converted, of: number) }
            } catch {
                eventLoop.execute { bound.value.contentFailed(of: number) }
            }
        }
    }

    private func downgraded(_ content: (any OutgoingContent)?, of number: Int) {
        guard isStreaming(number), case .delivering(var delivery) = phase else { return }
        guard let content else { return advance(session.contentCannotBeDowngraded()) }
        delivery.content = content
        phase = .delivering(delivery)
        advance(session.contentDowngraded())
    }

    /// Reads the content off the event loop and writes it piece by piece, each when the one before has left.
    private func streamContent() {
        guard case .delivering(var delivery) = phase else { return }
        deliveries += 1
        delivery.number = deliveries
        phase = .delivering(delivery)
        let eventLoop = eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let (content, number) = (delivery.content, delivery.number)
        Task {
            do {
                var index = 0
                while let piece = try await content.piece(index) {
                    try await eventLoop.flatSubmit { bound.value.send(piece, of: number) }.get()
                    index += 1
                }
                eventLoop.execute { bound.value.contentEnded(of: number) }
            } catch {
                eventLoop.execute { bound.value.contentFailed(of: number) }
            }
        }
    }

    private func isStreaming(_ number: Int) -> Bool {
        if case .delivering(let delivery) = phase { return delivery.number == number && delivery.outcomes == nil }
        return false
    }

    private func send(_ piece: [UInt8], of number: Int) -> EventLoopFuture<Void> {
        guard let context, isStreaming(number) else {
            return eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        let octets = session.encode(ByteBuffer(bytes: piece))
        setTimer()
        let promise = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(octets), promise: promise)
        return promise.futureResult
    }

    private func contentEnded(of number: Int) {
        guard isStreaming(number) else { return }
        advance(session.contentEnded())
    }

    private func contentFailed(of number: Int) {
        guard isStreaming(number) else { return }
        advance(session.contentUnavailable())
    }

    // MARK: Time

    /// One timer for what is awaited now, within the time for the whole mail.
    private func setTimer() {
        timer?.cancel()
        timer = nil
        var deadline = NIODeadline.now() + TimeAmount(session.timeout)
        switch phase {
        case .opening: break
        case .delivering(let delivery): deadline = min(deadline, delivery.deadline)
        case .idle, .closed: return
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(deadline: deadline) { bound.value.timedOut() }
    }

    private func timedOut() {
        switch phase {
        case .opening, .delivering: advance(session.timedOut())
        case .idle, .closed: break
        }
    }
}
