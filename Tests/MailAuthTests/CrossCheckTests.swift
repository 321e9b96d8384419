import Foundation
import MailAuth
import MailFormat
import MailTypes
import OpenSSL
import TestKit
import Testing

/// Debian's dkimpy, OpenDKIM and pyspf are asked for a second opinion, both ways.
@Suite struct CrossCheckTests {
    /// dkimpy with a name system of one record; the message on standard input.
    private static func dkimpy(_ program: String, _ arguments: [String], input: [UInt8]) throws -> String {
        let script = """
            import sys, dkim
            data = sys.stdin.buffer.read()
            def dns(name, timeout=5): return \(arguments.last.map { "b'''\($0)'''" } ?? "None")
            \(program)
            """
        return try ExternalTool.mustRun(["/usr/bin/python3", "-c", script] + arguments, input: input)
    }

    @Test(arguments: [SampleMail.rsa, SampleMail.ed25519]) func `dkimpy verifies what we sign`(key: SigningKey) throws {
        let signer = try SampleMail.signer(key)
        let signed = SampleMail.signed(SampleMail.plain, by: signer)
        let said = try Self.dkimpy("print(dkim.verify(data, dnsfunc=dns))", [signer.record], input: signed)
        #expect(said == "True\n")
        let changed = Array(String(decoding: signed, as: UTF8.self).replacing("4711", with: "4712").utf8)
        #expect(try Self.dkimpy("print(dkim.verify(data, dnsfunc=dns))", [signer.record], input: changed) == "False\n")
    }

    @Test(arguments: ["simple", "relaxed"], ["simple", "relaxed"]) func `we verify what dkimpy signs`(
        header: String, body: String
    ) async throws {
        let folder = TemporaryDirectory()
        let file = folder.write(SampleMail.rsa.pem, to: "key.pem")
        let program = """
            sys.stdout.buffer.write(dkim.sign(data, b's1', b'example.org', open(sys.argv[1], 'rb').read(),
                canonicalize=(b'\(header)', b'\(body)')))
            """
        let signature = try Self.dkimpy(program, [file], input: SampleMail.plain)
        let dns = SampleMail.dns(try SampleMail.signer(SampleMail.rsa))
        #expect(await SampleMail.verify(Array(signature.utf8) + SampleMail.plain, dns).map(\.result) == [.pass])
    }

    @Test func `OpenDKIM verifies what we sign`() throws {
        let signer = try SampleMail.signer(SampleMail.rsa)
        let folder = TemporaryDirectory()
        let keys = folder.write("\(signer.recordName) \(signer.record)\n", to: "keys")
        let signed = SampleMail.signed(SampleMail.plain, by: signer)
        func test(_ octets: [UInt8]) throws -> ExternalTool.Result {
            let settings = folder.write("TestPublicKeys \(keys)\n", to: "opendkim.conf")
            return try ExternalTool.run([
                "opendkim", "-x", settings, "-vvv", "-t",
                folder.write(String(decoding: octets, as: UTF8.self), to: "mail"),
            ])
        }
        let good = try test(signed)
        #expect(
            (good.output + good.errors).contains("verification (s=s1, d=example.org, 2048-bit key) succeeded"),
            "\(good)"
        )
        let bad = try test(Array(String(decoding: signed, as: UTF8.self).replacing("4711", with: "4712").utf8))
        #expect(!(bad.output + bad.errors).contains("succeeded"), "\(bad)")
    }

    @Test(arguments: ["simple/simple", "relaxed/relaxed", "relaxed/simple"]) func `we verify what OpenDKIM signs`(
        form: String
    ) async throws {
        let folder = TemporaryDirectory()
        let file = folder.write(SampleMail.rsa.pem, to: "key.pem")
        let program = try #require(Bundle.module.path(forResource: "opendkim", ofType: "py", inDirectory: "Fixtures"))
        let signed = try ExternalTool.mustRun(
            ["python3", program, file, "example.org", "s1", form], input: SampleMail.plain)
        let dns = SampleMail.dns(try SampleMail.signer(SampleMail.rsa))
        #expect(await SampleMail.verify(Array(signed.utf8), dns).map(\.result) == [.pass], "\(signed)")
        let changed = signed.replacing("4711", with: "4712")
        #expect(await SampleMail.verify(Array(changed.utf8), dns).map(\.result) == [.fail])
    }

    @Test func `dkimpy's ARC and ours agree both ways`() async throws {
        let folder = TemporaryDirectory()
        let file = folder.write(SampleMail.rsa.pem, to: "key.pem")
        let signer = try SampleMail.signer(SampleMail.rsa)
        let domain = try #require(DomainName("example.org"))
        let sealer = try #require(ARCSealer(domain: domain, selector: "s1", key: SampleMail.rsa))
        let results = AuthenticationResults(authenticationServer: "mx.example.org", results: [.init("spf", "pass")])
        let message = DigestedMessage(SampleMail.plain)
        let fields = try #require(sealer.seal(message, results: results, chain: ARCVerdict(.none), at: SampleMail.now))
        let said = try Self.dkimpy(
            "print(dkim.arc_verify(data, dnsfunc=dns)[0])", [signer.record], input: fields + SampleMail.plain)
        #expect(said == "b'pass'\n")
        let program = """
            a = b'Authentication-Results: lists.example.org; arc=none; spf=pass smtp.mailfrom=example.org\\r\\n'
            s = dkim.arc_sign(a + data, b's1', b'example.org', open(sys.argv[1], 'rb').read(), b'lists.example.org')
            sys.stdout.buffer.write(b''.join(s) + a)
            """
        let theirs = Array(try Self.dkimpy(program, [file], input: SampleMail.plain).utf8) + SampleMail.plain
        let dns = SampleMail.dns(signer)
        let verdict = await ARCVerification(DigestedMessage(theirs), lookup: dns).run()
        #expect(verdict.result == .pass, "\(verdict)")
        // Ours on top of theirs, for dkimpy to judge.
        let second = try #require(
            sealer.seal(DigestedMessage(theirs), results: results, chain: verdict, at: SampleMail.now))
        let chained = try Self.dkimpy(
            "print(dkim.arc_verify(data, dnsfunc=dns)[0])", [signer.record], input: second + theirs)
        #expect(chained == "b'pass'\n")
    }

    static let policies = [
        "v=spf1 ip4:192.0.2.0/24 -all", "v=spf1 ip4:198.51.100.0/24 ~all", "v=spf1 ?all", "v=spf1 a -all",
        "v=spf1 mx:other.example -all", "v=spf1 include:other.example -all",
        "v=spf1 redirect=other.example", "v=spf1 exists:%{ir}.list.example -all",
        "v=spf1 exists:%{l}.%{d2r}.list.example -all", "v=spf1 ip4:192.0.2.0/33 -all",
        "v=spf1 unknown -all", "v=spf1 a:missing1.example a:missing2.example a:missing3.example -all",
        "v=spf1 include:missing.example -all", "v=spf1 ptr:example.org -all",
    ]

    @Test(arguments: policies) func `pyspf comes to the same result`(policy: String) async throws {
        let zone: [String: [FixedDNS.Entry]] = [
            "example.org": [.txt(policy), .a("192.0.2.7")],
            "other.example": [.txt("v=spf1 ip4:192.0.2.7 -all"), .mx("mx.other.example")],
            "mx.other.example": [.a("192.0.2.7")],
            "7.2.0.192.list.example": [.a("127.0.0.2")], "jan.org.example.list.example": [.a("127.0.0.2")],
            "7.2.0.192.in-addr.arpa": [.ptr("host.example.org")],
            "host.example.org": [.a("192.0.2.7")],
        ]
        let request = SPFRequest(
            client: try #require(IPAddress("192.0.2.7")), helo: "host.example.org", reversePath: ("jan", "example.org"),
            receiver: "mx", seconds: 0)
        var check = SPFCheck(request, lookup: FixedDNS(zone))
        let ours = await check.run().result
        let script = """
            import sys, spf
            zone = {'example.org': {'TXT': [(sys.argv[1].encode(),)], 'A': ['192.0.2.7']},
              'other.example': {'TXT': [(b'v=spf1 ip4:192.0.2.7 -all',)], 'MX': [(10, 'mx.other.example')]},
              'mx.other.example': {'A': ['192.0.2.7']}, '7.2.0.192.list.example': {'A': ['127.0.0.2']},
              'jan.org.example.list.example': {'A': ['127.0.0.2']}, '7.2.0.192.in-addr.arpa': {'PTR': ['host.example.org']},
              'host.example.org': {'A': ['192.0.2.7']}}
            spf.DNSLookup = lambda name, t, *a, **k: [((name, t), v) for v in zone.get(name.rstrip('.').lower(), {}).get(t, [])]
            print(spf.check2(i='192.0.2.7', s='jan@example.org', h='host.example.org')[0])
            """
        let theirs = try ExternalTool.mustRun(["/usr/bin/python3", "-c", script, policy])
        #expect(theirs == ours.rawValue + "\n")
    }
}
