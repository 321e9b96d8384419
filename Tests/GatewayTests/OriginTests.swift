import Desk
import Gateway
import MailAuth
import MailTypes
import OpenSSL
import Storage
import TestKit
import Testing

/// Where a mail comes from, and what that means for it.
@Suite struct OriginTests {
    private static let key = SigningKey.generateEd25519()

    private static func signer() throws -> DKIMSigner {
        try #require(DKIMSigner(domain: domainName("customer.example"), selector: "s1", key: key))
    }

    /// customer.example sends from 192.0.2.1, where the mails of these tests come from; others do not.
    private static func policy(
        dmarc: SenderPolicy.Treatment = .reject, spf: SenderPolicy.Treatment = .tag,
        more: [String: [FixedDNS.Entry]] = [:]
    ) throws -> SenderPolicy {
        let signer = try signer()
        let names: [String: [FixedDNS.Entry]] = [
            "customer.example": [.txt("v=spf1 ip4:192.0.2.1 -all")],
            "_dmarc.customer.example": [.txt("v=DMARC1; p=reject")],
            signer.recordName: [.txt(signer.record)], "elsewhere.example": [.txt("v=spf1 -all")],
            "strict.example": [.txt("v=spf1 -all")], "_dmarc.strict.example": [.txt("v=DMARC1; p=reject")],
            "shy.example": [.txt("v=spf1 -all")], "_dmarc.shy.example": [.txt("v=DMARC1; p=quarantine")],
            "watching.example": [.txt("v=spf1 -all")], "_dmarc.watching.example": [.txt("v=DMARC1; p=none")],
            "late.example": [.timeout], "_dmarc.late.example": [.timeout],
        ]
        return SenderPolicy(check: MailCheck(lookup: FixedDNS(names.merging(more) { $1 })), dmarc: dmarc, spf: spf)
    }

    private static func mail(from domain: String, subject: String = "Where is my parcel?", extra: [String] = [])
        -> TestMail
    {
        TestMail(author: "jan@\(domain)", from: "Jan <jan@\(domain)>", subject: subject, extra: extra)
    }

    @Test func `a mail that its domain vouches for is filed with what was found out`() async throws {
        try await DeskFixture.run(policy: try Self.policy()) { desk async throws -> Void in
            let plain = TestMail()
            let signed = try Self.signer().sign(DigestedMessage(plain.octets), at: desk.clock.now) + plain.octets
            #expect(try await desk.receive(signed, to: ["help@acme.example"], piece: 7) == 250)
            let header = try await desk.messages(1)[0].header
            #expect(
                header.hasPrefix(
                    "Return-Path: <jan@customer.example>\r\nAuthentication-Results: mx.acme.example;\r\n spf=pass "))
            #expect(
                header.contains(
                    " spf=pass smtp.mailfrom=customer.example;\r\n dkim=pass header.d=customer.example header.s=s1"))
            #expect(header.contains(" dmarc=pass header.from=customer.example policy.dmarc=reject\r\n"))
            #expect(try await desk.place(1) == "new")
        }
    }

    @Test func `signatures over a mail of many pieces are checked`() async throws {
        try await DeskFixture.run(policy: try Self.policy()) { desk async throws -> Void in
            let plain = TestMail(
                author: "x@elsewhere.example", body: String(repeating: "A line of  text.\r\n", count: 20_000))
            let signed = try Self.signer().sign(DigestedMessage(plain.octets), at: desk.clock.now) + plain.octets
            #expect(try await desk.receive(signed, from: plain.author, to: ["help@acme.example"], piece: 9973) == 250)
            #expect(try await desk.messages(1)[0].header.contains(" dkim=pass "))
            var changed = signed
            changed[changed.count - 5] = UInt8(ascii: "X")
            #expect(try await desk.receive(changed, from: plain.author, to: ["help@acme.example"], piece: 9973) == 550)
            #expect(try await desk.number("SELECT count(*) FROM message") == 1)
        }
    }

    static let treatments:
        [(domain: String, dmarc: SenderPolicy.Treatment, spf: SenderPolicy.Treatment, code: Int, place: String)] = [
            ("strict.example", .reject, .tag, 550, ""), ("strict.example", .quarantine, .tag, 250, "spam"),
            ("strict.example", .tag, .tag, 250, "new"),
            ("shy.example", .reject, .tag, 250, "spam"), ("shy.example", .tag, .reject, 250, "new"),
            ("watching.example", .reject, .tag, 250, "new"),
            ("watching.example", .reject, .reject, 550, ""), ("elsewhere.example", .reject, .tag, 250, "new"),
            ("elsewhere.example", .reject, .reject, 550, ""),
            ("elsewhere.example", .reject, .quarantine, 250, "spam"), ("late.example", .reject, .reject, 250, "new"),
            ("unknown.example", .reject, .reject, 250, "new"),
        ]

    @Test(arguments: treatments) func `a failed check goes as far as both the domain and this desk want`(
        domain: String, dmarc: SenderPolicy.Treatment, spf: SenderPolicy.Treatment, code: Int, place: String
    ) async throws {
        try await DeskFixture.run(policy: try Self.policy(dmarc: dmarc, spf: spf)) { desk async throws -> Void in
            let mail = Self.mail(from: domain)
            #expect(try await desk.receive(mail.octets, from: mail.author, to: ["help@acme.example"]) == code)
            if code == 250 {
                #expect(try await desk.place(1) == place)
                let told = try await desk.texts(
                    "SELECT to_value || ': ' || reason FROM event WHERE kind = \(EventKind.statusChanged)")
                let check = dmarc == .reject && spf == .quarantine ? "SPF failed" : "DMARC failed"
                #expect(told == (place == "spam" ? ["spam: \(check)"] : []))
            } else {
                #expect(try await desk.number("SELECT count(*) FROM content") == 0)
            }
        }
    }

    @Test(arguments: [("192.0.2.0/24", 250), ("198.51.100.0/24", 550)])
    func `what a trusted forwarder brings is not refused for its origin`(network: String, code: Int) async throws {
        var policy = try Self.policy(spf: .reject)
        policy.trustedForwarders = [try #require(IPNetwork(network))]
        try await DeskFixture.run(policy: policy) { [policy] desk async throws -> Void in
            let mail = Self.mail(from: "strict.example")
            #expect(try await desk.receive(mail.octets, from: mail.author, to: ["help@acme.example"]) == code)
            guard code == 250 else { return }
            #expect(try await desk.place(1) == "new")
            // Its stamp still counts for nothing: nobody vouches for the author.
            let forged = Self.mail(from: "strict.example", subject: "Re: [#1] Where is my parcel?")
            #expect(try await desk.receive(forged.octets, from: forged.author, to: ["help@acme.example"]) == 250)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 2)
            #expect(policy.trustedForwarders.count == 1)
        }
    }

    @Test func `a stamp does not count where the author's domain fails DMARC`() async throws {
        try await DeskFixture.run(
            policy: try Self.policy(more: ["_dmarc.customer.example": [.txt("v=DMARC1; p=none")]])
        ) { desk async throws -> Void in
            let genuine = TestMail()
            #expect(try await desk.receive(genuine.octets, from: genuine.author, to: ["help@acme.example"]) == 250)
            let forged = TestMail(subject: "Re: [#1] Where is my parcel?", body: "I am Jan, really\r\n")
            #expect(
                try await desk.receive(forged.octets, from: "eve@elsewhere.example", to: ["help@acme.example"]) == 250)
            #expect(try await desk.messages(1).count == 1)
            #expect(
                try await desk.texts("SELECT to_value || ' ' || reason FROM event WHERE ticket_id = 2 AND kind = 10")
                    == ["1 claims to belong to it"])
            let answer = TestMail(subject: "Re: [#1] Where is my parcel?", body: "It is me\r\n")
            #expect(try await desk.receive(answer.octets, from: answer.author, to: ["help@acme.example"]) == 250)
            #expect(try await desk.messages(1).count == 2)
        }
    }

    @Test func `fields that claim to be ours are taken out, with checks and without`() async throws {
        for policy in [try Self.policy(), nil] {
            try await DeskFixture.run(policy: policy) { desk async throws -> Void in
                let mail = TestMail(extra: [
                    "Authentication-Results: MX.acme.example; dmarc=pass header.from=forged.example",
                    "Authentication-Results: mx.other.example; spf=pass",
                ])
                #expect(try await desk.receive(mail.octets, to: ["help@acme.example"]) == 250)
                let header = try await desk.messages(1)[0].header
                #expect(!header.contains("forged.example"))
                #expect(header.contains("Authentication-Results: mx.other.example; spf=pass"))
            }
        }
    }

    @Test func `rules ask what was found out`() async throws {
        var definition = DeskDefinition.example
        definition.rules = [
            RuleDefinition(name: "spf", when: .authentication(.spf, .fail), then: [.tag("spf-fail")]),
            RuleDefinition(name: "dmarc", when: .authentication(.dmarc, .pass), then: [.tag("dmarc-pass")]),
            RuleDefinition(name: "dkim", when: .authentication(.dkim, .none), then: [.tag("dkim-none")]),
        ]
        try await DeskFixture.run(definition, policy: try Self.policy()) { desk async throws -> Void in
            #expect(try await desk.receive(TestMail().octets, to: ["help@acme.example"]) == 250)
            let bad = Self.mail(from: "watching.example")
            #expect(try await desk.receive(bad.octets, from: bad.author, to: ["help@acme.example"]) == 250)
            let keywords = try await desk.texts("SELECT keywords FROM message ORDER BY id")
            #expect(keywords == ["dmarc-pass dkim-none", "spf-fail dkim-none"])
        }
    }

    @Test func `a name system that never answers delays a mail by the deadline and no more`() async throws {
        let policy = SenderPolicy(check: MailCheck(lookup: SilentDNS(), limits: .init(deadline: .milliseconds(50))))
        try await DeskFixture.run(policy: policy) { desk async throws -> Void in
            #expect(try await desk.receive(TestMail().octets, to: ["help@acme.example"]) == 250)
            let header = try await desk.messages(1)[0].header
            #expect(header.contains("spf=temperror") && header.contains("dmarc=temperror"))
        }
    }
}

/// Answers nothing until nobody waits any more.
private struct SilentDNS: AuthenticationLookup {
    private func wait() async -> LookupFailure {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        await withTaskCancellationHandler {
            for await _ in stream {}
        } onCancel: {
            continuation.finish()
        }
        return LookupFailure(.cancelled)
    }

    func txt(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> { throw await wait() }
    func addresses(_ name: String, _ family: IPAddress.Family) async throws(LookupFailure) -> DNSAnswer<IPAddress> {
        throw await wait()
    }
    func mx(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> { throw await wait() }
    func names(of address: IPAddress) async throws(LookupFailure) -> DNSAnswer<String> { throw await wait() }
}
