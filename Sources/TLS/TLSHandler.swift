package import NIOCore
package import OpenSSL

/// Drives a `TLSSession` in a pipeline: ciphertext towards the network, plaintext towards the handlers behind it.
///
/// For implicit TLS it is added when the channel is made. For STARTTLS the driver adds it at the front of the pipeline
/// as soon as its reply in the clear is flushed, and discards what it read in the clear and did not use: those octets
/// are never commands (RFC 3207 §4.2, RFC 9051 §6.2.1), and no ciphertext either, since the peer waits for the reply.
///
/// Behind it, in this order: `TLSEvent.handshakeCompleted`, then reads. Every other end of the handshake is a
/// `TLSFailure` by `errorCaught`, after the alert was sent, and the channel closes. What is written before is kept, up to
/// `maximumEarlyOctets`. The peer's close_notify acts like the end of input of a plain connection: it is answered and
/// the channel closed, or, where `allowRemoteHalfClosure` is set, announced as `ChannelEvent.inputClosed`.
///
/// Buffers are bounded by back-pressure: writability is the channel's own and counts ciphertext; a read from the socket
/// is decrypted at once, into pieces of at most `maximumReadOctets`, and nothing is read that nobody asked for, but for
/// the handshake. Between reads it keeps no buffer.
package final class TLSHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum State {
        /// Added, but the channel is not connected yet.
        case idle
        case handshaking
        case established
        /// The peer said close_notify; writing goes on.
        case inputClosed
        /// We said close_notify; reading goes on.
        case outputClosed
        /// Both sides are done, or the session failed.
        case closed
    }

    private let session: TLSSession
    private let configuration: Configuration
    private let isServer: Bool
    private let handshakePromise: EventLoopPromise<TLSDetails>?

    private var state = State.idle
    private var isClosing = false
    private var handshakeDeadline: Scheduled<Void>?
    private var isReadWanted = false
    private var isEndKnown = false
    private var pendingWrites: [PendingWrite] = []
    private var flushedWrites = 0
    private var earlyOctets = 0

    /// The server's side. The promise, if any, gets the outcome of the handshake, as the events do.
    package init(
        server context: TLSContext, handshake promise: EventLoopPromise<TLSDetails>? = nil,
        configuration: Configuration = Configuration()
    ) {
        session = TLSSession(server: context)
        isServer = true
        handshakePromise = promise
        self.configuration = configuration
    }

    /// The client's side, to a host whose certificate the domain name system describes (RFC 7672).
    package init(
        client context: TLSContext, dane identity: DANEIdentity, handshake promise: EventLoopPromise<TLSDetails>? = nil,
        configuration: Configuration = Configuration()
    ) throws(TLSFailure) {
        session = try TLSSession(client: context, dane: identity)
        isServer = false
        handshakePromise = promise
        self.configuration = configuration
    }

    /// The client's side, to a host that is named to the server and looked for in its certificate if the context requires
    /// that. Fails, and leaves the promise alone, for what cannot be a host name.
    package init(
        client context: TLSContext, serverName: String?, handshake promise: EventLoopPromise<TLSDetails>? = nil,
        configuration: Configuration = Configuration()
    ) throws(TLSFailure) {
        session = try TLSSession(client: context, serverName: serverName)
        isServer = false
        handshakePromise = promise
        self.configuration = configuration
    }

    // MARK: What the channel says

    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        end(context, TLSFailure(stage: .handshake, kind: .interrupted, reason: "handler removed"))
    }

    package func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state != .closed, state != .inputClosed else { return }
        unwrapInboundIn(data).withUnsafeReadableBytes { session.receive($0) }
        advance(context)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // What came was ciphertext only: the reader behind still waits, and so does the handshake.
        if isReadWanted || state == .handshaking { context.read() }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            // After a close_notify this was announced already.
            if noteEnd(context) { context.fireUserInboundEventTriggered(event) }
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        _ = noteEnd(context)
        end(context, TLSFailure(stage: .handshake, kind: .interrupted, reason: "connection closed"))
        context.fireChannelInactive()
    }

    // MARK: What the handlers behind want

    package func read(context: ChannelHandlerContext) {
        isReadWanted = true
        context.read()
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let plaintext = unwrapOutboundIn(data)
        switch state {
        case .outputClosed, .closed:
            promise?.fail(isClosing ? ChannelError.ioOnClosedChannel : ChannelError.outputClosed)
            return
        case .idle, .handshaking:
            guard earlyOctets + plaintext.readableBytes <= configuration.maximumEarlyOctets else {
                promise?.fail(TLSFailure(stage: .handshake, reason: "too much written before the handshake"))
                return
            }
            earlyOctets += plaintext.readableBytes
        case .established, .inputClosed: break
        }
        pendingWrites.append(PendingWrite(plaintext: plaintext, promise: promise))
    }

    package func flush(context: ChannelHandlerContext) {
        flushedWrites = pendingWrites.count
        switch state {
        case .established, .inputClosed: encryptFlushedWrites(context)
        case .idle, .handshaking: break
        case .outputClosed, .closed: context.flush()
        }
    }

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .input:
            context.close(mode: .input, promise: promise)
        case .output:
            guard state == .established || state == .inputClosed else {
                context.close(mode: .output, promise: promise)
                return
            }
            sayCloseNotify(context)
            state = state == .inputClosed ? .closed : .outputClosed
            context.close(mode: .output, promise: promise)
        case .all:
            guard !isClosing, state == .established || state == .inputClosed else {
                end(
                    context,
                    TLSFailure(stage: .handshake, kind: .interrupted, reason: "closed before the handshake ended"))
                context.close(mode: .all, promise: promise)
                return
            }
            isClosing = true
            let sent = sayCloseNotify(context)
            end(context, nil)
            closeChannel(context, after: sent, promise)
        }
    }

    // MARK: The handshake

    private func begin(_ context: ChannelHandlerContext) {
        guard state == .idle else { return }
        state = .handshaking
        handshakeDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: configuration.handshakeTimeout) {
            self.fail(context, TLSFailure(stage: .handshake, kind: .interrupted, reason: "handshake took too long"))
        }
        if !isServer { advance(context) }
        // Whether or not a reader behind is ready, the handshake needs its input.
        if state == .handshaking { context.read() }
    }

    /// What a login over this connection can be bound to, after the handshake. On the event loop.
    package var channelBindings: TLSChannelBindings? { session.channelBindings }

    private func completeHandshake(_ context: ChannelHandlerContext) {
        state = .established
        handshakeDeadline?.cancel()
        handshakeDeadline = nil
        let details = session.details
        handshakePromise?.succeed(details)
        context.fireUserInboundEventTriggered(TLSEvent.handshakeCompleted(details))
        if state == .established { encryptFlushedWrites(context) }
    }

    // MARK: From the network

    /// Uses up the session's input.
    private func advance(_ context: ChannelHandlerContext) {
        if state == .handshaking {
            switch session.handshake() {
            case .needsInput:
                sendCiphertext(context)
                return
            case .failed(let failure):
                fail(context, failure)
                return
            case .completed:
                sendCiphertext(context)
                completeHandshake(context)
            }
        }
        while state == .established || state == .outputClosed {
            guard deliverOnePiece(context) else { return }
        }
    }

    /// Decrypts up to `maximumReadOctets` and hands them on; false once nothing more can be read.
    private func deliverOnePiece(_ context: ChannelHandlerContext) -> Bool {
        let limit = configuration.maximumReadOctets
        var plaintext = context.channel.allocator.buffer(capacity: min(limit, max(256, session.pendingInput)))
        var result = TLSSession.ReadResult.octets(0)
        while plaintext.readableBytes < limit, case .octets = result {
            let room = min(limit - plaintext.readableBytes, max(256, session.pendingInput))
            plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                result = session.read(into: UnsafeMutableRawBufferPointer(rebasing: target[..<room]))
                if case .octets(let count) = result { return count }
                return 0
            }
        }
        // Answers to key updates, and alerts.
        sendCiphertext(context)
        if plaintext.readableBytes > 0 {
            isReadWanted = false
            context.fireChannelRead(wrapInboundOut(plaintext))
        }
        switch result {
        case .octets: return true
        case .needsInput, .truncated: break
        case .closed: receivedCloseNotify(context)
        case .failed(let failure): fail(context, failure)
        }
        return false
    }

    private func receivedCloseNotify(_ context: ChannelHandlerContext) {
        guard state == .established || state == .outputClosed else { return }
        let mayStayOpen = try? context.channel.syncOptions?.getOption(.allowRemoteHalfClosure)
        if state == .established, mayStayOpen == true {
            state = .inputClosed
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else {
            close(context: context, mode: .all, promise: nil)
        }
    }

    /// The network will bring no more: true if that is news to the handlers behind.
    private func noteEnd(_ context: ChannelHandlerContext) -> Bool {
        guard !isEndKnown else { return false }
        isEndKnown = true
        switch state {
        case .idle, .closed: return true
        case .inputClosed: return false
        case .handshaking:
            session.receivedEnd()
            advance(context)
            return false
        case .established, .outputClosed:
            session.receivedEnd()
            context.fireUserInboundEventTriggered(TLSEvent.truncated)
            return true
        }
    }

    // MARK: To the network

    private func encryptFlushedWrites(_ context: ChannelHandlerContext) {
        guard flushedWrites > 0 else { return }
        let writes = pendingWrites.prefix(flushedWrites)
        pendingWrites.removeFirst(flushedWrites)
        flushedWrites = 0
        do throws(TLSFailure) {
            try session.write(writes)
            sendCiphertext(context, promises: writes.compactMap(\.promise))
        } catch {
            for write in writes { write.promise?.fail(error) }
            fail(context, error)
        }
    }

    /// Writes and flushes what the session wants to send; the promises follow it.
    private func sendCiphertext(_ context: ChannelHandlerContext, promises: [EventLoopPromise<Void>] = []) {
        var promise = promises.first
        if promises.count > 1 {
            let all = context.eventLoop.makePromise(of: Void.self)
            for one in promises { all.futureResult.cascade(to: one) }
            promise = all
        }
        guard session.hasCiphertext else {
            promise?.succeed()
            return
        }
        let ciphertext = context.channel.allocator.buffer(bytes: session.takeCiphertext())
        context.writeAndFlush(wrapOutboundOut(ciphertext), promise: promise)
    }

    // MARK: The end

    /// Encrypts what was flushed and says close_notify; the future tells when the network has taken it.
    @discardableResult
    private func sayCloseNotify(_ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        encryptFlushedWrites(context)
        session.close()
        let sent = context.eventLoop.makePromise(of: Void.self)
        sendCiphertext(context, promises: [sent])
        return sent.futureResult
    }

    private func closeChannel(
        _ context: ChannelHandlerContext, after sent: EventLoopFuture<Void>, _ promise: EventLoopPromise<Void>?
    ) {
        let loop = context.eventLoop.assumeIsolated()
        var isClosed = false
        func close() {
            guard !isClosed else { return }
            isClosed = true
            context.close(mode: .all, promise: promise)
        }
        let deadline = loop.scheduleTask(in: configuration.closeTimeout) { close() }
        sent.assumeIsolated().whenComplete { _ in
            deadline.cancel()
            close()
        }
    }

    private func fail(_ context: ChannelHandlerContext, _ failure: TLSFailure) {
        guard state != .closed else { return }
        isClosing = true
        let sent = context.eventLoop.makePromise(of: Void.self)
        sendCiphertext(context, promises: [sent])
        end(context, failure)
        context.fireErrorCaught(failure)
        closeChannel(context, after: sent.futureResult, nil)
    }

    /// Settles what is open, once: the handshake's promise and the writes that will never be sent.
    private func end(_ context: ChannelHandlerContext, _ failure: TLSFailure?) {
        let wasHandshaking = state == .handshaking || state == .idle
        state = .closed
        handshakeDeadline?.cancel()
        handshakeDeadline = nil
        if wasHandshaking, let failure { handshakePromise?.fail(failure) }
        let writes = pendingWrites
        pendingWrites = []
        flushedWrites = 0
        for write in writes { write.promise?.fail(failure ?? ChannelError.ioOnClosedChannel) }
    }
}
