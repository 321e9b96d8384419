import Gateway
import MailTypes
import SMTPProtocol
import Testing
import Transport

/// What is written down of those who are refused before there is a mail.
@Suite(.timeLimit(.minutes(5))) struct RefusalTests {
    @Test func `content that is refused is told of with all of its recipients`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO client.example")
            try await dialogue.say("MAIL FROM:<ann@client.example>")
            try await dialogue.say("RCPT TO:<help@acme.example>")
            try await dialogue.say("RCPT TO:<sales@acme.example>")
            try await dialogue.say("DATA")
            #expect(try await dialogue.say("bare\nline\r\n.")?.hasPrefix("5") == true)
            let reply = try #require(fixture.receiver.refusals.first)
            #expect(
                fixture.receiver.refused == ["ann@client.example help@acme.example sales@acme.example \(reply.code)"])
        }
    }

    @Test func `a declared size beyond the limit, and no room, are told of with the sender`() async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.say("EHLO client.example")
            #expect(try await dialogue.say("MAIL FROM:<ann@client.example> SIZE=999999999") == "552")
            fixture.receiver.refuse(Reply(452, EnhancedStatus(4, 3, 1), "Full"))
            #expect(try await dialogue.say("MAIL FROM:<ben@client.example>") == "452")
            #expect(fixture.receiver.refused == ["ann@client.example 552", "ben@client.example 452"])
        }
    }

    @Test(arguments: [("POST / HTTP/1.1\r\n", "HTTP"), ("\u{16}\u{3}\u{1}\u{2}", "TLS")])
    func `who speaks another protocol is told of with its name`(wire: String, name: String) async throws {
        try await ServerFixture.run { fixture in
            let dialogue = try await fixture.greeted()
            try await dialogue.send(wire)
            #expect(await dialogue.line() == nil)
            #expect(fixture.receiver.refusals.isEmpty)
            #expect(fixture.receiver.refused == ["<> \(name) was spoken"])
        }
    }
}
