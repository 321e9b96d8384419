import MilterProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

/// The time that a filter has.
@Suite(.timeLimit(.minutes(1))) struct MilterConnectionTests {
    private static func packet(_ command: String, _ data: [UInt8] = []) -> ByteBuffer {
        ByteBuffer(bytes: [0, 0, 0, UInt8(data.count + 1)] + Array(command.utf8) + data)
    }

    /// The command of the next packet; what is written only to learn when the last one has gone is none.
    private static func command(_ channel: NIOAsyncTestingChannel) async throws -> String {
        let packet = try await channel.waitForOutboundWrite(as: ByteBuffer.self)
        return packet.readableBytes > 4 ? String(decoding: packet.readableBytesView.dropFirst(4).prefix(1), as: UTF8.self) : ""
    }

    /// A filter that is asked about a mail whose body comes as the stream says, up to the first question about the body.
    private static func ask(
        _ channel: NIOAsyncTestingChannel, _ body: PieceStream
    ) async throws -> EventLoopFuture<MilterVerdict> {
        let loop = channel.testingEventLoop
        let reading = StreamReading(body)
        let inquiry = MilterConnection.Inquiry(
            question: .mail(header: []), body: { _, count in try await reading.next(count) }, deadline: .seconds(10))
        let promise = loop.makePromise(of: MilterVerdict.self)
        let bound = try await loop.executeInContext {
            let connection = MilterConnection(eventLoop: loop)
            try channel.pipeline.syncOperations.addHandler(connection)
            return NIOLoopBound(connection, eventLoop: loop)
        }
        try await channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        try await loop.executeInContext { bound.value.ask(inquiry, promise) }
        #expect(try await command(channel) == "O")
        try await channel.writeInbound(packet("O", [0, 0, 0, 6, 0, 0, 0, 0x31, 0, 0, 0, 0]))
        #expect(try await command(channel) == "N")
        try await channel.writeInbound(packet("c"))
        #expect(try await command(channel) == "")
        return promise.futureResult
    }

    @Test func `it stands still while the client brings content, and begins anew with each piece`() async throws {
        let channel = NIOAsyncTestingChannel()
        let body = PieceStream(head: [], onDrained: {})
        _ = try await body.piece(0)
        let answer = try await Self.ask(channel, body)
        for _ in 0..<3 {
            await channel.testingEventLoop.advanceTime(by: .hours(1))
            body.append([1, 2, 3])
            #expect(try await Self.command(channel) == "B")
            await channel.testingEventLoop.advanceTime(by: .milliseconds(9999))
            try await channel.writeInbound(Self.packet("c"))
            #expect(try await Self.command(channel) == "")
        }
        body.complete()
        #expect(try await Self.command(channel) == "E")
        await channel.testingEventLoop.advanceTime(by: .milliseconds(9999))
        try await channel.writeInbound(Self.packet("a"))
        #expect(try await answer.get().decision == .accept)
    }

    @Test func `a filter that says nothing to a piece is given up after its time`() async throws {
        let channel = NIOAsyncTestingChannel()
        let body = PieceStream(head: [1], onDrained: {})
        let answer = try await Self.ask(channel, body)
        #expect(try await Self.command(channel) == "B")
        await channel.testingEventLoop.advanceTime(by: .seconds(10))
        await #expect(throws: MilterConnection.Overdue.self) { try await answer.get() }
    }
}
