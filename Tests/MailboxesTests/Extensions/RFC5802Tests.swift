import Desk
import Gateway
import IMAPProtocol
import MailTypes
import Mailboxes
import TestKit
import Testing

/// AUTHENTICATE SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), with and without SASL-IR (RFC 4959). The rules
/// of the mechanism itself stand in `SCRAMServerTests`.
@Suite struct RFC5802Tests {
    static let bindings = ChannelBindings(exporter: [UInt8](repeating: 7, count: 32), serverEndPoint: [1, 2, 3])

    /// A login as it goes over the wire, up to the tagged response or the client's leaving the path.
    private struct Attempt {
        var mechanism = "SCRAM-SHA-256"
        var client = SCRAMClient(login: "anna@acme.example")
        var password = "secret"
        var usesInitialResponse = true

        /// The last line of the server, and whether the server proved itself before.
        func run(_ session: TestClient) async throws -> (line: String, isProven: Bool) {
            let first = Base64.encode(Array(client.first.utf8))
            var lines: [String]
            if usesInitialResponse {
                lines = try await session.write("a AUTHENTICATE \(mechanism) \(first)\r\n")
            } else {
                lines = try await session.write("a AUTHENTICATE \(mechanism)\r\n")
                #expect(lines == ["+ "])
                lines = try await session.write("\(first)\r\n")
            }
            guard let challenge = Self.challenge(lines) else { return (lines.last ?? "", false) }
            let final = client.final(challenge, password: password)
            lines = try await session.write(Base64.encode(Array(final.message.utf8)) + "\r\n")
            guard let proof = Self.challenge(lines) else { return (lines.last ?? "", false) }
            lines = try await session.write("\r\n")
            return (lines.last ?? "", proof == "v=\(final.signature)")
        }

        static func challenge(_ lines: [String]) -> String? {
            guard lines.count == 1, lines[0].hasPrefix("+ ") else { return nil }
            return Base64.decode(Array(lines[0].dropFirst(2).utf8)).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    private static func session(_ desk: TestDesk, bindings: ChannelBindings? = nil) async throws -> TestClient {
        let client = TestClient(desk, channelBindings: bindings)
        try await client.start()
        return client
    }

    @Test(arguments: [true, false]) func `a client logs in and knows whom it talks to`(usesInitialResponse: Bool) async throws {
        let desk = try await TestDesk()
        let session = try await Self.session(desk)
        let outcome = try await Attempt(usesInitialResponse: usesInitialResponse).run(session)
        #expect(outcome.isProven)
        #expect(outcome.line.hasPrefix("a OK [CAPABILITY IMAP4rev1 "))
        #expect(!outcome.line.contains("AUTH="))
        try await session.expect("SELECT INBOX", has: "a OK [READ-WRITE] Selected")
    }

    @Test func `PLUS is offered where a login can be bound`() async throws {
        let desk = try await TestDesk()
        let clear = try await Self.session(desk)
        #expect(try await clear.say("CAPABILITY")[0].hasSuffix(" AUTH=SCRAM-SHA-256 AUTH=PLAIN"))
        let bound = try await Self.session(desk, bindings: Self.bindings)
        #expect(
            try await bound.say("CAPABILITY")[0]
                .hasSuffix(" AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN"))
        #expect(
            try await Attempt(mechanism: "SCRAM-SHA-256-PLUS").run(clear).line
                == "a NO [CANNOT] That mechanism is not offered")
    }

    @Test(arguments: ["tls-exporter", "tls-server-end-point"])
    func `a login is bound to its connection`(name: String) async throws {
        let desk = try await TestDesk()
        var attempt = Attempt(mechanism: "SCRAM-SHA-256-PLUS")
        attempt.client.binding = name
        attempt.client.data = name == "tls-exporter" ? Self.bindings.exporter : Self.bindings.serverEndPoint
        let outcome = try await attempt.run(try await Self.session(desk, bindings: Self.bindings))
        #expect(outcome.isProven && outcome.line.hasPrefix("a OK "))
        // Somebody stands between: the two ends see other data.
        attempt.client.data = [UInt8](repeating: 8, count: 32)
        #expect(
            try await attempt.run(try await Self.session(desk, bindings: Self.bindings)).line
                == "a NO [AUTHENTICATIONFAILED] Login or password is wrong")
    }

    @Test func `a client that was told of no PLUS is refused where there is one`() async throws {
        let desk = try await TestDesk()
        var attempt = Attempt()
        attempt.client.flag = "y"
        #expect(try await attempt.run(try await Self.session(desk)).line.hasPrefix("a OK "))
        #expect(
            try await attempt.run(try await Self.session(desk, bindings: Self.bindings)).line
                == "a NO [AUTHENTICATIONFAILED] Login or password is wrong")
        attempt.client.flag = "n"
        #expect(try await attempt.run(try await Self.session(desk, bindings: Self.bindings)).line.hasPrefix("a OK "))
    }

    @Test func `a wrong password and an unknown login look alike, step by step`() async throws {
        let desk = try await TestDesk()
        for (login, password) in [("anna@acme.example", "wrong"), ("nobody@acme.example", "secret")] {
            let session = try await Self.session(desk)
            let client = SCRAMClient(login: login)
            let first = Base64.encode(Array(client.first.utf8))
            let challenge = try #require(
                Attempt.challenge(try await session.write("a AUTHENTICATE SCRAM-SHA-256 \(first)\r\n")))
            #expect(challenge.hasPrefix("r=\(client.nonce)servernonce,s="))
            let final = Base64.encode(Array(client.final(challenge, password: password).message.utf8))
            #expect(
                try await session.write("\(final)\r\n") == [
                    "a NO [AUTHENTICATIONFAILED] Login or password is wrong"
                ])
            try await session.expect("NOOP", ["a OK NOOP completed"])
        }
    }

    @Test func `an account that is not active does not get in`() async throws {
        let desk = try await TestDesk()
        try await desk.apply { $0.agents[0].active = false }
        let outcome = try await Attempt().run(try await Self.session(desk))
        #expect(outcome.line == "a NO [AUTHENTICATIONFAILED] Login or password is wrong")
    }

    @Test func `attempts are counted, whatever is wrong with them`() async throws {
        let desk = try await TestDesk()
        let session = try await Self.session(desk)
        _ = try await Attempt(password: "wrong").run(session)
        _ = try await session.say("LOGIN anna@acme.example wrong")
        var attempt = Attempt()
        attempt.client.binding = "tls-exporter"
        _ = try await attempt.run(session)
        #expect(
            try await session.write("a AUTHENTICATE SCRAM-SHA-256 bm9uc2Vuc2U=\r\n") == [
                "a BAD That is no response of this mechanism"
            ])
        let foreign = Base64.encode(Array("n,a=celina@acme.example,n=anna@acme.example,r=abc".utf8))
        #expect(
            try await session.write("a AUTHENTICATE SCRAM-SHA-256 \(foreign)\r\n") == [
                "a NO [AUTHORIZATIONFAILED] Nobody acts for somebody else here", "* BYE Too many refused logins",
            ])
    }

    @Test func `the connections of an account are limited`() async throws {
        let desk = try await TestDesk()
        var sessions: [TestClient] = []
        for _ in 0..<3 { sessions.append(try await desk.session("anna")) }
        let last = try await Self.session(desk)
        let outcome = try await Attempt().run(last)
        #expect(outcome.line == "* BYE [UNAVAILABLE] Too many connections of this account")
    }

    @Test func `a client can break off at every step and log in otherwise`() async throws {
        let desk = try await TestDesk()
        let session = try await Self.session(desk)
        let client = SCRAMClient(login: "anna@acme.example")
        let first = Base64.encode(Array(client.first.utf8))
        #expect(try await session.write("a AUTHENTICATE SCRAM-SHA-256\r\n") == ["+ "])
        #expect(try await session.write("*\r\n") == ["a BAD Authentication cancelled"])
        let challenge = try #require(
            Attempt.challenge(try await session.write("b AUTHENTICATE SCRAM-SHA-256 \(first)\r\n")))
        #expect(try await session.write("*\r\n") == ["b BAD Authentication cancelled"])
        let final = client.final(challenge, password: "secret")
        // The proof of an exchange that was broken off is nothing.
        let late = try await session.write(Base64.encode(Array(final.message.utf8)) + "\r\n")
        #expect(late == ["* BAD That is no command"])
        #expect(try await session.say("LOGIN anna@acme.example secret")[0].hasPrefix("a OK "))
        #expect(
            try await session.write("c AUTHENTICATE SCRAM-SHA-256 \(first)\r\n") == ["c BAD You are logged in already"])
    }

    @Test func `in the clear no mechanism is taken`() async throws {
        let desk = try await TestDesk()
        let session = TestClient(desk, takesPasswords: false)
        try await session.start()
        #expect(try await session.say("CAPABILITY")[0].hasSuffix(" LOGINDISABLED"))
        #expect(
            try await session.say("AUTHENTICATE SCRAM-SHA-256") == [
                "a NO [PRIVACYREQUIRED] A password is taken under TLS only"
            ])
    }
}
