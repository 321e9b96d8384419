import Gateway
import MailTypes
import NIOCore
import SMTPProtocol
import TestKit
import Testing
import Transport

/// What strangers meet on the port for mail from outside; the test's own loopback counts as one.
@Suite(.timeLimit(.minutes(5))) struct AbuseTests {
    private func watch(
        allowed: [IPNetwork] = [], greetingDelay: Duration = .zero, _ change: (inout RateLimits) -> Void = { _ in }
    ) -> AbuseGuard {
        var limits = RateLimits()
        (limits.tarpit, limits.longestLoginDelay) = (.milliseconds(1), .milliseconds(1))
        change(&limits)
        return AbuseGuard(limits: limits, allowed: allowed, greetingDelay: greetingDelay, clock: ManualClock())
    }

    @Test func `who speaks before the greeting is refused, who waits is greeted`() async throws {
        try await ServerFixture.run(abuse: watch(greetingDelay: .milliseconds(50))) { fixture in
            let patient = try await fixture.greeted()
            #expect(try await patient.say("EHLO client.example") == "250")
        }
        // Long enough for the slowest machine to be early.
        try await ServerFixture.run(abuse: watch(greetingDelay: .seconds(200))) { fixture in
            let early = try await Dialogue.connect(to: fixture.address)
            try await early.send("EHLO bot.example\r\n")
            #expect(await early.reply() == "554")
            #expect(await early.line() == nil)
            try await eventually { fixture.receiver.refusals.count == 1 }
            #expect(fixture.receiver.refusals.first?.status == EnhancedStatus(5, 5, 1))
        }
    }

    @Test func `who is on the allow list is greeted at once and limited by nothing`() async throws {
        let abuse = watch(allowed: IPNetwork.loopback, greetingDelay: .seconds(300)) {
            $0.connections = RateLimit(1, in: .seconds(60))
            $0.mails = RateLimit(1, in: .seconds(60))
        }
        try await ServerFixture.run(abuse: abuse) { fixture in
            for _ in 0..<3 {
                let dialogue = try await fixture.greeted()
                try await dialogue.say("EHLO client.example")
                #expect(try await dialogue.say("MAIL FROM:<ann@client.example>") == "250")
            }
        }
    }

    @Test func `connections, mails and recipients beyond the limits are put off`() async throws {
        let abuse = watch {
            $0.connections = RateLimit(1, in: .seconds(60))
            $0.mails = RateLimit(2, in: .seconds(60))
            $0.recipients = RateLimit(2, in: .seconds(60))
        }
        try await ServerFixture.run(abuse: abuse) { fixture in
            let dialogue = try await fixture.greeted()
            let second = try await Dialogue.connect(to: fixture.address)
            #expect(await second.line() == "421 4.7.0 Too many connections in a short time, try again later")
            #expect(await second.line() == nil)
            try await dialogue.say("EHLO client.example")
            for expected in ["250", "250", "451"] {
                #expect(try await dialogue.say("MAIL FROM:<ann@client.example>") == expected)
                if expected == "250" { try await dialogue.say("RSET") }
            }
            #expect(fixture.receiver.refusals == [.tooManyConnectionsOfLate, .tooManyMailsOfLate])
        }
        let few = watch { $0.recipients = RateLimit(2, in: .seconds(60)) }
        try await ServerFixture.run(abuse: few) { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO client.example")
            try await dialogue.say("MAIL FROM:<ann@client.example>")
            for expected in ["250", "250", "450"] {
                #expect(try await dialogue.say("RCPT TO:<help@acme.example>") == expected)
            }
        }
    }

    @Test func `who tries out addresses is told nothing any more, of no address`() async throws {
        try await ServerFixture.run(abuse: watch { $0.unknownRecipients = RateLimit(5, in: .seconds(60)) }) { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO client.example")
            try await dialogue.say("MAIL FROM:<ann@client.example>")
            for _ in 0..<5 { #expect(try await dialogue.say("RCPT TO:<nobody@acme.example>") == "550") }
            #expect(try await dialogue.say("RCPT TO:<nobody@acme.example>") == "450")
            #expect(try await dialogue.say("RCPT TO:<help@acme.example>") == "450")
        }
    }

    @Test func `a client that leaves while it waits for the answer about an address does no harm`() async throws {
        let abuse = watch { $0.tarpit = .milliseconds(30) }
        try await ServerFixture.run(abuse: abuse) { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO client.example")
            try await dialogue.say("MAIL FROM:<ann@client.example>")
            for _ in 0..<3 { #expect(try await dialogue.say("RCPT TO:<nobody@acme.example>") == "550") }
            try await dialogue.send("RCPT TO:<nobody@acme.example>\r\n")
            try await dialogue.close()
            try await eventually { fixture.ledger.connections == 0 }
            #expect(try await fixture.greeted().say("NOOP") == "250")
        }
    }

    @Test func `failed logins ban a host from all doors, and a right password does not open them`() async throws {
        let abuse = watch { $0.loginFailures = RateLimit(3, in: .seconds(60)) }
        try await ServerFixture.run(.submission, plaintextLogin: .loopback, abuse: abuse) { fixture in
            let dialogue = try await fixture.greeted()
            let other = try await fixture.greeted()
            for client in [dialogue, other] { try await client.say("EHLO c.example") }
            for password in ["a", "b", "c"] {
                let response = Base64.encode(Array("\0ewa@desk.example\0\(password)".utf8))
                #expect(try await dialogue.say("AUTH PLAIN \(response)") == "535")
            }
            #expect(try await other.say("AUTH PLAIN AGV3YUBkZXNrLmV4YW1wbGUAc2VjcmV0") == "535")
            let late = try await Dialogue.connect(to: fixture.address)
            #expect(await late.line() == "421 4.7.0 Too many failed logins from your address, try again later")
        }
    }

    @Test func `an account is limited wherever it comes from`() async throws {
        let abuse = watch(allowed: IPNetwork.loopback) { $0.accountMails = RateLimit(1, in: .seconds(60)) }
        try await ServerFixture.run(.submission, plaintextLogin: .loopback, abuse: abuse) { fixture in
            for expected in ["250", "451"] {
                let dialogue = try await fixture.greeted()
                try await dialogue.say("EHLO c.example")
                #expect(try await dialogue.say("AUTH PLAIN AGV3YUBkZXNrLmV4YW1wbGUAc2VjcmV0") == "235")
                #expect(try await dialogue.say("MAIL FROM:<ewa@desk.example>") == expected)
            }
        }
    }
}
