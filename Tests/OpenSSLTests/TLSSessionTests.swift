import OpenSSL
import TestKit
import Testing

@Suite struct TLSSessionTests {
    let directory = TemporaryDirectory()

    func context(_ certificates: TestCertificate..., sessionTickets: Bool = true) throws -> TLSContext {
        try TLSContext(
            certificates: certificates.map { CertificateFiles(certificate: $0.certificate, key: $0.key) },
            sessionTickets: sessionTickets)
    }

    func pair(serverName: String? = "mx.acme.example", tickets: Bool = true) throws -> SessionPair {
        let certificate = TestCertificate(["mx.acme.example"], in: directory, file: "mx")
        return SessionPair(
            client: try TLSSession(client: TLSContext(verification: .opportunistic), serverName: serverName),
            server: TLSSession(server: try context(certificate, sessionTickets: tickets)))
    }

    @Test(arguments: [Int.max, 1000, 7, 1]) func `a handshake completes in pieces of any size`(size: Int) throws {
        let pair = try pair()
        #expect(pair.shakeHands(inPiecesOf: size))
        let details = pair.server.details
        #expect(details.version == "TLSv1.3")
        #expect(details.cipher == "TLS_AES_256_GCM_SHA384")
        #expect(details.cipherBits == 256)
        #expect(details.serverName == "mx.acme.example")
        #expect(!details.isResumed)
        #expect(!details.isVerified)
        #expect(pair.client.details.cipher == details.cipher)
        #expect(!pair.client.details.isVerified, "nobody vouches for a self-signed certificate")
    }

    @Test(arguments: [Int.max, 16384, 1]) func `octets cross unharmed in both directions`(size: Int) throws {
        let pair = try pair()
        #expect(pair.shakeHands())
        let text = (0..<(size == 1 ? 40_000 : 1_000_000)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        try pair.client.write(text)
        #expect(SessionPair.carry(from: pair.client, to: pair.server, inPiecesOf: size) == text)
        try pair.server.write(text)
        #expect(SessionPair.carry(from: pair.server, to: pair.client, inPiecesOf: size) == text)
        #expect(pair.server.pendingInput == 0)
        #expect(!pair.server.hasCiphertext)
    }

    @Test func `close_notify ends reading on the other side and not the writing back`() throws {
        let pair = try pair()
        #expect(pair.shakeHands())
        try pair.client.write(Array("QUIT\r\n".utf8))
        pair.client.close()
        pair.client.close()
        pair.server.receive(pair.client.takeCiphertext())
        let read = SessionPair.readAll(pair.server)
        #expect(String(decoding: read.plaintext, as: UTF8.self) == "QUIT\r\n")
        #expect(read.end == .closed)
        try pair.server.write(Array("221\r\n".utf8))
        pair.server.close()
        pair.client.receive(pair.server.takeCiphertext())
        let answer = SessionPair.readAll(pair.client)
        #expect(String(decoding: answer.plaintext, as: UTF8.self) == "221\r\n")
        #expect(answer.end == .closed)
    }

    @Test func `an end without close_notify is a truncation`() throws {
        let pair = try pair()
        #expect(pair.shakeHands())
        try pair.client.write(Array("half".utf8))
        pair.server.receive(pair.client.takeCiphertext().dropLast())
        pair.server.receivedEnd()
        let read = SessionPair.readAll(pair.server)
        #expect(read.plaintext == [])
        #expect(read.end == .truncated)
    }

    @Test func `an end in mid-handshake is an interruption`() throws {
        let pair = try pair()
        _ = pair.client.handshake()
        pair.server.receive(pair.client.takeCiphertext().dropLast(9))
        #expect(pair.server.handshake() == .needsInput)
        pair.server.receivedEnd()
        let failure = TLSFailure(stage: .handshake, kind: .interrupted, reason: "connection closed by peer")
        #expect(pair.server.handshake() == .failed(failure))
        #expect(pair.server.handshake() == .failed(failure))
    }

    @Test(arguments: [
        "EHLO client.example\r\n", "GET / HTTP/1.0\r\n\r\n", "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
        "\u{16}\u{3}\u{1}\u{7F}\u{7F}\u{1}",
    ])
    func `anything but a ClientHello fails the handshake for good`(text: String) throws {
        let pair = try pair()
        pair.server.receive(Array((text + String(repeating: " ", count: 40_000)).utf8))
        guard case .failed(let failure) = pair.server.handshake() else {
            Issue.record("the handshake went on")
            return
        }
        #expect(failure.stage == .handshake && failure.kind == .protocol)
        _ = pair.client.handshake()
        pair.server.receive(pair.client.takeCiphertext())
        #expect(pair.server.handshake() == .failed(failure), "a failed session stays failed")
    }

    @Test func `an octet changed on the way fails the connection`() throws {
        let pair = try pair()
        #expect(pair.shakeHands())
        try pair.client.write(Array("MAIL".utf8))
        var ciphertext = pair.client.takeCiphertext()
        ciphertext[ciphertext.count - 1] ^= 1
        pair.server.receive(ciphertext)
        let end = SessionPair.readAll(pair.server).end
        guard case .failed(let failure) = end else {
            Issue.record("the record was accepted")
            return
        }
        #expect(failure.stage == .established)
        #expect(throws: failure) { try pair.server.write([1]) }
        #expect(pair.server.hasCiphertext, "the alert is sent")
    }

    static let choices: [(host: String?, certificate: String)] = [
        ("mx.acme.example", "mx.acme.example"), ("MX.ACME.EXAMPLE", "mx.acme.example"),
        ("imap.acme.example", "imap.acme.example"), ("in.mail.acme.example", "*.mail.acme.example"),
        ("x.mail.acme.example", "x.mail.acme.example"), ("a.in.mail.acme.example", "mx.acme.example"),
        ("unknown.example", "mx.acme.example"), ("192.0.2.1", "mx.acme.example"), (nil, "mx.acme.example"),
    ]

    @Test func `the certificate is chosen by the name that the client sends`() throws {
        let server = try context(
            TestCertificate(["mx.acme.example"], in: directory, file: "1"),
            TestCertificate(["imap.acme.example"], in: directory, file: "2"),
            TestCertificate(["*.mail.acme.example"], in: directory, file: "3"),
            TestCertificate(["x.mail.acme.example"], in: directory, file: "4"))
        let client = try TLSContext(verification: .opportunistic)
        for choice in Self.choices {
            let session = try TLSSession(client: client, serverName: choice.host)
            #expect(SessionPair(client: session, server: TLSSession(server: server)).shakeHands())
            #expect(session.peerCertificate?.dnsNames == [choice.certificate], "\(choice.host ?? "no name")")
        }
    }

    @Test func `keys of two kinds for the same names are both served`() throws {
        let server = try context(
            TestCertificate(["mx.acme.example"], key: .rsa, in: directory, file: "rsa"),
            TestCertificate(["mx.acme.example"], in: directory, file: "ec"))
        let session = try TLSSession(client: TLSContext(verification: .opportunistic), serverName: "mx.acme.example")
        #expect(SessionPair(client: session, server: TLSSession(server: server)).shakeHands())
    }

    @Test func `a client that insists takes the named host signed by a known authority and nothing else`() throws {
        let authority = TestCertificate([], in: directory, file: "authority")
        let signed = TestCertificate(["mx.acme.example"], signedBy: authority, in: directory, file: "signed")
        let alone = TestCertificate(["mx.acme.example"], in: directory, file: "alone")
        let expired = TestCertificate(["mx.acme.example"], days: 0, signedBy: authority, in: directory, file: "expired")
        let client = try TLSContext(verification: .required, authorities: authority.certificate)
        let rows: [(TestCertificate, String, String?)] = [
            (signed, "mx.acme.example", nil), (signed, "mx.acme.example.", nil),
            (signed, "imap.acme.example", "hostname mismatch"),
            (signed, "192.0.2.1", "IP address mismatch"), (alone, "mx.acme.example", "self-signed certificate"),
            (expired, "mx.acme.example", "certificate has expired"),
        ]
        for (certificate, host, reason) in rows {
            let session = try TLSSession(client: client, serverName: host)
            let server = TLSSession(server: try context(certificate))
            #expect(SessionPair(client: session, server: server).shakeHands() == (reason == nil))
            if let reason {
                let failure = TLSFailure(stage: .handshake, kind: .untrusted, reason: reason)
                #expect(session.handshake() == .failed(failure))
            } else {
                #expect(session.details.isVerified)
            }
        }
        let opportunistic = try TLSContext(verification: .opportunistic, authorities: authority.certificate)
        let session = try TLSSession(client: opportunistic, serverName: "other.example")
        #expect(SessionPair(client: session, server: TLSSession(server: try context(signed))).shakeHands())
        #expect(!session.details.isVerified, "the name counts there too")
    }

    @Test func `a client refuses what cannot be a host name`() throws {
        let context = try TLSContext(verification: .opportunistic)
        for name in ["", ".", "a\u{0}b", String(repeating: "a", count: 300)] {
            #expect(throws: TLSFailure.self) { try TLSSession(client: context, serverName: name) }
        }
    }

    @Test(arguments: [true, false]) func `tickets are sent as the switch says`(tickets: Bool) throws {
        let pair = try pair(tickets: tickets)
        _ = pair.client.handshake()
        pair.server.receive(pair.client.takeCiphertext())
        _ = pair.server.handshake()
        pair.client.receive(pair.server.takeCiphertext())
        #expect(pair.client.handshake() == .completed)
        pair.server.receive(pair.client.takeCiphertext())
        #expect(pair.server.handshake() == .completed)
        #expect(pair.server.hasCiphertext == tickets)
    }

    @Test func `both ends export the same channel binding and other connections another`() throws {
        let first = try pair()
        #expect(first.client.exportKeyingMaterial() == nil)
        #expect(first.shakeHands())
        let binding = try #require(first.client.exportKeyingMaterial())
        #expect(binding.count == 32)
        #expect(first.server.exportKeyingMaterial() == binding)
        let second = try pair()
        #expect(second.shakeHands())
        #expect(second.server.exportKeyingMaterial() != binding)
    }
}
