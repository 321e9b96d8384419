import Desk
import Gateway
import MailTypes
import Testing

@Suite struct KeyRingTests {
    private static let old = KeyRing.Key(name: "a", secret: Array("old".utf8))
    private static let new = KeyRing.Key(name: "b", secret: Array("new".utf8))
    private static let ticket = TicketNumber(rawValue: 1042)
    private static let help = emailAddress("help@acme.example")

    private func ring(_ keys: KeyRing.Key...) throws -> KeyRing {
        try #require(KeyRing(keys: keys, cryptography: FixedCryptography()))
    }

    @Test func `a ring holds a key`() {
        #expect(KeyRing(keys: [], cryptography: FixedCryptography()) == nil)
    }

    @Test func `the newest key signs and every key of the ring verifies`() throws {
        let before = try ring(Self.old)
        let both = try ring(Self.old, Self.new)
        let token = before.sign(Self.ticket, for: .reply, subject: 7)
        #expect(both.isGenuine(token))
        #expect(both.sign(Self.ticket, for: .reply, subject: 7).key == "b")
        #expect(try !ring(Self.new).isGenuine(token), "taking a key out revokes what it signed")
        let impostor = KeyRing.Key(name: "a", secret: Array("other".utf8))
        #expect(try !ring(impostor).isGenuine(token))
    }

    @Test func `a token is good for its case, purpose, subject and key only`() throws {
        let ring = try ring(Self.old, Self.new)
        let token = ring.sign(Self.ticket, for: .reply, subject: 7)
        var others = [token, token, token, token, token]
        others[0].ticket = TicketNumber(rawValue: 1043)
        others[1].purpose = .bounce
        others[2].subject = 8
        others[3].key = "a"
        others[4].code = String(token.code.dropLast())
        for other in others { #expect(!ring.isGenuine(other)) }
        #expect(ring.isGenuine(token))
    }

    @Test func `signed addresses are read back, whoever folded them`() throws {
        let ring = try ring(Self.old)
        for address in [Self.help, emailAddress("help+vip@acme.example")] {
            let signed = ring.signedAddress(address, ticket: Self.ticket, purpose: .bounce, subject: 99)
            #expect(ring.token(in: signed)?.ticket == Self.ticket)
            #expect(ring.token(in: emailAddress(signed.description.uppercased()))?.purpose == .bounce)
            #expect(signed.withoutDetail == address)
        }
        #expect(ring.token(in: Self.help) == nil)
        #expect(ring.token(in: emailAddress("help+1042.rubbish@acme.example")) == nil)
    }

    @Test func `a signed local part has at most 64 octets, else the address stays plain`() throws {
        let ring = try ring(Self.old)
        // The longest local part that a desk may have, and a ticket and subject as large as they get in practice.
        let longest = emailAddress(String(repeating: "x", count: 24) + "@acme.example")
        let signed = ring.signedAddress(
            longest, ticket: TicketNumber(rawValue: 99_999_999), purpose: .reply, subject: 1 << 30)
        #expect(signed.localPart.utf8.count <= 64 && ring.token(in: signed) != nil)
        let tooLong = emailAddress(String(repeating: "x", count: 50) + "@acme.example")
        #expect(ring.signedAddress(tooLong, ticket: Self.ticket, purpose: .reply, subject: 1) == tooLong)
    }

    @Test func `a Message-ID of ours proves its case, on our host only`() throws {
        let ring = try ring(Self.old)
        let host = domainName("mx.acme.example")
        let id = ring.messageID(ticket: Self.ticket, purpose: .reply, subject: 1, unique: "abc", host: host)
        #expect(ring.token(in: id, host: host)?.ticket == Self.ticket)
        #expect(ring.token(in: id, host: domainName("mx.other.example")) == nil)
        let texts = ["1042.x@mx.acme.example", "x@y", "@mx.acme.example", "1042..@mx.acme.example", "no at"]
        for text in texts { #expect(MessageID(text).flatMap { ring.token(in: $0, host: host) } == nil) }
    }
}
