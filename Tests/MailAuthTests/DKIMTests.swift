import MailAuth
import MailFormat
import MailTypes
import OpenSSL
import TestKit
import Testing

@Suite struct DKIMTests {
    /// The message of RFC 8463 appendix A.3 with both of its signatures.
    private static let published = SampleMail.octets([
        "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;",
        " d=football.example.com; i=@football.example.com;",
        " q=dns/txt; s=brisbane; t=1528637909; h=from : to :", " subject : date : message-id : from : subject : date;",
        " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
        " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus",
        " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==", "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;",
        " d=football.example.com; i=@football.example.com;",
        " q=dns/txt; s=test; t=1528637909; h=from : to : subject :",
        " date : message-id : from : subject : date;", " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
        " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3",
        " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz",
        " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=", "From: Joe SixPack <joe@football.example.com>",
        "To: Suzie Q <suzie@shopping.example.net>", "Subject: Is dinner ready?",
        "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
        "Message-ID: <20030712040037.46341.5F8J@football.example.com>", "", "Hi.", "",
        "We lost the game.  Are you hungry yet?", "",
        "Joe.",
    ])
    private static let publishedKeys = FixedDNS([
        "brisbane._domainkey.football.example.com": [
            .txt("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        ],
        "test._domainkey.football.example.com": [
            .txt(
                "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16J"
                    + "Yi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
            )
        ],
    ])

    @Test func `the published signatures of RFC 8463 pass`() async {
        let verdicts = await SampleMail.verify(Self.published, Self.publishedKeys)
        #expect(verdicts.map(\.result) == [.pass, .pass], "\(verdicts)")
        #expect(verdicts.map(\.signingDomain) == ["football.example.com", "football.example.com"])
        #expect(verdicts.map(\.selector) == ["brisbane", "test"])
        #expect(verdicts.map(\.algorithm) == ["ed25519-sha256", "rsa-sha256"])
        #expect(verdicts.map(\.signature) == ["/gCrinpc", "F45dVWDf"])
    }

    @Test(arguments: [SampleMail.rsa, SampleMail.ed25519]) func `what we sign passes, and nothing else does`(
        key: SigningKey
    ) async throws {
        let signer = try SampleMail.signer(key)
        let dns = SampleMail.dns(signer)
        let signed = SampleMail.signed(SampleMail.plain, by: signer)
        #expect(await SampleMail.verify(signed, dns).map(\.result) == [.pass])
        let header = HeaderSection(signed)
        #expect(header.fields.allSatisfy { !$0.isMalformed })
        #expect(String(decoding: signed, as: UTF8.self).split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
        // Oversigned: nobody can add a second one.
        for added in [
            "From: eve@evil.example\r\n", "Subject: other\r\n", "Reply-To: eve@evil.example\r\n",
            "Content-Type: text/html\r\n",
        ] {
            #expect(await SampleMail.verify(Array(added.utf8) + signed, dns).map(\.result) == [.fail], "\(added)")
        }
        for (old, new) in [("4711", "4712"), ("Where", "There"), ("jan@", "jon@")] {
            let text = String(decoding: signed, as: UTF8.self).replacing(old, with: new)
            #expect(await SampleMail.verify(Array(text.utf8), dns).map(\.result) == [.fail], "\(old)")
        }
        // White space and case that relaxed forms forgive.
        let text = String(decoding: signed, as: UTF8.self).replacing("To: help", with: "TO :  help").replacing(
            "on \t Monday.   ", with: "on Monday.")
        #expect(await SampleMail.verify(Array(text.utf8), dns).map(\.result) == [.pass])
    }

    static let keys: [(record: String, result: DKIMResult)] = [
        ("v=DKIM1; k=ed25519; p=KEY", .pass), ("k=ed25519; p=KEY", .pass), ("k=ed25519;p=KEY;", .pass),
        ("v=DKIM2; k=ed25519; p=KEY", .permerror),
        ("k=ed25519; v=DKIM1; p=KEY", .permerror), ("v=DKIM1; p=KEY", .permerror),
        ("v=DKIM1; k=ed25519; p=", .permerror),
        ("v=DKIM1; k=ed25519", .permerror), ("v=DKIM1; k=ed25519; h=sha1; p=KEY", .permerror),
        ("v=DKIM1; k=ed25519; h=sha1:sha256; p=KEY", .pass), ("v=DKIM1; k=ed25519; s=tlsrpt; p=KEY", .permerror),
        ("v=DKIM1; k=ed25519; s=*; p=KEY", .pass), ("v=DKIM1; k=ed25519; s=email; p=KEY", .pass),
        ("v=DKIM1; k=ed25519; t=s; p=KEY", .pass),
        ("v=DKIM1; k=ed25519; t=y; p=KEY", .pass), ("v=DKIM1; k=ed25519; p=KEY; p=KEY", .permerror),
        ("nonsense", .permerror),
        ("v=DKIM1; k=ed25519; p=AAAA", .permerror), ("v=DKIM1; k=ed25519; n=note; x=unknown; p=KEY", .pass),
    ]

    @Test(arguments: keys) func `a key record is used only for what it is for`(record: String, result: DKIMResult)
        async throws
    {
        let signer = try SampleMail.signer(SampleMail.ed25519)
        let key = Base64.encode(SampleMail.ed25519.publicKey)
        let dns = FixedDNS([signer.recordName: [.txt(record.replacing("KEY", with: key))]])
        #expect(await SampleMail.verify(SampleMail.signed(SampleMail.plain, by: signer), dns).map(\.result) == [result])
    }

    @Test func `an unreachable key is temporary, a missing one is not`() async throws {
        let signer = try SampleMail.signer(SampleMail.ed25519)
        let signed = SampleMail.signed(SampleMail.plain, by: signer)
        #expect(
            await SampleMail.verify(signed, FixedDNS([signer.recordName: [.timeout]])).map(\.result) == [.temperror])
        #expect(await SampleMail.verify(signed, FixedDNS([:])).map(\.result) == [.permerror])
    }

    @Test func `a short RSA key is not taken`() async throws {
        let signer = try SampleMail.signer(SigningKey.generateRSA(bits: 768))
        #expect(
            await SampleMail.verify(SampleMail.signed(SampleMail.plain, by: signer), SampleMail.dns(signer)).map(
                \.result) == [.policy])
    }

    /// Each change is made to the field of a signature that passes without it.
    static let fields: [(old: String, new: String, result: DKIMResult)] = [
        ("v=1;", "v=2;", .permerror), ("v=1;", "", .permerror), ("a=ed25519-sha256;", "a=rsa-sha1;", .permerror),
        ("d=example.org;", "", .permerror),
        ("s=s1;", "", .permerror), ("h=from:from:", "h=", .permerror), ("v=1;", "v=1; i=@sub.example.org;", .fail),
        ("v=1;", "v=1; i=@other.example;", .permerror),
        ("v=1;", "v=1; i=@badexample.org;", .permerror), ("v=1;", "v=1; x=1000;", .permerror),
        ("v=1;", "v=1; x=1779999999;", .permerror),
        ("t=1780000000;", "t=1000; x=1001;", .fail), ("v=1;", "v=1; l=5;", .policy), ("v=1;", "v=1; l=99999;", .fail),
        ("v=1;", "v=1; l=x;", .permerror),
        ("v=1;", "v=1; q=dns/other;", .permerror), ("c=relaxed/relaxed", "c=strict", .permerror),
        ("v=1;", "v=1; v=1;", .neutral), ("v=1;", "v;", .neutral),
        ("v=1;", "v=1; d2=x;", .fail), ("bh=", "bh=AAAA", .fail), ("bh=", "bh=!", .permerror),
    ]

    @Test(arguments: fields) func `a field that is not as it must be is no pass`(
        old: String, new: String, result: DKIMResult
    ) async throws {
        let signer = try SampleMail.signer(SampleMail.ed25519)
        let text = String(decoding: SampleMail.signed(SampleMail.plain, by: signer), as: UTF8.self)
        #expect(text.contains(old))
        let changed = text.replacing(old, with: new, maxReplacements: 1)
        #expect(await SampleMail.verify(Array(changed.utf8), SampleMail.dns(signer)).map(\.result) == [result])
    }

    @Test func `only the first ten signatures are looked at`() async throws {
        let signer = try SampleMail.signer(SampleMail.ed25519)
        let field = signer.sign(DigestedMessage(SampleMail.plain), at: SampleMail.now)
        let mail = (0..<30).flatMap { _ in field } + SampleMail.plain
        #expect(
            await SampleMail.verify(mail, SampleMail.dns(signer)).map(\.result)
                == [DKIMResult](repeating: .pass, count: 10))
    }

    @Test func `a mail without a body, and one without anything, are signed and pass`() async throws {
        let signer = try SampleMail.signer(SampleMail.ed25519)
        for mail in ["From: a@example.org\r\n\r\n", "From: a@example.org\r\n", "From: a@example.org"] {
            #expect(
                await SampleMail.verify(SampleMail.signed(Array(mail.utf8), by: signer), SampleMail.dns(signer)).map(
                    \.result) == [.pass])
        }
    }
}
