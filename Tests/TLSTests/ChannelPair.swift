import NIOCore
import NIOEmbedded
import OpenSSL
import TLS
import TestKit

/// Remembers what comes out of a `TLSHandler`: text, events by name, errors.
final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var text = ""
    var pieces: [Int] = []
    var events: [String] = []
    var details: TLSDetails?
    var failures: [TLSFailure] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        text += String(buffer: buffer)
        pieces.append(buffer.readableBytes)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSEvent.handshakeCompleted(let details):
            self.details = details
            events.append("handshakeCompleted")
        case TLSEvent.truncated: events.append("truncated")
        case ChannelEvent.inputClosed: events.append("inputClosed")
        default: events.append("\(event)")
        }
    }

    func channelInactive(context: ChannelHandlerContext) { events.append("inactive") }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let failure = error as? TLSFailure { failures.append(failure) } else { events.append("\(error)") }
    }
}

/// A client's and a server's channel whose networks are connected by hand.
struct ChannelPair {
    let client = EmbeddedChannel()
    let server = EmbeddedChannel()
    let atClient = Recorder()
    let atServer = Recorder()
    let directory = TemporaryDirectory()

    /// Both ends with a `TLSHandler`, connected, no octet carried yet.
    init(
        host: String? = "mx.acme.example", verification: TLSContext.Verification = .opportunistic,
        configuration: TLSHandler.Configuration = .init(), promise: EventLoopPromise<TLSDetails>? = nil
    ) throws {
        let made = TestCertificate(["mx.acme.example"], in: directory, file: "mx")
        let context = try TLSContext(
            certificates: [CertificateFiles(certificate: made.certificate, key: made.key)])
        let handler = TLSHandler(server: context, handshake: promise, configuration: configuration)
        try server.pipeline.syncOperations.addHandlers([handler, atServer])
        let clientHandler = try TLSHandler(client: TLSContext(verification: verification), serverName: host)
        try client.pipeline.syncOperations.addHandlers([clientHandler, atClient])
        let address = try SocketAddress(ipAddress: "192.0.2.1", port: 25)
        server.connect(to: address, promise: nil)
        client.connect(to: address, promise: nil)
    }

    /// Carries what either side sends in pieces of `size` octets, until both are quiet.
    func carry(inPiecesOf size: Int = .max) throws {
        while true {
            let toServer = try Self.move(from: client, to: server, size)
            let toClient = try Self.move(from: server, to: client, size)
            if !toServer, !toClient { return }
        }
    }

    private static func move(from sender: EmbeddedChannel, to receiver: EmbeddedChannel, _ size: Int) throws -> Bool {
        var moved = false
        while var ciphertext = try sender.readOutbound(as: ByteBuffer.self) {
            moved = true
            while let piece = ciphertext.readSlice(length: min(size, ciphertext.readableBytes)), piece.readableBytes > 0
            {
                guard receiver.isActive else { break }
                receiver.pipeline.fireChannelRead(piece)
                receiver.pipeline.fireChannelReadComplete()
            }
        }
        receiver.embeddedEventLoop.run()
        sender.embeddedEventLoop.run()
        return moved
    }
}
