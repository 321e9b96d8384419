import Foundation
import Glibc
import MailAuth
import MailFormat
import MailTypes
import OpenSSL
import TestKit
import Testing

/// rspamd's opinion of the same mails, and of ours; and our opinion of its signatures.
@Suite(.timeLimit(.minutes(5)), .enabled(if: access("/usr/bin/rspamd", X_OK) == 0, "needs rspamd")) struct RspamdTests {
    private struct Mail: Encodable {
        var ip: String
        var helo = "mail.sender.org"
        var from: String
        var content: String
        var sign = false
    }

    /// A mail: who wrote it, who sent it, from which host, who signed it, and whether it was changed on the way.
    struct Row: Sendable {
        var author: String
        var sender: String
        var isOwnHost = true
        var signer: String?
        var isChanged = false
        var result: DMARCResult
        var disposition = DMARCRecord.Policy.none
    }

    static let rows: [Row] = [
        Row(author: "strict.org", sender: "strict.org", result: .pass),
        Row(author: "strict.org", sender: "strict.org", isOwnHost: false, result: .fail, disposition: .reject),
        Row(author: "strict.org", sender: "other.org", result: .fail, disposition: .reject),
        Row(author: "strict.org", sender: "bounces.strict.org", result: .pass),
        Row(author: "strict.org", sender: "other.org", signer: "strict.org", result: .pass),
        Row(author: "strict.org", sender: "other.org", signer: "other.org", result: .fail, disposition: .reject),
        Row(author: "strict.org", sender: "other.org", signer: "strict.org", isChanged: true, result: .fail, disposition: .reject),
        Row(author: "news.strict.org", sender: "other.org", signer: "strict.org", result: .pass),
        Row(author: "news.strict.org", sender: "other.org", result: .fail, disposition: .quarantine),
        Row(author: "soft.org", sender: "other.org", result: .fail, disposition: .quarantine),
        Row(author: "watching.org", sender: "other.org", result: .fail),
        Row(author: "exact.org", sender: "a.exact.org", result: .fail, disposition: .reject),
        Row(author: "a.exact.org", sender: "a.exact.org", signer: "a.exact.org", result: .pass),
        Row(author: "other.org", sender: "other.org", result: .none),
    ]

    private static let texts: [String: String] = {
        var texts = [
            "_dmarc.strict.org": "v=DMARC1; p=reject; sp=quarantine", "_dmarc.soft.org": "v=DMARC1; p=quarantine",
            "_dmarc.watching.org": "v=DMARC1; p=none", "_dmarc.exact.org": "v=DMARC1; p=reject; adkim=s; aspf=s",
        ]
        for name in ["strict", "bounces.strict", "news.strict", "soft", "watching", "a.exact", "exact", "other"] {
            texts["\(name).org"] = "v=spf1 ip4:192.0.2.1 -all"
        }
        for domain in ["strict.org", "other.org", "a.exact.org"] {
            if let signer = try? SampleMail.signer(SampleMail.rsa, domain: domain) {
                texts[signer.recordName] = signer.record
            }
        }
        return texts
    }()

    private static func content(_ row: Row) throws -> [UInt8] {
        let plain = SampleMail.octets([
            "From: Jan Kowalski <jan@\(row.author)>", "To: help@acme.example", "Subject: Where is my parcel?",
            "Date: Wed, 25 Nov 2026 12:00:00 +0000", "Message-ID: <1@\(row.author)>", "", "Number 4711.",
        ])
        guard let domain = row.signer else { return plain }
        let signed = SampleMail.signed(plain, by: try SampleMail.signer(SampleMail.rsa, domain: domain))
        return row.isChanged ? Array(String(decoding: signed, as: UTF8.self).replacing("4711", with: "4712").utf8) : signed
    }

    /// What rspamd calls a result.
    private static func symbol(_ row: Row) -> String {
        switch (row.result, row.disposition) {
        case (.pass, _): "DMARC_POLICY_ALLOW"
        case (.fail, .reject): "DMARC_POLICY_REJECT"
        case (.fail, .quarantine): "DMARC_POLICY_QUARANTINE"
        case (.fail, .none): "DMARC_POLICY_SOFTFAIL"
        case (.none, _), (.temperror, _), (.permerror, _): "DMARC_NA"
        }
    }

    /// What rspamd says of each mail.
    private static func ask(_ mails: [Mail]) throws -> [[String]] {
        let records = texts.map { name, text in
            // A string of a record has at most 255 octets.
            let strings = stride(from: 0, to: text.count, by: 200).map { "\"\(text.dropFirst($0).prefix(200))\"" }
            return "\(name.dropLast(4)) TXT \(strings.joined(separator: " "))"
        }
        let names = try NameServer([.init("org", records)])
        let folder = TemporaryDirectory()
        let key = folder.write(SampleMail.rsa.pem, to: "key.pem")
        chmod(folder.path, 0o755)
        let program = try #require(Bundle.module.path(forResource: "rspamd", ofType: "py", inDirectory: "Fixtures"))
        let said = try ExternalTool.mustRun(
            ["python3", program, "\(names.port)", key, "s1"], input: Array(try JSONEncoder().encode(mails)))
        return try withExtendedLifetime(names) { try JSONDecoder().decode([[String]].self, from: Data(said.utf8)) }
    }

    @Test func `rspamd and we come to the same verdict by SPF, DKIM and DMARC`() async throws {
        let mails = try Self.rows.map { row in
            Mail(
                ip: row.isOwnHost ? "192.0.2.1" : "198.51.100.1", from: "jan@\(row.sender)",
                content: String(decoding: try Self.content(row), as: UTF8.self))
        }
        let theirs = try Self.ask(mails)
        let dns = FixedDNS(Self.texts.mapValues { [.txt($0)] })
        for (index, row) in Self.rows.enumerated() {
            let message = DigestedMessage(try Self.content(row))
            let request = SPFRequest(
                client: try #require(IPAddress(mails[index].ip)), helo: "mail.sender.org", reversePath: ("jan", row.sender),
                receiver: "mx", seconds: 0)
            var check = SPFCheck(request, lookup: dns)
            let spf = await check.run()
            let dkim = await DKIMVerification(message, lookup: dns, now: SampleMail.now).run()
            let verdict = await DMARCEvaluation(lookup: dns, spf: spf, dkim: dkim)
                .run(authors: [try #require(DomainName(row.author))])
            #expect(verdict.result == row.result && verdict.disposition == row.disposition, "\(row): \(verdict)")
            let symbols = theirs[index]
            #expect(symbols.contains(Self.symbol(row)), "\(row): \(symbols)")
            #expect(symbols.contains("R_SPF_ALLOW") == (spf.result == .pass), "\(row): \(symbols)")
            #expect(symbols.contains("R_DKIM_ALLOW") == (dkim.first?.result == .pass), "\(row): \(symbols)")
        }
    }

    @Test func `what rspamd signs passes here`() async throws {
        let row = Row(author: "strict.org", sender: "strict.org", result: .pass)
        let plain = try Self.content(row)
        let field = try #require(
            try Self.ask([
                Mail(ip: "192.0.2.1", from: "jan@strict.org", content: String(decoding: plain, as: UTF8.self), sign: true)
            ]).first?.first)
        let signed =
            Array("DKIM-Signature: \(field.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n"))\r\n".utf8) + plain
        let dns = FixedDNS(Self.texts.mapValues { [.txt($0)] })
        let dkim = await DKIMVerification(DigestedMessage(signed), lookup: dns, now: SampleMail.now).run()
        #expect(dkim.map(\.result) == [.pass], "\(dkim) \(String(decoding: signed, as: UTF8.self))")
        let verdict = await DMARCEvaluation(lookup: dns, spf: nil, dkim: dkim)
            .run(authors: [try #require(DomainName("strict.org"))])
        #expect(verdict.result == .pass)
    }
}
