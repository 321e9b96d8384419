import MailAuth
import MailTypes
import TestKit
import Testing

@Suite struct DMARCTests {
    private static let zone: [String: [FixedDNS.Entry]] = [
        "_dmarc.example.org": [.txt("v=DMARC1; p=reject; sp=quarantine; np=reject")], "example.org": [.a("192.0.2.1")],
        "sub.example.org": [.a("192.0.2.1")], "own.example.org": [.a("192.0.2.1")],
        "_dmarc.own.example.org": [.txt("v=DMARC1; p=none")],
        "_dmarc.strict.example": [.txt("v=DMARC1;p=quarantine;adkim=s;aspf=s")],
        "_dmarc.test.example": [.txt("v=DMARC1; p=reject; t=y")],
        "_dmarc.quiet.example": [.txt("v=DMARC1; p=quarantine; t=y")],
        "_dmarc.two.example": [.txt("v=DMARC1; p=reject"), .txt("v=DMARC1; p=none")],
        "_dmarc.broken.example": [.txt("v=DMARC1; p=whatever")],
        "_dmarc.report.example": [.txt("v=DMARC1; p=whatever; rua=mailto:a@b.example")],
        "_dmarc.bare.example": [.txt("v=DMARC1")], "_dmarc.late.example": [.timeout],
        "_dmarc.lower.example": [.txt("v=dmarc1; p=reject")],
        "_dmarc.bank": [.txt("v=DMARC1; p=reject; psd=y; np=reject; sp=quarantine")],
        "mail.one.bank": [.a("192.0.2.1")], "one.bank": [.a("192.0.2.1")],
        "_dmarc.two.bank": [.txt("v=DMARC1; p=none")], "_dmarc.island.sea.example": [.txt("v=DMARC1; p=reject; psd=n")],
        "_dmarc.sea.example": [.txt("v=DMARC1; p=reject")], "a.island.sea.example": [.a("192.0.2.1")],
        "_dmarc.c.d.e.f.g.h.example": [.txt("v=DMARC1; p=reject")], "a.b.c.d.e.f.g.h.example": [.a("192.0.2.1")],
        "_dmarc.spaced.example": [.txt(" v = DMARC1 ; P = Reject ;; foo ; x=y")],
    ]

    /// SPF and DKIM: the domain that passes; `-` stands for none.
    static let rows:
        [(author: String, spf: String, dkim: String, result: DMARCResult, disposition: DMARCRecord.Policy)] = [
            ("example.org", "example.org", "-", .pass, .none), ("example.org", "-", "example.org", .pass, .none),
            ("example.org", "-", "-", .fail, .reject), ("example.org", "evil.example", "evil.example", .fail, .reject),
            ("example.org", "bounces.example.org", "-", .pass, .none),
            ("sub.example.org", "-", "example.org", .pass, .none),
            ("sub.example.org", "-", "-", .fail, .quarantine), ("gone.example.org", "-", "-", .fail, .reject),
            ("own.example.org", "-", "-", .fail, .none), ("own.example.org", "-", "example.org", .pass, .none),
            ("example.org", "-", "notexample.org", .fail, .reject),
            ("strict.example", "-", "strict.example", .pass, .none),
            ("strict.example", "-", "a.strict.example", .fail, .quarantine),
            ("strict.example", "a.strict.example", "-", .fail, .quarantine),
            ("test.example", "-", "-", .fail, .quarantine), ("quiet.example", "-", "-", .fail, .none),
            ("two.example", "-", "-", .none, .none),
            ("broken.example", "-", "-", .none, .none), ("report.example", "-", "-", .fail, .none),
            ("bare.example", "-", "-", .fail, .none),
            ("late.example", "-", "-", .temperror, .none), ("lower.example", "-", "-", .none, .none),
            ("nothing.example", "-", "-", .none, .none),
            ("one.bank", "-", "-", .fail, .quarantine), ("mail.one.bank", "-", "one.bank", .pass, .none),
            ("mail.one.bank", "-", "other.bank", .fail, .quarantine),
            ("gone.bank", "-", "-", .fail, .reject), ("two.bank", "-", "-", .fail, .none),
            ("bank", "-", "-", .fail, .reject),
            ("a.island.sea.example", "-", "island.sea.example", .pass, .none),
            ("a.island.sea.example", "-", "sea.example", .fail, .reject),
            ("sea.example", "-", "island.sea.example", .fail, .reject),
            ("a.b.c.d.e.f.g.h.example", "-", "c.d.e.f.g.h.example", .pass, .none),
            ("spaced.example", "-", "-", .fail, .reject),
        ]

    @Test(arguments: rows) func `the author's domain stands behind a mail that aligns with it`(
        author: String, spf: String, dkim: String, result: DMARCResult, disposition: DMARCRecord.Policy
    ) async throws {
        let evaluation = DMARCEvaluation(
            lookup: FixedDNS(Self.zone),
            spf: SPFVerdict(spf == "-" ? .fail : .pass, identity: .mailFrom, domain: spf == "-" ? author : spf),
            dkim: [DKIMVerdict(dkim == "-" ? .fail : .pass, signingDomain: dkim == "-" ? author : dkim)])
        let verdict = await evaluation.run(authors: [try #require(DomainName(author))])
        #expect(verdict.result == result)
        #expect(verdict.disposition == disposition)
    }

    @Test func `of several authors the worst counts, and of none nothing can be said`() async throws {
        let evaluation = DMARCEvaluation(
            lookup: FixedDNS(Self.zone), spf: nil, dkim: [DKIMVerdict(.pass, signingDomain: "nothing.example")])
        let names = try ["nothing.example", "example.org"].map { try #require(DomainName($0)) }
        let both = await evaluation.run(authors: names)
        #expect(both.result == .fail && both.authorDomain == "example.org" && both.disposition == .reject)
        #expect(await evaluation.run(authors: []).result == .permerror)
        let many = try (0..<4).map { try #require(DomainName("n\($0).example")) }
        #expect(await evaluation.run(authors: many).result == .permerror)
    }

    @Test func `a check that is open keeps a mail from failing`() async throws {
        let author = try #require(DomainName("example.org"))
        for (spf, dkim) in [(SPFResult.temperror, DKIMResult.fail), (.fail, .temperror)] {
            let evaluation = DMARCEvaluation(
                lookup: FixedDNS(Self.zone), spf: SPFVerdict(spf, identity: .mailFrom, domain: "example.org"),
                dkim: [DKIMVerdict(dkim, signingDomain: "example.org")])
            let verdict = await evaluation.run(authors: [author])
            #expect(verdict.result == .temperror && verdict.disposition == .none)
        }
    }
}
