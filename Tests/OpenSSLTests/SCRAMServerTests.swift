import OpenSSL
import TestKit
import Testing

/// SCRAM-SHA-256 and -PLUS (RFC 5802, RFC 7677), step by step.
@Suite struct SCRAMServerTests {
    static let verifier = SCRAMVerifier(password: "pencil", salt: SCRAMVerifierTests.salt, iterations: 4096)
    static let ourNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    static let exporter = [UInt8](0..<32)
    static let bindings = TLSChannelBindings(exporter: exporter, serverEndPoint: [7, 8, 9])

    static func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A machine that has the client's first message and a verifier.
    static func challenged(
        _ first: String, isBound: Bool = false, bindings: TLSChannelBindings? = nil, isReal: Bool = true
    ) throws -> (server: SCRAMServer, challenge: String) {
        var server = SCRAMServer(isBound: isBound, bindings: bindings, nonce: ourNonce)
        guard case .lookUp = server.received(octets(first)) else { throw Unexpected() }
        guard case .challenge(let challenge) = server.found(verifier, isReal: isReal) else { throw Unexpected() }
        return (server, String(decoding: challenge, as: UTF8.self))
    }

    struct Unexpected: Error {}

    @Test func `the dialogue of RFC 7677 §3`() throws {
        var server = SCRAMServer(isBound: false, bindings: nil, nonce: Self.ourNonce)
        #expect(server.received(Self.octets("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")) == .lookUp(login: "user"))
        #expect(
            server.found(Self.verifier, isReal: true)
                == .challenge(
                    Self.octets(
                        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")))
        let final = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        #expect(
            server.received(Self.octets(final))
                == .challenge(Self.octets("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")))
        #expect(server.received([]) == .succeeded)
        #expect(server.received([]) == .failed(.malformed))
    }

    static let firsts: [(message: String, outcome: SCRAMServer.Action)] = [
        ("n,,n=user,r=abc", .lookUp(login: "user")), ("n,a=user,n=user,r=abc", .lookUp(login: "user")),
        ("y,,n=user,r=abc", .lookUp(login: "user")), ("n,,n=user,r=abc,x=more", .lookUp(login: "user")),
        ("n,,n=a=2Cb=3Dc,r=abc", .lookUp(login: "a,b=c")), ("n,,n=zoë@acme.example,r=abc", .lookUp(login: "zoë@acme.example")),
        ("n,a=a=2Cb,n=a=2Cb,r=abc", .lookUp(login: "a,b")),
        ("n,a=root,n=user,r=abc", .failed(.foreignIdentity)), ("p=tls-exporter,,n=user,r=abc", .failed(.bindingMismatch)),
        ("n,,m=ext,n=user,r=abc", .failed(.unknownExtension)),
        ("", .failed(.malformed)), ("n", .failed(.malformed)), ("n,", .failed(.malformed)), ("n,,", .failed(.malformed)),
        ("n,,n=user", .failed(.malformed)), ("n,,r=abc,n=user", .failed(.malformed)), ("n,,n=,r=abc", .failed(.malformed)),
        ("n,,n=user,r=", .failed(.malformed)), ("n,,n=us=er,r=abc", .failed(.malformed)),
        ("n,,n=user=2c,r=abc", .failed(.malformed)), ("n,,n=user=2,r=abc", .failed(.malformed)),
        ("n,,n=user,r=a c", .failed(.malformed)), ("n,,n=user,r=aé", .failed(.malformed)),
        ("n,x,n=user,r=abc", .failed(.malformed)), ("n,a=,n=user,r=abc", .failed(.malformed)),
        ("z,,n=user,r=abc", .failed(.malformed)), ("p,,n=user,r=abc", .failed(.malformed)),
        ("p=,,n=user,r=abc", .failed(.malformed)), ("p=a b,,n=user,r=abc", .failed(.malformed)),
        ("n,,n=user,r=abc,m=x", .failed(.malformed)), ("n,,n=us\u{0}er,r=abc", .failed(.malformed)),
        ("n,,n=\(String(repeating: "x", count: 2048)),r=abc", .failed(.malformed)),
    ]

    @Test(arguments: firsts) func `a first message is read, or refused for its reason`(
        message: String, outcome: SCRAMServer.Action
    ) {
        var server = SCRAMServer(isBound: false, bindings: nil, nonce: Self.ourNonce)
        #expect(server.received(Self.octets(message)) == outcome)
        if case .failed = outcome { #expect(server.received(Self.octets("n,,n=user,r=abc")) == outcome) }
    }

    static let flags: [(flag: String, isBound: Bool, offersBinding: Bool, failure: SCRAMServer.Failure?)] = [
        ("n", false, false, nil), ("n", false, true, nil), ("y", false, false, nil), ("y", false, true, .downgrade),
        ("p=tls-exporter", false, true, .bindingMismatch), ("p=tls-exporter", true, true, nil),
        ("p=tls-server-end-point", true, true, nil), ("p=tls-unique", true, true, .unknownBinding),
        ("p=tls-exporter", true, false, .unknownBinding), ("n", true, true, .bindingMismatch),
        ("y", true, true, .bindingMismatch),
    ]

    @Test(arguments: flags) func `the flag of channel binding must fit what was offered`(
        flag: String, isBound: Bool, offersBinding: Bool, failure: SCRAMServer.Failure?
    ) {
        var server = SCRAMServer(
            isBound: isBound, bindings: offersBinding ? Self.bindings : nil, nonce: Self.ourNonce)
        let outcome = server.received(Self.octets("\(flag),,n=user,r=abc"))
        #expect(outcome == failure.map { .failed($0) } ?? .lookUp(login: "user"))
    }

    @Test func `a connection without one kind of binding refuses that kind`() {
        var server = SCRAMServer(
            isBound: true, bindings: TLSChannelBindings(serverEndPoint: [1]), nonce: Self.ourNonce)
        #expect(server.received(Self.octets("p=tls-exporter,,n=user,r=abc")) == .failed(.unknownBinding))
    }

    @Test(arguments: ["tls-exporter", "tls-server-end-point"])
    func `a login is bound to its channel`(name: String) throws {
        for isOwnChannel in [true, false] {
            let client = SCRAMClient(binding: name, data: Self.bindings.data(for: name))
            var (server, challenge) = try Self.challenged(client.first, isBound: true, bindings: Self.bindings)
            var answering = client
            if !isOwnChannel { answering.data = [UInt8](repeating: 1, count: 32) }
            let final = answering.final(challenge, password: "pencil")
            let outcome = server.received(Self.octets(final.message))
            #expect(
                outcome
                    == (isOwnChannel ? .challenge(Self.octets("v=\(final.signature)")) : .failed(.wrongBinding)))
        }
    }

    @Test func `a wrong password and a login that does not exist fail alike`() throws {
        let client = SCRAMClient()
        var (server, challenge) = try Self.challenged(client.first)
        #expect(
            server.received(Self.octets(client.final(challenge, password: "pencils").message)) == .failed(.wrongProof))
        (server, challenge) = try Self.challenged(client.first, isReal: false)
        #expect(
            server.received(Self.octets(client.final(challenge, password: "pencil").message)) == .failed(.wrongProof))
    }

    static let finals: [(message: String, failure: SCRAMServer.Failure)] = [
        ("", .malformed), ("c=biws", .malformed), ("c=biws,r=NONCE", .malformed), ("c=biws,r=NONCE,p=", .wrongProof),
        ("c=biws,r=NONCE,p=AAAA", .wrongProof), ("c=biws,r=NONCE,p=A", .malformed), ("c=biws,r=abc,p=AAAA", .wrongNonce),
        ("c=biws,r=NONCEx,p=AAAA", .wrongNonce), ("c=eSws,r=NONCE,p=AAAA", .wrongBinding),
        ("c=,r=NONCE,p=AAAA", .wrongBinding), ("c=biw,r=NONCE,p=AAAA", .malformed),
        ("m=x,c=biws,r=NONCE,p=AAAA", .unknownExtension), ("r=NONCE,c=biws,p=AAAA", .malformed),
        ("c=biws,r=NONCE,p=AAAA,x=y", .malformed), ("c=biws,r=NONCE,q=AAAA", .malformed), (",,,", .malformed),
        ("c=biws,r=NONCE,p=\(String(repeating: "A", count: 4096))", .malformed),
    ]

    @Test(arguments: finals) func `a final message that does not fit is refused for its reason`(
        message: String, failure: SCRAMServer.Failure
    ) throws {
        var (server, _) = try Self.challenged("n,,n=user,r=abc")
        let message = message.replacing("NONCE", with: "abc" + Self.ourNonce)
        #expect(server.received(Self.octets(message)) == .failed(failure))
        #expect(server.received(Self.octets(message)) == .failed(failure))
    }

    @Test func `octets that are no text are refused at every step`() throws {
        var server = SCRAMServer(isBound: false, bindings: nil, nonce: Self.ourNonce)
        #expect(server.received([0x6E, 0x2C, 0x2C, 0xFF]) == .failed(.malformed))
        var (challenged, _) = try Self.challenged("n,,n=user,r=abc")
        #expect(challenged.received([0xFF, 0x2C, 0x70]) == .failed(.malformed))
    }

    @Test func `the answer to the server's signature is empty`() throws {
        let client = SCRAMClient()
        var (server, challenge) = try Self.challenged(client.first)
        _ = server.received(Self.octets(client.final(challenge, password: "pencil").message))
        #expect(server.received([0x2A]) == .failed(.malformed))
    }

    @Test func `descriptions of bindings hold none`() {
        var dumped = ""
        dump(Self.bindings, to: &dumped)
        #expect(!dumped.contains("31") && "\(Self.bindings)" == "TLS channel bindings")
    }
}
