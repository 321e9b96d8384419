import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Listens on the control socket of a data directory, which only the owner of the data can open.
struct ControlServer: Service {
    let path: String
    let operations: DeskOperations
    let group: any EventLoopGroup
    let logger: Logger

    func run() async throws {
        unlink(path)
        let (operations, logger) = (operations, logger)
        // Nobody may connect in the moment between bind and chmod, either.
        let mask = umask(0o077)
        let listener: any Channel
        let shortPath = SocketPath(path)
        do {
            listener = try await ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ControlHandler(operations, logger))
                    }
                }
                .bind(unixDomainSocketPath: shortPath.text).get()
            umask(mask)
        } catch {
            umask(mask)
            throw CommandFailure(.cannotCreate, "\(path): cannot listen: \(error)")
        }
        withExtendedLifetime(shortPath) {}
        chmod(path, 0o600)
        await withGracefulShutdownHandler {
            try? await listener.closeFuture.get()
        } onGracefulShutdown: {
            listener.close(promise: nil)
        }
        unlink(path)
    }
}

/// Reads one request, answers it, closes.
private final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let operations: DeskOperations
    private let logger: Logger
    private var received = ByteBuffer()
    private var isAnswering = false

    init(_ operations: DeskOperations, _ logger: Logger) { (self.operations, self.logger) = (operations, logger) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswering else { return }
        var piece = unwrapInboundIn(data)
        received.writeBuffer(&piece)
        guard received.readableBytes <= ControlRequest.maximumLength else { return context.close(promise: nil) }
        guard let end = received.readableBytesView.firstIndex(of: 0x0A) else { return }
        isAnswering = true
        let line = Data(received.readableBytesView[..<end])
        received.clear()
        let (operations, logger, channel) = (operations, logger, context.channel)
        Task {
            let response: ControlResponse
            if let request = try? JSONDecoder().decode(ControlRequest.self, from: line) {
                response = await operations.perform(request)
                // What only asks is no news.
                logger.log(
                    level: request.isChange ? .notice : .debug, "command carried out",
                    metadata: ["command.name": "\(request.name)", "command.status": "\(response.status)"])
            } else {
                response = ControlResponse(status: .dataError, output: "the server does not know this request")
            }
            let text = (try? JSONEncoder().encode(response)) ?? Data()
            try? await channel.writeAndFlush(ByteBuffer(bytes: text + [0x0A]))
            try? await channel.close()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
