import Desk
import Gateway
import MailTypes
import OpenSSL
import SMTPProtocol
import Testing
import Transport

@Suite(.timeLimit(.minutes(5))) struct STARTTLSInjectionTests {
    @Test func `commands sent along with STARTTLS in the clear are never obeyed`() async throws {
        try await ServerFixture.run(hasTLS: true) { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO c.example")
            try await dialogue.send("STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<evil@c.example>\r\n")
            #expect(await dialogue.reply() == "220")
            try await dialogue.startTLS(ServerFixture.clientTLS)
            // Neither the injected greeting nor the injected sender is there.
            #expect(try await dialogue.say("MAIL FROM:<>") == "503")
            #expect(try await dialogue.say("EHLO c.example") == "250")
            #expect(try await dialogue.say("MAIL FROM:<>") == "250")
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct SMTPServerTLSTests {
    @Test func `a mail over STARTTLS says so`() async throws {
        try await ServerFixture.run(hasTLS: true) { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO c.example")
            #expect(try await dialogue.say("STARTTLS") == "220")
            try await dialogue.startTLS(ServerFixture.clientTLS)
            try await dialogue.send("EHLO d.example\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n")
            for code in ["250", "250", "250", "354"] { #expect(await dialogue.reply() == code) }
            #expect(try await dialogue.say("a\r\n.") == "250")
            #expect(try await dialogue.say("QUIT") == "221")
            #expect(await dialogue.line() == nil)
            let peer = try #require(fixture.receiver.mails.first?.peer)
            #expect(peer.helo == "d.example")
            #expect(peer.tls?.version == "TLSv1.3")
        }
    }

    @Test func `without a certificate STARTTLS is not offered`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO c.example")
            #expect(try await dialogue.say("STARTTLS") == "502")
        }
    }

    @Test func `TLS first: greeting, login and mail are encrypted`() async throws {
        try await ServerFixture.run(.submission, isTLSFirst: true) { fixture in
            let dialogue = try await fixture.greeted(tls: ServerFixture.clientTLS)
            try await dialogue.say("EHLO c.example")
            #expect(try await dialogue.say("AUTH LOGIN") == "334")
            #expect(try await dialogue.say("ZXdhQGRlc2suZXhhbXBsZQ==") == "334")
            #expect(try await dialogue.say("c2VjcmV0") == "235")
            try await dialogue.send("MAIL FROM:<ewa@desk.example>\r\nRCPT TO:<ann@client.example>\r\nDATA\r\n")
            for code in ["250", "250", "354"] { #expect(await dialogue.reply() == code) }
            #expect(try await dialogue.say("a\r\n.") == "250")
            let mail = try #require(fixture.receiver.mails.first)
            #expect(mail.agent == AgentID(rawValue: 7))
            #expect(mail.peer.isAuthenticated && mail.peer.tls != nil)
        }
    }

    @Test func `a wrong password, another identity and a login in the clear are refused`() async throws {
        try await ServerFixture.run(.submission, hasTLS: true) { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO c.example")
            #expect(try await dialogue.say("AUTH PLAIN AGV3YUBkZXNrLmV4YW1wbGUAc2VjcmV0") == "538")
            #expect(try await dialogue.say("STARTTLS") == "220")
            try await dialogue.startTLS(ServerFixture.clientTLS)
            try await dialogue.say("EHLO c.example")
            #expect(try await dialogue.say("MAIL FROM:<ewa@desk.example>") == "530")
            #expect(try await dialogue.say("AUTH PLAIN AGV3YUBkZXNrLmV4YW1wbGUAd3Jvbmc=") == "535")
            // authzid `adam`, otherwise right
            #expect(try await dialogue.say("AUTH PLAIN YWRhbQBld2FAZGVzay5leGFtcGxlAHNlY3JldA==") == "535")
            #expect(try await dialogue.say("AUTH PLAIN AGV3YUBkZXNrLmV4YW1wbGUAc2VjcmV0") == "235")
        }
    }

    @Test func `a client that speaks no TLS on a TLS port is left`() async throws {
        try await ServerFixture.run(.submission, isTLSFirst: true) { fixture in
            let dialogue = try await Dialogue.connect(to: fixture.address)
            try await dialogue.send("EHLO c.example\r\n")
            while await dialogue.line() != nil {}
            try await eventually { fixture.ledger.connections == 0 }
        }
    }
}
