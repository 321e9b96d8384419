import NIOCore
import NIOEmbedded
import OpenSSL
import TLS
import Testing

@Suite struct TLSHandlerTests {
    @Test(arguments: [Int.max, 100, 1]) func `a handshake completes and both sides are told`(size: Int) throws {
        let pair = try ChannelPair()
        try pair.carry(inPiecesOf: size)
        #expect(pair.atServer.events == ["handshakeCompleted"])
        #expect(pair.atClient.events == ["handshakeCompleted"])
        #expect(pair.atServer.details?.version == "TLSv1.3")
        #expect(pair.atServer.details?.serverName == "mx.acme.example")
        #expect(pair.atServer.details == pair.atClient.details)
        #expect(pair.atServer.failures.isEmpty && pair.atClient.failures.isEmpty)
    }

    @Test func `a greeting written before the handshake arrives after it`() throws {
        let pair = try ChannelPair()
        let sent = pair.server.writeAndFlush(ByteBuffer(string: "220 mx.acme.example\r\n"))
        #expect(try pair.server.readOutbound(as: ByteBuffer.self) == nil, "nothing leaves in the clear")
        try pair.carry()
        try sent.wait()
        #expect(pair.atClient.text == "220 mx.acme.example\r\n")
    }

    @Test func `too much written before the handshake is refused`() throws {
        let pair = try ChannelPair()
        let greeting = pair.server.write(ByteBuffer(repeating: 0x61, count: 65536))
        let excess = pair.server.write(ByteBuffer(repeating: 0x61, count: 1))
        #expect(throws: TLSFailure.self) { try excess.wait() }
        pair.server.flush()
        try pair.carry()
        try greeting.wait()
        #expect(pair.atClient.text.utf8.count == 65536)
    }

    @Test(arguments: [Int.max, 4099]) func `a large text crosses in bounded pieces`(size: Int) throws {
        let pair = try ChannelPair()
        try pair.carry()
        let text = (0..<40_000).map { "line \($0)\r\n" }.joined()
        let sent = pair.client.writeAndFlush(ByteBuffer(string: text))
        try pair.carry(inPiecesOf: size)
        try sent.wait()
        #expect(pair.atServer.text == text)
        #expect(pair.atServer.pieces.allSatisfy { $0 <= 65536 })
        if size == .max { #expect(pair.atServer.pieces.first == 65536) }
    }

    @Test func `small writes flushed together share a record and each is confirmed`() throws {
        let pair = try ChannelPair()
        try pair.carry()
        let lines = (0..<100).map { "* \($0) FETCH (UID \($0))\r\n" }
        let sent = lines.map { pair.server.write(ByteBuffer(string: $0)) }
        pair.server.flush()
        let record = try #require(try pair.server.readOutbound(as: ByteBuffer.self))
        #expect(record.readableBytes == lines.joined().utf8.count + 22)
        pair.client.pipeline.fireChannelRead(record)
        #expect(pair.atClient.text == lines.joined())
        for one in sent { try one.wait() }
    }

    @Test func `writes of all sizes keep their order`() throws {
        let pair = try ChannelPair()
        try pair.carry()
        let texts = [1, 16383, 1, 1, 16384, 20_000, 0, 5, 16380, 10].enumerated().map { index, size in
            String(repeating: String(index), count: size)
        }
        for text in texts { pair.server.write(ByteBuffer(string: text), promise: nil) }
        pair.server.flush()
        try pair.carry()
        #expect(pair.atClient.text == texts.joined())
    }

    @Test func `what is written and not flushed does not leave`() throws {
        let pair = try ChannelPair()
        try pair.carry()
        pair.server.write(ByteBuffer(string: "a"), promise: nil)
        pair.server.flush()
        pair.server.write(ByteBuffer(string: "b"), promise: nil)
        try pair.carry()
        #expect(pair.atClient.text == "a")
    }

    @Test func `closing says close_notify, which closes the other side too`() throws {
        let pair = try ChannelPair()
        try pair.carry()
        pair.client.write(ByteBuffer(string: "QUIT\r\n"), promise: nil)
        pair.client.flush()
        let closed = pair.client.close()
        try pair.carry()
        try closed.wait()
        #expect(pair.atServer.text == "QUIT\r\n")
        #expect(pair.atServer.events == ["handshakeCompleted", "inactive"])
        #expect(!pair.server.isActive)
        #expect(!pair.client.isActive)
        #expect(pair.atServer.failures.isEmpty)
    }

    @Test func `with half-closure allowed close_notify is an event and answers still leave`() throws {
        let pair = try ChannelPair()
        try pair.server.setOption(.allowRemoteHalfClosure, value: true).wait()
        try pair.carry()
        pair.client.writeAndFlush(ByteBuffer(string: "QUIT\r\n"), promise: nil)
        pair.client.close(mode: .output, promise: nil)
        try pair.carry()
        #expect(pair.atServer.text == "QUIT\r\n")
        #expect(pair.atServer.events == ["handshakeCompleted", "inputClosed"])
        #expect(pair.server.isActive)
        let answer = pair.server.writeAndFlush(ByteBuffer(string: "221 2.0.0 Bye\r\n"))
        try answer.wait()
        #expect(try pair.server.readOutbound(as: ByteBuffer.self)?.readableBytes == 15 + 22)
        try pair.server.close().wait()
        #expect(try pair.server.readOutbound(as: ByteBuffer.self) != nil, "close_notify")
        #expect(pair.atServer.failures.isEmpty && pair.atClient.failures.isEmpty)
    }

    @Test func `a connection cut without close_notify is told as truncated`() throws {
        let pair = try ChannelPair()
        try pair.carry()
        pair.server.pipeline.fireChannelInactive()
        #expect(pair.atServer.events == ["handshakeCompleted", "truncated", "inactive"])
        let other = try ChannelPair()
        try other.carry()
        other.server.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(other.atServer.events == ["handshakeCompleted", "truncated", "inputClosed"])
    }

    @Test func `a command in the clear ends in an error and the end of the connection`() throws {
        let promise = EmbeddedEventLoop().makePromise(of: TLSDetails.self)
        let pair = try ChannelPair(promise: promise)
        pair.server.pipeline.fireChannelRead(ByteBuffer(string: "EHLO client.example\r\n"))
        pair.server.embeddedEventLoop.run()
        let failure = try #require(pair.atServer.failures.first)
        #expect(pair.atServer.failures.count == 1)
        #expect(failure.stage == .handshake && failure.kind == .protocol)
        #expect(failure.description.hasPrefix("TLS handshake failed: "))
        #expect(!pair.server.isActive)
        #expect(throws: failure) { try promise.futureResult.wait() }
    }

    @Test func `a client that insists refuses a stranger's certificate, and the server hears why`() throws {
        let pair = try ChannelPair(verification: .required)
        try pair.carry()
        #expect(pair.atClient.failures.map(\.kind) == [.untrusted])
        #expect(pair.atServer.failures.map(\.reason) == ["tlsv1 alert unknown ca"])
        #expect(!pair.client.isActive && !pair.server.isActive)
    }

    @Test func `a handshake that dawdles is ended at its deadline`() throws {
        let pair = try ChannelPair()
        pair.server.pipeline.fireChannelRead(ByteBuffer(bytes: [0x16, 0x03]))
        pair.server.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(pair.server.isActive)
        pair.server.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(pair.atServer.failures.map(\.kind) == [.interrupted])
        #expect(!pair.server.isActive)
    }

    @Test func `after the handshake its deadline is forgotten`() throws {
        let pair = try ChannelPair()
        try pair.carry()
        pair.server.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(pair.server.isActive)
        #expect(pair.atServer.failures.isEmpty)
    }

    @Test func `a peer that leaves in mid-handshake fails the waiting writes and the promise`() throws {
        let promise = EmbeddedEventLoop().makePromise(of: TLSDetails.self)
        let pair = try ChannelPair(promise: promise)
        let sent = pair.server.writeAndFlush(ByteBuffer(string: "220\r\n"))
        pair.server.pipeline.fireChannelRead(ByteBuffer(bytes: [0x16, 0x03]))
        pair.server.pipeline.fireChannelInactive()
        #expect(pair.atServer.failures.map(\.kind) == [.interrupted])
        #expect(throws: TLSFailure.self) { try sent.wait() }
        #expect(throws: TLSFailure.self) { try promise.futureResult.wait() }
    }

    @Test func `a changed octet ends an established connection with an error`() throws {
        let pair = try ChannelPair()
        try pair.carry()
        pair.client.writeAndFlush(ByteBuffer(string: "MAIL"), promise: nil)
        var record = try #require(try pair.client.readOutbound(as: ByteBuffer.self))
        let last = record.writerIndex - 1
        record.setInteger(UInt8(record.getInteger(at: last, as: UInt8.self) ?? 0) ^ 1, at: last)
        pair.server.pipeline.fireChannelRead(record)
        pair.server.embeddedEventLoop.run()
        #expect(pair.atServer.failures.map(\.stage) == [.established])
        #expect(pair.atServer.text.isEmpty)
        #expect(try pair.server.readOutbound(as: ByteBuffer.self) != nil, "an alert")
        #expect(!pair.server.isActive)
    }

    @Test func `the handler can join an open connection for STARTTLS`() throws {
        let pair = try ChannelPair()
        let channel = EmbeddedChannel()
        let recorder = Recorder()
        try channel.pipeline.syncOperations.addHandler(recorder)
        channel.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 25), promise: nil)
        channel.pipeline.fireChannelRead(ByteBuffer(string: "STARTTLS\r\n"))
        channel.writeAndFlush(ByteBuffer(string: "220 Go ahead\r\n"), promise: nil)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "220 Go ahead\r\n"))
        let handler = try TLSHandler(client: TLSContext(verification: .opportunistic), serverName: "mx.acme.example")
        try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        let hello = try #require(try channel.readOutbound(as: ByteBuffer.self))
        pair.server.pipeline.fireChannelRead(hello)
        while let answer = try pair.server.readOutbound(as: ByteBuffer.self) {
            channel.pipeline.fireChannelRead(answer)
        }
        #expect(recorder.events == ["handshakeCompleted"])
        #expect(recorder.text == "STARTTLS\r\n")
    }

    @Test func `writing after the end fails and harms nothing`() throws {
        let pair = try ChannelPair()
        try pair.carry()
        pair.server.close(mode: .output, promise: nil)
        #expect(throws: ChannelError.outputClosed) { try pair.server.writeAndFlush(ByteBuffer(string: "x")).wait() }
        pair.server.close(promise: nil)
        pair.server.close(promise: nil)
        #expect(throws: (any Error).self) { try pair.server.writeAndFlush(ByteBuffer(string: "x")).wait() }
    }
}
