import HTTPTypes
import HummingbirdCore
import Logging
import MailTypes
import NIOCore
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(5))) struct HTTPServerTests {
    /// What a test's server answers: the method and path that it was asked for, and whom it saw.
    private static let echo: HTTPServer.Responder = { request, peer in
        let body = try? await request.body.collect(upTo: 100)
        let text = "\(request.method) \(request.uri.path) \(peer) \(body.map { "\($0.readableBytes)" } ?? "too long")"
        return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    private func run(
        _ configuration: HTTPServer.Configuration = .init(), limits: ConnectionLedger.Limits = .init(),
        respond: @escaping HTTPServer.Responder = echo, _ body: (SocketAddress, HTTPServer) async throws -> Void
    ) async throws {
        let server = HTTPServer(
            configuration: configuration, tls: nil, group: ServerFixture.group, ledger: ConnectionLedger(limits: limits),
            deadlineResolution: .milliseconds(10), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            respond: respond)
        let addresses = try await server.start([.tcp(host: "127.0.0.1", port: 0)])
        try await body(try #require(addresses.first), server)
        await server.shutDown(grace: .zero)
    }

    private func answer(_ dialogue: Dialogue) async throws -> (status: String, body: String) {
        let status = try #require(await dialogue.line())
        var length = 0
        while let line = await dialogue.line(), !line.isEmpty {
            if line.lowercased().hasPrefix("content-length: ") { length = Int(line.dropFirst(16)) ?? 0 }
        }
        return (status, String(await dialogue.octets(length)))
    }

    @Test func `requests of one connection are answered one after the other`() async throws {
        try await run { address, _ in
            let dialogue = try await Dialogue.connect(to: address)
            try await dialogue.send(
                "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcHEAD /c HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await answer(dialogue).body == "GET /a 127.0.0.1 0")
            #expect(try await answer(dialogue).body == "POST /b 127.0.0.1 3")
            try await dialogue.close()
        }
    }

    static let slow: [String] = [
        "", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc",
    ]
    @Test(arguments: slow) func `who takes too long for a request is cut off`(beginning: String) async throws {
        try await run(.init(requestTimeout: .milliseconds(50))) { address, _ in
            let dialogue = try await Dialogue.connect(to: address)
            if !beginning.isEmpty { try await dialogue.send(beginning) }
            #expect(await dialogue.rest().contains(" 200 ") == false)
        }
    }

    @Test func `octet by octet is too slow, too`() async throws {
        try await run(.init(requestTimeout: .milliseconds(80))) { address, _ in
            let dialogue = try await Dialogue.connect(to: address)
            let drip = Task {
                // Ends when the other side has closed.
                while true { try await dialogue.send("X-A: b\r\n") }
            }
            try await dialogue.send("GET / HTTP/1.1\r\nHost: x\r\n")
            _ = await dialogue.rest()
            drip.cancel()
        }
    }

    static let rubbish: [String] = [
        "\u{16}\u{3}\u{1}\u{2}", "GET\r\n\r\n", "EHLO client\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "x", count: 9000) + "\r\n\r\n",
        "GET / HTTP/1.1\r\n" + (0..<200).map { "X-\($0): y\r\n" }.joined() + "\r\n",
        "GET /" + String(repeating: "x", count: 200_000) + " HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ]
    @Test(arguments: rubbish.indices) func `what is no request, or too large a one, ends the connection`(row: Int) async throws {
        try await run(.init(requestTimeout: .milliseconds(500))) { address, _ in
            let dialogue = try await Dialogue.connect(to: address)
            try? await dialogue.send(Self.rubbish[row])
            #expect(await dialogue.rest().contains(" 200 ") == false)
        }
    }

    static let targets = [
        "*", "//", "/?", "/?lang", "/?lang=%", "/%", "/%ff%00", "http://", "http://x", "http://x:y/z?q", "://", "/a://b/?#",
        "/rating/" + String(repeating: "%", count: 3000), "/\u{80}", "?", "#",
    ]
    @Test(arguments: targets) func `an odd target is answered or refused, and the server goes on`(target: String) async throws {
        try await run { address, _ in
            let odd = try await Dialogue.connect(to: address)
            try? await odd.send("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(await odd.rest().hasPrefix("HTTP/1.1 "))
            let next = try await Dialogue.connect(to: address)
            try await next.send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await answer(next).body.hasPrefix("GET /next "))
            try await next.close()
        }
    }

    @Test func `one host has so many connections, a proxy as many as there are`() async throws {
        let limits = ConnectionLedger.Limits(connections: 10, connectionsPerAddress: 2)
        for proxies in [[], ["127.0.0.1"]] {
            try await run(.init(trustedProxies: proxies.compactMap { IPNetwork($0) }), limits: limits) { address, _ in
                var open: [Dialogue] = []
                for _ in 0..<2 {
                    let dialogue = try await Dialogue.connect(to: address)
                    try await dialogue.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    _ = try await answer(dialogue)
                    open.append(dialogue)
                }
                let third = try await Dialogue.connect(to: address)
                try? await third.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                #expect(await third.rest().contains(" 200 ") == !proxies.isEmpty)
                for dialogue in open { try await dialogue.close() }
            }
        }
    }

    @Test func `a request under way at the end is answered, an idle connection closed`() async throws {
        let begun = AsyncStream.makeStream(of: Void.self)
        let goOn = AsyncStream.makeStream(of: Void.self)
        try await run(respond: { _, _ in
            begun.continuation.yield()
            for await _ in goOn.stream { break }
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "done")))
        }) { address, server in
            let idle = try await Dialogue.connect(to: address)
            let busy = try await Dialogue.connect(to: address)
            try await busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            for await _ in begun.stream { break }
            async let end: Void = server.shutDown(grace: .seconds(60))
            #expect(await idle.rest().isEmpty)
            goOn.continuation.yield()
            #expect(try await answer(busy).body == "done")
            await end
        }
    }
}
