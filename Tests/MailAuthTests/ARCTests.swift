import MailAuth
import MailFormat
import MailTypes
import OpenSSL
import TestKit
import Testing

@Suite struct ARCTests {
    private static let dns: FixedDNS = {
        var names: [String: [FixedDNS.Entry]] = [:]
        for (domain, key) in [("one.example", SampleMail.rsa), ("two.example", SampleMail.ed25519)] {
            if let signer = DomainName(domain).flatMap({ DKIMSigner(domain: $0, selector: "arc", key: key) }) {
                names[signer.recordName] = [.txt(signer.record)]
            }
        }
        return FixedDNS(names)
    }()

    private static func verify(_ octets: [UInt8], _ dns: FixedDNS = dns) async -> ARCVerdict {
        await ARCVerification(DigestedMessage(octets), lookup: dns).run()
    }

    private static func seal(_ octets: [UInt8], by domain: String, _ key: SigningKey) async throws -> [UInt8] {
        let sealer = try #require(DomainName(domain).flatMap { ARCSealer(domain: $0, selector: "arc", key: key) })
        let results = AuthenticationResults(
            authenticationServer: "mx.\(domain)",
            results: [.init("spf", "pass", properties: [("smtp.mailfrom", "example.org")])])
        let message = DigestedMessage(octets)
        let fields = try #require(
            sealer.seal(message, results: results, chain: await verify(octets), at: SampleMail.now))
        return fields + octets
    }

    @Test func `a chain of sealers passes and tells what they found`() async throws {
        #expect(await Self.verify(SampleMail.plain).result == .none)
        let once = try await Self.seal(SampleMail.plain, by: "one.example", SampleMail.rsa)
        let first = await Self.verify(once)
        #expect(first.result == .pass && first.sealers == ["one.example"], "\(first)")
        #expect(first.lastResults?.authenticationServer == "mx.one.example")
        #expect(first.lastResults?.results.first?.property("smtp.mailfrom") == "example.org")
        let twice = try await Self.seal(Array("X-List: a\r\n".utf8) + once, by: "two.example", SampleMail.ed25519)
        let second = await Self.verify(twice)
        #expect(second.result == .pass && second.sealers == ["one.example", "two.example"], "\(second)")
    }

    /// What a forger does to a mail sealed twice.
    static let forgeries: [(old: String, new: String)] = [
        ("4711", "4712"), ("Subject:  Where", "Subject:  There"),
        ("smtp.mailfrom=example.org", "smtp.mailfrom=example.com"), ("cv=pass", "cv=none"),
        ("cv=none", "cv=pass"), ("cv=pass", "cv=fail"), ("ARC-Seal: i=1;", "ARC-Seal: i=3;"),
        ("ARC-Seal: i=2;", "ARC-Seal: i=1;"),
        ("ARC-Seal: i=1;", "X-Seal: i=1;"), ("ARC-Seal: i=2;", "ARC-Seal: i=0;"),
        ("ARC-Seal: i=2;", "ARC-Seal: i=2; h=from;"),
        ("ARC-Seal: i=2;", "ARC-Seal: i=99;"),
    ]

    @Test(arguments: forgeries) func `a chain that was tampered with fails`(old: String, new: String) async throws {
        let once = try await Self.seal(SampleMail.plain, by: "one.example", SampleMail.rsa)
        let twice = String(decoding: try await Self.seal(once, by: "two.example", SampleMail.ed25519), as: UTF8.self)
        #expect(twice.contains(old))
        #expect(await Self.verify(Array(twice.replacing(old, with: new).utf8)).result == .fail)
    }

    @Test func `a changed mail is sealed as failed, and such a chain is not continued`() async throws {
        let once = try await Self.seal(SampleMail.plain, by: "one.example", SampleMail.rsa)
        let changed = Array(String(decoding: once, as: UTF8.self).replacing("4711", with: "4712").utf8)
        let sealed = try await Self.seal(changed, by: "two.example", SampleMail.ed25519)
        #expect(String(decoding: sealed, as: UTF8.self).contains("cv=fail"))
        let verdict = await Self.verify(sealed)
        #expect(verdict.result == .fail)
        let sealer = try #require(
            DomainName("two.example").flatMap { ARCSealer(domain: $0, selector: "arc", key: SampleMail.ed25519) })
        let results = AuthenticationResults(authenticationServer: "mx", results: [])
        #expect(sealer.seal(DigestedMessage(sealed), results: results, chain: verdict, at: SampleMail.now) == nil)
    }

    @Test func `an unreachable key leaves the chain undecided`() async throws {
        let once = try await Self.seal(SampleMail.plain, by: "one.example", SampleMail.rsa)
        #expect(await Self.verify(once, FixedDNS(["arc._domainkey.one.example": [.timeout]])).result == .temperror)
        #expect(await Self.verify(once, FixedDNS([:])).result == .fail)
    }
}
