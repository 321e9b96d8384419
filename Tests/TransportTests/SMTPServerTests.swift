import Desk
import Gateway
import MailTypes
import SMTPProtocol
import Testing
import Transport

@Suite(.timeLimit(.minutes(5))) struct SMTPServerTests {
    @Test func `a mail is handed over with its envelope, content and peer`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.sending()
            #expect(try await dialogue.say("Subject: hi\r\n\r\n..dot\r\n.") == "250")
            #expect(try await dialogue.say("QUIT") == "221")
            #expect(await dialogue.line() == nil)
            let mail = try #require(fixture.receiver.mails.first)
            #expect(mail.envelope.reversePath == EmailAddress("ann@client.example"))
            #expect(mail.envelope.recipients == [EmailAddress("help@acme.example")!])
            #expect(mail.content == "Subject: hi\r\n\r\n.dot\r\n")
            #expect(mail.peer.address == "127.0.0.1")
            #expect(mail.peer.helo == "client.example")
            #expect(mail.peer.isESMTP && mail.peer.tls == nil && !mail.peer.isAuthenticated)
        }
    }

    @Test func `two mails in one pipelined write are both taken, in order`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            let second = "MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nBDAT 4\r\ntwo\rBDAT 1 LAST\r\n\n"
            try await dialogue.send("EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n")
            for code in ["250", "250", "250", "354"] { #expect(await dialogue.reply() == code) }
            try await dialogue.send("one\r\n.\r\n" + second + "QUIT\r\n")
            #expect(await dialogue.reply() == "250")
            for code in ["250", "250", "250", "250", "221"] { #expect(await dialogue.reply() == code) }
            #expect(fixture.receiver.mails.map(\.content) == ["one\r\n", "two\r\n"])
        }
    }

    @Test func `an empty content is a mail, too`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.sending()
            #expect(try await dialogue.say(".") == "250")
            #expect(fixture.receiver.mails.map(\.content) == [""])
        }
    }

    @Test func `nothing is answered before the mail is durable`() async throws {
        try await ServerFixture.run { fixture in
            fixture.receiver.hold()
            let dialogue = try await fixture.sending()
            try await dialogue.send("a\r\n.\r\nNOOP\r\n")
            try await eventually { fixture.receiver.mails.count == 1 }
            fixture.receiver.answer(.tooBusy)
            fixture.receiver.release()
            #expect(await dialogue.reply() == "451")
            #expect(await dialogue.reply() == "250")
        }
    }

    @Test func `without room MAIL is refused and the session goes on`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO c.example")
            fixture.receiver.refuse(Reply(452, EnhancedStatus(4, 3, 1), "Full"))
            #expect(try await dialogue.say("MAIL FROM:<>") == "452")
            fixture.receiver.refuse(nil)
            #expect(try await dialogue.say("MAIL FROM:<>") == "250")
            #expect(try await dialogue.say("RCPT TO:<nobody@acme.example>") == "550")
        }
    }

    @Test func `refused content is given up, and the next mail is its own`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.sending()
            try await dialogue.send("good start\r\n")
            try await eventually { fixture.receiver.begun == 1 }
            #expect(try await dialogue.say("bare\nline\r\n.") == "554")
            #expect(fixture.receiver.abandoned == 1)
            #expect(try await dialogue.say("MAIL FROM:<>") == "250")
            #expect(try await dialogue.say("RCPT TO:<help@acme.example>") == "250")
            #expect(try await dialogue.say("DATA") == "354")
            #expect(try await dialogue.say("second\r\n.") == "250")
            #expect(fixture.receiver.mails.map(\.content) == ["second\r\n"])
        }
    }

    @Test func `a client that disappears takes its content with it`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.sending()
            try await dialogue.send("half a mail\r\n")
            try await dialogue.close()
            try await eventually { fixture.receiver.abandoned == 1 }
            #expect(fixture.receiver.mails.isEmpty)
            try await eventually { fixture.ledger.connections == 0 }
        }
    }

    @Test func `a client that leaves while its mail is filed does no harm`() async throws {
        try await ServerFixture.run { fixture in
            fixture.receiver.hold()
            let dialogue = try await fixture.sending()
            try await dialogue.send("a\r\n.\r\n")
            try await eventually { fixture.receiver.mails.count == 1 }
            try await dialogue.close()
            fixture.receiver.release()
            #expect(fixture.receiver.abandoned == 0)
            #expect(try await fixture.greeted().say("NOOP") == "250")
        }
    }

    @Test func `a client that says no more still gets its reply`() async throws {
        try await ServerFixture.run { fixture in
            fixture.receiver.hold()
            let dialogue = try await fixture.sending()
            try await dialogue.send("a\r\n.\r\n")
            try await dialogue.closeOutput()
            try await eventually { fixture.receiver.mails.count == 1 }
            fixture.receiver.release()
            #expect(await dialogue.reply() == "250")
            #expect(await dialogue.line() == nil)
        }
    }

    @Test func `a stalled content stops the client and nothing is lost`() async throws {
        let receiver = FakeReceiver(stallsAt: [100_000, 300_000])
        try await ServerFixture.run(receiver: receiver) { fixture in
            let dialogue = try await fixture.sending()
            let line = String(repeating: "x", count: 998) + "\r\n"
            let content = String(repeating: line, count: 500)
            async let sent: Void = dialogue.send(content + ".\r\n")
            for _ in 0..<2 {
                try await eventually { receiver.stalled == 1 }
                receiver.drain()
            }
            try await sent
            #expect(await dialogue.reply() == "250")
            #expect(receiver.mails.map(\.content) == [content])
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct SMTPServerLimitTests {
    @Test func `connections beyond the limit are told so, and counted off when they end`() async throws {
        try await ServerFixture.run(limits: .init(connections: 2, connectionsPerAddress: 50)) { fixture in
            let first = try await fixture.greeted()
            _ = try await fixture.greeted()
            let third = try await Dialogue.connect(to: fixture.address)
            #expect(await third.reply() == "421")
            #expect(await third.line() == nil)
            try await first.say("QUIT")
            try await eventually { fixture.ledger.connections == 1 }
            _ = try await fixture.greeted()
        }
    }

    @Test func `one address gets no more than its share until it logs in`() async throws {
        let limits = ConnectionLedger.Limits(connections: 10, connectionsPerAddress: 1)
        try await ServerFixture.run(.submission, plaintextLogin: .loopback, limits: limits) { fixture in
            let first = try await fixture.greeted()
            #expect(await (try Dialogue.connect(to: fixture.address)).reply() == "421")
            try await first.say("EHLO c.example")
            #expect(try await first.say("AUTH PLAIN AGV3YUBkZXNrLmV4YW1wbGUAc2VjcmV0") == "235")
            _ = try await fixture.greeted()
            #expect(await (try Dialogue.connect(to: fixture.address)).reply() == "421")
        }
    }

    @Test func `a silent client is told so and left`() async throws {
        try await ServerFixture.run(commandTimeout: .milliseconds(20)) { fixture in
            let dialogue = try await fixture.greeted()
            #expect(await dialogue.reply() == "421")
            #expect(await dialogue.line() == nil)
        }
    }

    @Test func `a command that comes in drops does not gain time by them`() async throws {
        try await ServerFixture.run(commandTimeout: .milliseconds(50)) { fixture in
            let dialogue = try await fixture.greeted()
            let drops = Task {
                while !Task.isCancelled {
                    try await dialogue.send("N")
                    await aMoment()
                }
            }
            #expect(await dialogue.reply() == "421")
            drops.cancel()
        }
    }

    @Test func `content that comes in drops must end within the transaction's time`() async throws {
        try await ServerFixture.run(transactionTimeout: .seconds(20)) { fixture in
            let dialogue = try await fixture.sending()
            let drops = Task {
                while !Task.isCancelled {
                    try await dialogue.send("a\r\n")
                    await aMoment()
                }
            }
            #expect(await dialogue.reply() == "421")
            drops.cancel()
            try await eventually { fixture.receiver.abandoned == fixture.receiver.begun }
            #expect(fixture.receiver.mails.isEmpty)
        }
    }

    @Test func `a mail that is being filed has all the time it needs`() async throws {
        try await ServerFixture.run(commandTimeout: .milliseconds(500), transactionTimeout: .milliseconds(500)) {
            fixture in
            fixture.receiver.hold()
            var dialogue = try await fixture.greeted()
            let mail = "EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nBDAT 3 LAST\r\na\r\n"
            // On a busy machine the time may be over before the mail is there: then with another connection.
            while true {
                try await dialogue.send(mail)
                var replies: [String?] = []
                for _ in 0..<3 { replies.append(await dialogue.reply()) }
                if replies == ["250", "250", "250"] { break }
                try Task.checkCancellation()
                dialogue = try await fixture.greeted()
            }
            try await eventually { fixture.receiver.mails.count == 1 }
            // Others run out of time meanwhile.
            for _ in 0..<2 { #expect(await (try fixture.greeted()).reply() == "421") }
            fixture.receiver.release()
            #expect(await dialogue.reply() == "250")
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct SMTPServerShutdownTests {
    @Test func `an idle session ends with 421`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            async let shutDown: Void = fixture.server.shutDown(grace: .seconds(20))
            #expect(await dialogue.reply() == "421")
            try await dialogue.close()
            await shutDown
            #expect(fixture.ledger.connections == 0)
        }
    }

    @Test func `a session that is addressing ends with 421`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO c.example")
            try await dialogue.say("MAIL FROM:<>")
            async let shutDown: Void = fixture.server.shutDown(grace: .seconds(20))
            #expect(await dialogue.reply() == "421")
            try await dialogue.close()
            await shutDown
        }
    }

    @Test func `content under way is given up with 421`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.sending()
            try await dialogue.send("half\r\n")
            async let shutDown: Void = fixture.server.shutDown(grace: .seconds(20))
            #expect(await dialogue.reply() == "421")
            try await dialogue.close()
            await shutDown
            #expect(fixture.receiver.abandoned == fixture.receiver.begun && fixture.receiver.mails.isEmpty)
        }
    }

    @Test func `a mail that is being filed gets its reply first`() async throws {
        try await ServerFixture.run { fixture in
            fixture.receiver.hold()
            let dialogue = try await fixture.sending()
            try await dialogue.send("a\r\n.\r\n")
            try await eventually { fixture.receiver.mails.count == 1 }
            let idle = try await fixture.greeted()
            async let shutDown: Void = fixture.server.shutDown(grace: .seconds(20))
            #expect(await idle.reply() == "421")
            try await idle.close()
            fixture.receiver.release()
            #expect(await dialogue.reply() == "250")
            #expect(await dialogue.reply() == "421")
            try await dialogue.close()
            await shutDown
        }
    }

    @Test func `a session that waits for its handshake does not hold up the end`() async throws {
        try await ServerFixture.run(hasTLS: true) { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO c.example")
            #expect(try await dialogue.say("STARTTLS") == "220")
            await fixture.server.shutDown(grace: .milliseconds(50))
            #expect(fixture.ledger.connections == 0)
        }
    }

    @Test func `what does not end by itself is cut`() async throws {
        try await ServerFixture.run { fixture in
            fixture.receiver.hold()
            let dialogue = try await fixture.sending()
            try await dialogue.send("a\r\n.\r\n")
            try await eventually { fixture.receiver.mails.count == 1 }
            await fixture.server.shutDown(grace: .milliseconds(20))
            #expect(fixture.ledger.connections == 0)
            #expect(await dialogue.line() == nil)
            fixture.receiver.release()
        }
    }
}
