package import Gateway
package import Logging
package import MailTypes
package import NIOCore
import NIOPosix
import Synchronization

/// The listeners of one service, their connections, and the polite end of both.
///
/// `start`, then `shutDown`. Every accepted connection is counted, set up by the closure on its own event loop, and
/// watched until it is gone.
package final class ConnectionServer: Sendable {
    /// What the set-up closure knows of a new connection. Belongs to the connection's event loop.
    package struct Accepted {
        package let channel: any Channel
        package let entry: ConnectionEntry
        fileprivate let connections: LoopConnections

        /// Has the deadline of the connection's handler watched.
        package func holdDeadline(_ holder: any DeadlineHolder) { connections.watch(channel, holder) }
    }

    private struct State {
        var listeners: [any Channel] = []
        var isShuttingDown = false
    }

    private let group: any EventLoopGroup
    private let ledger: ConnectionLedger
    private let backlog: Int32
    private let door: AbuseGuard.Door
    private let refusal: (@Sendable (Reply) -> ByteBuffer)?
    private let noteRefusal: @Sendable (PeerAddress, Reply) -> Void
    private let logger: Logger
    private let loops: [ObjectIdentifier: NIOLoopBoundBox<LoopConnections>]
    private let setUp: @Sendable (Accepted) throws -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - refusal: what a connection beyond the limits is told before it is closed; `nil`: nothing.
    ///   - noteRefusal: hears of such connections, of one host once a minute.
    ///   - setUp: adds the handlers, on the connection's event loop.
    package init(
        group: any EventLoopGroup, ledger: ConnectionLedger, door: AbuseGuard.Door = .login, backlog: Int32 = 1024,
        refusal: (@Sendable (Reply) -> ByteBuffer)? = nil,
        noteRefusal: @escaping @Sendable (PeerAddress, Reply) -> Void = { _, _ in },
        deadlineResolution: TimeAmount = .seconds(1), logger: Logger,
        setUp: @escaping @Sendable (Accepted) throws -> Void
    ) {
        (self.group, self.ledger, self.backlog, self.refusal) = (group, ledger, backlog, refusal)
        (self.door, self.noteRefusal) = (door, noteRefusal)
        (self.logger, self.setUp) = (logger, setUp)
        var loops: [ObjectIdentifier: NIOLoopBoundBox<LoopConnections>] = [:]
        for loop in group.makeIterator() {
            // Nobody else has seen it yet; from here on only its loop touches it.
            loops[ObjectIdentifier(loop)] = NIOLoopBoundBox.makeBoxSendingValue(
                LoopConnections(eventLoop: loop, resolution: deadlineResolution), eventLoop: loop)
        }
        self.loops = loops
    }

    /// Opens all listeners or none; answers their addresses, in order, with the ports that the kernel chose. Several
    /// addresses that cannot be opened are reported one by one: the first one throws.
    package func start(_ addresses: [ListenerAddress]) async throws(ListenerFailure) -> [SocketAddress] {
        var bound: [SocketAddress] = []
        for address in addresses {
            do {
                let listener = try await bind(address)
                state.withLock { $0.listeners.append(listener) }
                if let local = listener.localAddress { bound.append(local) }
            } catch {
                await stopListening()
                throw ListenerFailure(address: address, cause: error)
            }
        }
        return bound
    }

    /// Closes the listeners; connections go on.
    package func stopListening() async {
        let listeners = state.withLock { state in
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { try? await listener.close() }
    }

    /// Closes the listeners, asks every connection to end (`ChannelShouldQuiesceEvent`), and closes after `grace` what
    /// has not ended by itself.
    package func shutDown(grace: Duration) async {
        await stopListening()
        let ends = loops.values.map { connections in
            let promise = connections.eventLoop.makePromise(of: Void.self)
            connections.eventLoop.execute { connections.value.quiesce(promise) }
            return promise.futureResult
        }
        let closing = loops.values.map { connections in
            connections.eventLoop.scheduleTask(in: TimeAmount(grace)) { connections.value.closeAll() }
        }
        for end in ends { try? await end.get() }
        for task in closing { task.cancel() }
    }

    private func bind(_ address: ListenerAddress) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Out of file descriptors: accept again in a second, not at once and for ever.
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptBackoffHandler(shouldForwardIOErrorCaught: false))
                }
            }
            .childChannelInitializer { [self] channel in
                do {
                    try accepted(channel)
                    return channel.eventLoop.makeSucceededVoidFuture()
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
            }
        switch address {
        case .tcp(let host, let port): return try await bootstrap.bind(host: host, port: port).get()
        case .inherited(let fileDescriptor): return try await bootstrap.withBoundSocket(fileDescriptor).get()
        }
    }

    private func accepted(_ channel: any Channel) throws {
        guard let loop = loops[ObjectIdentifier(channel.eventLoop)] else {
            preconditionFailure("a connection came on an event loop of another group")
        }
        let connections = loop.value
        let address = PeerAddress(channel.remoteAddress)
        let entry: ConnectionEntry
        switch ledger.admit(address, to: door) {
        case .admitted(let admitted): entry = admitted
        case .refused(let reply):
            if ledger.abuse?.mustNote(address.address) != false {
                logger.notice("connection refused", metadata: ["peer.address": "\(address)", LogKey.reply: "\(reply)"])
                noteRefusal(address, reply)
            }
            return try channel.pipeline.syncOperations.addHandler(RefusalHandler(refusal?(reply)))
        }
        let bound = NIOLoopBound((entry, connections), eventLoop: channel.eventLoop)
        channel.closeFuture.whenComplete { _ in
            let (entry, connections) = bound.value
            entry.ended()
            connections.remove(channel)
        }
        connections.add(channel)
        try setUp(Accepted(channel: channel, entry: entry, connections: connections))
        connections.didSetUp(channel)
    }
}

/// Tells a connection beyond the limits so, and closes it.
private final class RefusalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let words: ByteBuffer?

    init(_ words: ByteBuffer?) { self.words = words }

    func channelActive(context: ChannelHandlerContext) {
        if let words { context.writeAndFlush(wrapOutboundOut(words), promise: nil) }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
