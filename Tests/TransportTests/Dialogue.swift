import NIOCore
import NIOPosix
import OpenSSL
import Synchronization
import TLS
import Transport

/// A peer that a test plays by hand, over a real connection of loopback.
final class Dialogue: Sendable {
    private let channel: any Channel
    private let inbox: Inbox

    /// What came, in lines, waited for without sleeping.
    private final class Inbox: Sendable {
        struct State {
            var text: [UInt8] = []
            var isEnded = false
            var waiter: (@Sendable () -> Void)?
        }
        let state = Mutex(State())

        func update(_ change: (inout State) -> Void) {
            let waiter = state.withLock { state in
                change(&state)
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?()
        }

        /// `nil` from `take`: not yet. A test that is cancelled, since its time is over, sees the end of the connection.
        func wait<Value: Sendable>(_ take: @escaping @Sendable (inout State) -> Value?) async -> Value {
            await withTaskCancellationHandler {
                while true {
                    let value = await withCheckedContinuation { (continuation: CheckedContinuation<Value?, Never>) in
                        let now = state.withLock { state -> Value? in
                            if let value = take(&state) { return value }
                            state.waiter = { continuation.resume(returning: nil) }
                            return nil
                        }
                        if let now { continuation.resume(returning: now) }
                    }
                    if let value { return value }
                }
            } onCancel: {
                update { $0.isEnded = true }
            }
        }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let inbox: Inbox
        init(_ inbox: Inbox) { self.inbox = inbox }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let octets = unwrapInboundIn(data)
            inbox.update { $0.text.append(contentsOf: octets.readableBytesView) }
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .inputClosed? = event as? ChannelEvent { inbox.update { $0.isEnded = true } }
        }
        func channelInactive(context: ChannelHandlerContext) { inbox.update { $0.isEnded = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private init(_ channel: any Channel, _ inbox: Inbox) { (self.channel, self.inbox) = (channel, inbox) }

    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Connects; with TLS from the start if a client's context is given.
    static func connect(to address: SocketAddress, tls: TLSContext? = nil) async throws -> Dialogue {
        let inbox = Inbox()
        let channel = try await ClientBootstrap(group: group)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(TLSHandler(client: tls, serverName: nil))
                    }
                    try channel.pipeline.syncOperations.addHandler(Collector(inbox))
                }
            }
            .connect(to: address).get()
        return Dialogue(channel, inbox)
    }

    /// Waits for connections and hands each to `play`.
    static func listen(_ play: @escaping @Sendable (Dialogue) async throws -> Void) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let inbox = Inbox()
                    try channel.pipeline.syncOperations.addHandler(Collector(inbox))
                    let dialogue = Dialogue(channel, inbox)
                    Task { try await play(dialogue) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    /// One line without its end; `nil` at the end of the connection.
    func line() async -> String? {
        await inbox.wait { state -> String?? in
            guard let end = state.text.firstIndex(of: 0x0A) else { return state.isEnded ? .some(nil) : nil }
            let line = state.text[..<end].filter { $0 != 0x0D }
            state.text.removeFirst(end + 1)
            return String(decoding: line, as: UTF8.self)
        }
    }

    /// So many octets, or fewer at the end of the connection.
    func octets(_ count: Int) async -> String {
        await inbox.wait { state -> String? in
            guard state.text.count >= count || state.isEnded else { return nil }
            defer { state.text.removeFirst(min(count, state.text.count)) }
            return String(decoding: state.text.prefix(count), as: UTF8.self)
        }
    }

    /// Everything that comes up to the end of the connection.
    func rest() async -> String {
        await inbox.wait { $0.isEnded ? String(decoding: $0.text, as: UTF8.self) : nil }
    }

    /// The code of the next reply, its last line read; `nil` at the end of the connection.
    func reply() async -> String? {
        while let line = await line() {
            if line.dropFirst(3).first != "-" { return String(line.prefix(3)) }
        }
        return nil
    }

    /// Waits until anything came, and drops it.
    func something() async {
        await inbox.wait { state -> Void? in
            guard !state.text.isEmpty || state.isEnded else { return nil }
            state.text = []
            return ()
        }
    }

    /// Sends a line and reads its reply.
    @discardableResult
    func say(_ line: String) async throws -> String? {
        try await send(line + "\r\n")
        return await reply()
    }

    /// Begins TLS on top of what was said in the clear.
    func startTLS(_ context: TLSContext) async throws {
        let promise = channel.eventLoop.makePromise(of: TLSDetails.self)
        try await channel.eventLoop.submit { [channel] in
            let handler = try TLSHandler(client: context, serverName: nil, handshake: promise)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }.get()
        _ = try await promise.futureResult.get()
    }

    func closeOutput() async throws { try await channel.close(mode: .output) }
    func close() async throws { try await channel.close() }
    /// Whether what comes is read, or left to fill the buffers on the way.
    func setReading(_ isReading: Bool) async throws { try await channel.setOption(.autoRead, value: isReading).get() }
    var isActive: Bool { channel.isActive }
}
