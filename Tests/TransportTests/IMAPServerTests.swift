import Gateway
import NIOCore
import NIOPosix
import Testing
import Transport

@Suite(.timeLimit(.minutes(5))) struct IMAPServerTests {
    @Test func `a session is greeted, logged in and out, and the connection closed`() async throws {
        try await IMAPFixture.run { fixture in
            let dialogue = try await Dialogue.connect(to: fixture.address)
            #expect(await dialogue.line()?.hasPrefix("* OK [CAPABILITY IMAP4rev1 ") == true)
            #expect(try await dialogue.ask("a LOGIN ewa@desk.example secret").last?.hasPrefix("a OK ") == true)
            let farewell = try await dialogue.ask("b LOGOUT")
            #expect(farewell.first?.hasPrefix("* BYE ") == true)
            #expect(farewell.last?.hasPrefix("b OK ") == true)
            #expect(await dialogue.line() == nil)
        }
    }

    @Test func `pipelined commands are answered in order`() async throws {
        try await IMAPFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            let commands = (1...2000).map { "n\($0) NOOP\r\n" }.joined()
            try await dialogue.send("l LOGIN ewa@desk.example secret\r\n" + commands)
            for tag in ["l"] + (1...2000).map({ "n\($0)" }) {
                #expect(await dialogue.answer(to: tag).last?.hasPrefix("\(tag) OK ") == true)
            }
        }
    }

    @Test func `a command that comes octet by octet is one command`() async throws {
        try await IMAPFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            for octet in "a LOGIN ewa@desk.example secret\r\n" { try await dialogue.send(String(octet)) }
            #expect(await dialogue.answer(to: "a").last?.hasPrefix("a OK ") == true)
        }
    }

    @Test func `a literal is asked for`() async throws {
        try await IMAPFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.send("a LOGIN ewa@desk.example {6}\r\n")
            #expect(await dialogue.line()?.hasPrefix("+ ") == true)
            try await dialogue.send("secret\r\n")
            #expect(await dialogue.answer(to: "a").last?.hasPrefix("a OK ") == true)
        }
    }

    @Test func `without a database there is NO, and the session goes on`() async throws {
        try await IMAPFixture.run { fixture in
            let dialogue = try await fixture.loggedIn()
            #expect(try await dialogue.ask("a CREATE Private/x").last?.hasPrefix("a NO [UNAVAILABLE]") == true)
            #expect(try await dialogue.ask("b NOOP").last?.hasPrefix("b OK ") == true)
        }
    }

    @Test func `a client that says no more still gets its answers`() async throws {
        try await IMAPFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.send("a LOGIN ewa@desk.example secret\r\nb NOOP\r\n")
            try await dialogue.closeOutput()
            #expect(await dialogue.answer(to: "b").last?.hasPrefix("b OK ") == true)
            #expect(await dialogue.line() == nil)
            try await eventually { fixture.ledger.connections == 0 }
        }
    }

    @Test func `a slow client that says no more loses nothing of what waits for it`() async throws {
        try await IMAPFixture.run { fixture in
            let dialogue = try await fixture.loggedIn()
            try await dialogue.setReading(false)
            try await dialogue.send(String(repeating: "a EXAMINE Team\r\n", count: 6000) + "b NOOP\r\n")
            try await dialogue.closeOutput()
            try await dialogue.setReading(true)
            let rest = await dialogue.rest()
            #expect(rest.hasSuffix("b OK NOOP completed\r\n"))
            #expect(rest.utf8.count > 2_000_000)
        }
    }

    @Test func `a client that disappears while it idles is forgotten`() async throws {
        try await IMAPFixture.run(accountLimit: 1) { fixture in
            let dialogue = try await fixture.loggedIn()
            try await dialogue.send("a IDLE\r\n")
            #expect(await dialogue.line()?.hasPrefix("+ ") == true)
            try await dialogue.close()
            try await eventually { fixture.ledger.connections == 0 }
            while (try? await fixture.loggedIn()) == nil {
                try Task.checkCancellation()
                await aMoment()
            }
        }
    }

    @Test func `a change of the desk reaches an idling client without its asking`() async throws {
        try await IMAPFixture.run { fixture in
            let dialogue = try await fixture.loggedIn()
            try await dialogue.send("a IDLE\r\n")
            #expect(await dialogue.line()?.hasPrefix("+ ") == true)
            fixture.roster.replace(IMAPFixture.roster(isActive: false))
            fixture.feed.publish(Change(isRosterChange: true))
            #expect(await dialogue.line()?.hasPrefix("* BYE ") == true)
            #expect(await dialogue.line() == nil)
        }
    }

    @Test func `the end of the server is said to everybody, whatever they do`() async throws {
        try await IMAPFixture.run { fixture in
            let new = try await fixture.greeted()
            let quiet = try await fixture.loggedIn()
            let idling = try await fixture.loggedIn()
            try await idling.send("a IDLE\r\n")
            #expect(await idling.line()?.hasPrefix("+ ") == true)
            async let end: Void = fixture.server.shutDown(grace: .seconds(30))
            for dialogue in [new, quiet, idling] {
                #expect(await dialogue.line()?.hasPrefix("* BYE [UNAVAILABLE] ") == true)
                #expect(await dialogue.line() == nil)
                try? await dialogue.close()
            }
            await end
            #expect(fixture.ledger.connections == 0)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct IMAPServerLimitTests {
    @Test func `connections beyond the limit are told so`() async throws {
        try await IMAPFixture.run(limits: .init(connections: 1)) { fixture in
            let first = try await fixture.greeted()
            let second = try await Dialogue.connect(to: fixture.address)
            #expect(await second.line() == "* BYE [UNAVAILABLE] Too many connections, try later")
            #expect(await second.line() == nil)
            _ = try await first.ask("a LOGOUT")
            try await eventually { fixture.ledger.connections == 0 }
            _ = try await fixture.greeted()
        }
    }

    @Test func `one address gets no more than its share until it logs in`() async throws {
        try await IMAPFixture.run(limits: .init(connections: 10, connectionsPerAddress: 1)) { fixture in
            _ = try await fixture.loggedIn()
            _ = try await fixture.greeted()
            let third = try await Dialogue.connect(to: fixture.address)
            #expect(await third.line()?.hasPrefix("* BYE ") == true)
        }
    }

    @Test func `one account gets no more than its share`() async throws {
        try await IMAPFixture.run(accountLimit: 1) { fixture in
            let first = try await fixture.loggedIn()
            let second = try await fixture.greeted()
            let answer = try await second.ask("a LOGIN ewa@desk.example secret")
            #expect(answer.last?.hasPrefix("a NO [LIMIT]") == true)
            #expect(await second.line()?.hasPrefix("* BYE ") == true)
            _ = try await first.ask("b NOOP")
        }
    }

    @Test func `who does not log in is left, drops of a command or not`() async throws {
        try await IMAPFixture.run(timeouts: .init(login: .milliseconds(50))) { fixture in
            let dialogue = try await fixture.greeted()
            let drops = Task { while !Task.isCancelled { try await dialogue.send("N") } }
            #expect(await dialogue.line()?.hasPrefix("* BYE ") == true)
            #expect(await dialogue.line() == nil)
            drops.cancel()
        }
    }

    @Test func `a silent client is told so and left`() async throws {
        try await IMAPFixture.run(timeouts: .init(autologout: .milliseconds(20))) { fixture in
            let dialogue = try await fixture.loggedIn()
            #expect(await dialogue.line()?.hasPrefix("* BYE ") == true)
            #expect(await dialogue.line() == nil)
        }
    }

    @Test func `an idling client is not left but hears something now and then`() async throws {
        try await IMAPFixture.run(timeouts: .init(keepAlive: .milliseconds(20))) { fixture in
            let dialogue = try await fixture.loggedIn()
            try await dialogue.send("a IDLE\r\n")
            #expect(await dialogue.line()?.hasPrefix("+ ") == true)
            for _ in 0..<3 { #expect(await dialogue.line() == "* OK Still here") }
            try await dialogue.send("DONE\r\n")
            #expect(await dialogue.answer(to: "a").last?.hasPrefix("a OK ") == true)
        }
    }

    @Test func `a client that takes nothing is cut in the end`() async throws {
        try await IMAPFixture.run(timeouts: .init(write: .milliseconds(200))) { fixture in
            let deaf = try await fixture.loggedIn()
            try await deaf.setReading(false)
            async let commands: Void = deaf.send(String(repeating: "a EXAMINE Team\r\n", count: 100_000))
            try await eventually { fixture.ledger.connections == 0 }
            try? await deaf.close()
            try? await commands
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct IMAPServerTLSTests {
    @Test func `without TLS no password is taken where it is forbidden`() async throws {
        try await IMAPFixture.run(hasTLS: true, plaintextLogin: .never) { fixture in
            let dialogue = try await fixture.greeted()
            let capabilities = try await dialogue.ask("a CAPABILITY").first
            #expect(capabilities?.contains(" STARTTLS") == true && capabilities?.contains(" LOGINDISABLED") == true)
            #expect(
                try await dialogue.ask("b LOGIN ewa@desk.example secret").last?.hasPrefix("b NO [PRIVACYREQUIRED]")
                    == true)
        }
    }

    @Test func `under STARTTLS a password is taken and TLS not offered again`() async throws {
        try await IMAPFixture.run(hasTLS: true, plaintextLogin: .never) { fixture in
            let dialogue = try await fixture.greeted()
            #expect(try await dialogue.ask("a STARTTLS").last?.hasPrefix("a OK ") == true)
            try await dialogue.startTLS(ServerFixture.clientTLS)
            #expect(try await dialogue.ask("b CAPABILITY").first?.contains("STARTTLS") == false)
            #expect(try await dialogue.ask("c STARTTLS").last?.hasPrefix("c BAD ") == true)
            #expect(try await dialogue.ask("d LOGIN ewa@desk.example secret").last?.hasPrefix("d OK ") == true)
            #expect(try await dialogue.ask("e LOGOUT").last?.hasPrefix("e OK ") == true)
            #expect(await dialogue.line() == nil)
        }
    }

    @Test func `commands sent along with STARTTLS in the clear are never obeyed`() async throws {
        try await IMAPFixture.run(hasTLS: true) { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.send("a STARTTLS\r\nx LOGIN ewa@desk.example secret\r\n")
            #expect(await dialogue.answer(to: "a").last?.hasPrefix("a OK ") == true)
            try await dialogue.startTLS(ServerFixture.clientTLS)
            #expect(try await dialogue.ask("b CREATE x") == ["b BAD Log in first"])
        }
    }

    @Test func `where TLS comes first the greeting comes under it`() async throws {
        try await IMAPFixture.run(isTLSFirst: true, plaintextLogin: .never) { fixture in
            let dialogue = try await fixture.loggedIn(tls: ServerFixture.clientTLS)
            try await dialogue.send("a IDLE\r\n")
            #expect(await dialogue.line()?.hasPrefix("+ ") == true)
            async let end: Void = fixture.server.shutDown(grace: .seconds(30))
            #expect(await dialogue.line()?.hasPrefix("* BYE ") == true)
            #expect(await dialogue.line() == nil)
            try? await dialogue.close()
            await end
        }
    }

    @Test func `without a certificate STARTTLS cannot be had`() async throws {
        try await IMAPFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            #expect(try await dialogue.ask("a CAPABILITY").first?.contains("STARTTLS") == false)
            #expect(try await dialogue.ask("b STARTTLS").last?.hasPrefix("b BAD ") == true)
            #expect(try await dialogue.ask("c NOOP").last?.hasPrefix("c OK ") == true)
        }
    }
}
