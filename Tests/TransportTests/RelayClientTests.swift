import Gateway
import MailTypes
import NIOCore
import SMTPProtocol
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(5))) struct RelayClientTests {
    @Test func `mails in a row share a connection and arrive as they are`() async throws {
        try await ServerFixture.run { server in
            let relay = RelayFixture(port: server.address.port)
            let lines = String(repeating: String(repeating: "x", count: 76) + "\r\n", count: 1000)
            let pieces = ["Subject: hi\r\n\r\n.dot", "\r\n.\r\n"] + Array(repeating: lines, count: 30)
            for attempt in await relay.deliver(Pieces(pieces)) { #expect(attempt.outcome == .delivered) }
            for attempt in await relay.deliver() { #expect(attempt.diagnostic.hasPrefix("250 ")) }
            await relay.client.shutDown()
            let mails = server.receiver.mails
            #expect(mails.map(\.content) == [pieces.joined(), "a\r\n"])
            #expect(mails.first?.envelope.reversePath == EmailAddress("help@acme.example"))
            #expect(Set(mails.map(\.peer.sessionID)).count == 1)
            try await eventually { server.ledger.connections == 0 }
        }
    }

    @Test func `a relay without 8BITMIME gets what it takes, or nothing`() async throws {
        let contents = Mutex<[[String]?]>([])
        let listener = try await Dialogue.listen { peer in
            try await peer.introduce("PIPELINING")
            for _ in 0..<2 {
                try await peer.answer(["MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go"])
                let content = await peer.content()
                contents.withLock { $0.append(content) }
                try await peer.send("250 taken\r\n")
            }
            try await peer.answer(["QUIT": "221 bye"])
        }
        let relay = RelayFixture(port: listener.localAddress?.port)
        let eightBit = Pieces(["Subject: x\r\n\r\nZa", "żółć\r\n", ".\r\n"])
        #expect(await relay.deliver(eightBit, isEightBit: true).map(\.outcome) == [.delivered])
        let signed = Pieces(["Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nż\r\n--b--\r\n"])
        let failure = try #require(await relay.deliver(signed, isEightBit: true).first?.failure)
        #expect(failure.status == EnhancedStatus(5, 6, 3) && failure.stage == .envelope)
        // The connection is as good as before.
        #expect(await relay.deliver(eightBit).map(\.outcome) == [.delivered])
        let broken = Pieces(["Subject: x\r\n\r\nż\r\n"], isBroken: true)
        let unread = try #require(await relay.deliver(broken, isEightBit: true).first?.failure)
        #expect(unread.isTransient)
        await relay.client.shutDown()
        let first = ["Subject: x", "MIME-Version: 1.0", "Content-Transfer-Encoding: quoted-printable", "", "Za=C5=BC=C3=B3=C5=82=C4=87", "=2E"]
        #expect(contents.withLock { $0 }.first == first)
        try await listener.close()
    }

    @Test func `an idle connection is given back`() async throws {
        try await ServerFixture.run { server in
            let relay = RelayFixture(port: server.address.port, idleTimeout: .milliseconds(10))
            _ = await relay.deliver()
            try await eventually { server.ledger.connections == 0 }
            #expect(await relay.deliver().map(\.outcome) == [.delivered])
        }
    }

    @Test func `a relay that is down defers`() async throws {
        let listener = try await Dialogue.listen { _ in }
        let port = listener.localAddress?.port
        try await listener.close()
        let failure = try #require(await RelayFixture(port: port).deliver().first?.failure)
        #expect(failure.stage == .connecting)
        #expect(failure.status == EnhancedStatus(4, 4, 1))
    }

    @Test func `a silent relay defers`() async throws {
        let listener = try await Dialogue.listen { _ in }
        var timeouts = SMTPClientSession.Timeouts()
        timeouts.greeting = .milliseconds(20)
        let relay = RelayFixture(port: listener.localAddress?.port, timeouts: timeouts)
        let failure = try #require(await relay.deliver().first?.failure)
        #expect(failure.stage == .greeting && failure.isTransient)
        try await listener.close()
    }

    @Test func `a relay that stops in the middle of a reply defers`() async throws {
        let listener = try await Dialogue.listen { peer in
            try await peer.introduce()
            _ = await peer.line()
            try await peer.send("250-still")
        }
        var timeouts = SMTPClientSession.Timeouts()
        timeouts.command = .seconds(2)
        let relay = RelayFixture(port: listener.localAddress?.port, timeouts: timeouts)
        let failure = try #require(await relay.deliver().first?.failure)
        #expect(failure.isTransient)
        try await listener.close()
    }

    @Test func `each recipient gets the answer that was given about it`() async throws {
        let listener = try await Dialogue.listen { peer in
            try await peer.introduce("PIPELINING")
            try await peer.answer([
                "MAIL": "250 2.1.0 ok", "RCPT": "250 2.1.5 ok", "RCPT ": "550 5.1.1 no such user",
                "RCPT T": "450 4.2.1 full",
                "DATA": "354 go",
            ])
            _ = await peer.content()
            try await peer.send("250 2.0.0 queued\r\n")
        }
        let relay = RelayFixture(port: listener.localAddress?.port)
        let attempts = await relay.deliver(to: ["a@c.example", "b@c.example", "c@c.example"])
        #expect(attempts.map(\.outcome) == [.delivered, .failed, .deferred])
        #expect(attempts.map(\.diagnostic) == ["250 2.0.0 queued", "550 5.1.1 no such user", "450 4.2.1 full"])
        try await listener.close()
    }

    @Test(arguments: ["MAIL", "RCPT", "DATA", "content", "dot"])
    func `a relay that closes in mid-dialogue defers`(place: String) async throws {
        let listener = try await Dialogue.listen { peer in
            defer { Task { try await peer.close() } }
            try await peer.introduce()
            if place == "MAIL" { return }
            try await peer.answer(["MAIL": "250 ok"])
            if place == "RCPT" { return }
            try await peer.answer(["RCPT": "250 ok"])
            if place == "DATA" { return }
            try await peer.answer(["DATA": "354 go"])
            if place == "content" { return }
            _ = await peer.content()
        }
        let attempts = await RelayFixture(port: listener.localAddress?.port).deliver()
        #expect(attempts.map(\.outcome) == [.deferred])
        try await listener.close()
    }

    @Test func `a kept connection that the relay has closed costs nothing`() async throws {
        let connections = Atomic(0)
        let listener = try await Dialogue.listen { peer in
            connections.add(1, ordering: .relaxed)
            try await peer.introduce()
            try await peer.answer(["MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go"])
            _ = await peer.content()
            try await peer.send("250 ok\r\n421 enough\r\n")
            try await peer.close()
        }
        let relay = RelayFixture(port: listener.localAddress?.port)
        for _ in 0..<3 { #expect(await relay.deliver().map(\.outcome) == [.delivered]) }
        #expect(connections.load(ordering: .relaxed) == 3)
        try await listener.close()
    }

    @Test func `content that cannot be read is never ended with a dot`() async throws {
        let seen = Mutex<[String]??>(.none)
        let listener = try await Dialogue.listen { peer in
            try await peer.introduce()
            try await peer.answer(["MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go"])
            let content = await peer.content()
            seen.withLock { $0 = .some(content) }
        }
        let relay = RelayFixture(port: listener.localAddress?.port)
        #expect(await relay.deliver(Pieces(["half\r\n"], isBroken: true)).map(\.outcome) == [.deferred])
        try await eventually { seen.withLock { $0 != nil } }
        #expect(seen.withLock { $0 } == .some(nil))
        try await listener.close()
    }

    @Test func `what the relay cannot take fails at once`() async throws {
        let listener = try await Dialogue.listen { peer in
            try await peer.introduce()
            _ = await peer.line()
        }
        let relay = RelayFixture(port: listener.localAddress?.port)
        let failure = try #require(await relay.deliver(to: ["żółw@client.example"], needsSMTPUTF8: true).first?.failure)
        #expect(failure.status == EnhancedStatus(5, 6, 7))
        try await listener.close()
    }

    @Test func `many recipients go in several transactions`() async throws {
        try await ServerFixture.run { server in
            let relay = RelayFixture(port: server.address.port, maximumRecipients: 2)
            let attempts = await relay.deliver(to: (1...5).map { "r\($0)@c.example" })
            #expect(attempts.map(\.outcome) == Array(repeating: .delivered, count: 5))
            #expect(server.receiver.mails.map(\.envelope.recipients.count) == [2, 2, 1])
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct RelayClientTLSTests {
    @Test func `TLS is taken where it is offered`() async throws {
        try await ServerFixture.run(hasTLS: true) { server in
            let relay = RelayFixture(port: server.address.port, tls: .opportunistic)
            #expect(await relay.deliver().map(\.outcome) == [.delivered])
            #expect(server.receiver.mails.first?.peer.tls != nil)
        }
    }

    @Test func `opportunistic: a relay whose TLS is broken gets the mail in the clear`() async throws {
        let connections = Atomic(0)
        let listener = try await Dialogue.listen { peer in
            let isFirst = connections.add(1, ordering: .relaxed).oldValue == 0
            try await peer.introduce("STARTTLS")
            if isFirst {
                try await peer.answer(["STARTTLS": "220 go"])
                await peer.something()
                try await peer.send("no TLS here, sorry\r\n")
                return
            }
            try await peer.answer(["MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go"])
            _ = await peer.content()
            try await peer.send("250 ok\r\n")
        }
        let relay = RelayFixture(port: listener.localAddress?.port, tls: .opportunistic)
        #expect(await relay.deliver().map(\.outcome) == [.delivered])
        try await listener.close()
    }

    @Test func `required: without TLS nothing is sent`() async throws {
        try await ServerFixture.run { server in
            let relay = RelayFixture(port: server.address.port, tls: .required)
            let failure = try #require(await relay.deliver().first?.failure)
            #expect(failure.stage == .tls && failure.isTransient)
            #expect(server.receiver.mails.isEmpty)
        }
    }
}
