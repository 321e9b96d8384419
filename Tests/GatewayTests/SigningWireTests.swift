import Gateway
import MailAuth
import MailTypes
import OpenSSL
import TestKit
import Testing

@Suite struct SigningWireTests {
    private struct Pieces: OutgoingContent {
        let pieces: [String]
        func piece(_ index: Int) async throws -> [UInt8]? { index < pieces.count ? Array(pieces[index].utf8) : nil }
    }

    private func deliver(_ pieces: [String], ring: SignerRing) async throws -> (content: String, size: Int) {
        let wire = ScriptedWire()
        let size = pieces.joined().utf8.count
        let mail = OutgoingMail(
            submission: SubmissionID(rawValue: 1), reversePath: nil, isEightBit: false, needsSMTPUTF8: false,
            size: size,
            content: Pieces(pieces: pieces))
        let attempts = await SigningWire(
            wire, ring: ring, clock: ManualClock(), hostname: domainName("mx.acme.example")
        ).deliver(
            mail, to: [emailAddress("jan@customer.example")])
        #expect(attempts.count == 1)
        let call = try #require(wire.calls.first)
        return (call.content, call.mail.size)
    }

    private func signer(_ selector: String, _ key: SigningKey) throws -> DKIMSigner {
        try #require(DKIMSigner(domain: domainName("acme.example"), selector: selector, key: key))
    }

    @Test func `what leaves is signed for its author's domain, by the key that is set now`() async throws {
        let (first, second) = (try signer("s1", .generateEd25519()), try signer("s2", .generateRSA()))
        let dns = FixedDNS([first.recordName: [.txt(first.record)], second.recordName: [.txt(second.record)]])
        let ring = SignerRing([first.domain: first])
        let pieces = ["From: Help <help@acme.example>\r\nSubject: Re: Parcel\r\n\r\n", "Line  one\r\n", "Line two\r\n"]
        for (signer, selector) in [(first, "s1"), (second, "s2")] {
            ring.replace([signer.domain: signer])
            let (content, size) = try await deliver(pieces, ring: ring)
            #expect(content.hasPrefix("DKIM-Signature: ") && content.hasSuffix(pieces.joined()))
            #expect(size == content.utf8.count)
            let verdicts = await DKIMVerification(
                DigestedMessage(Array(content.utf8)), lookup: dns, now: ManualClock().now
            ).run()
            #expect(verdicts.map(\.result) == [.pass])
            #expect(verdicts.map(\.selector) == [selector])
        }
    }

    @Test func `what is converted to 7 bit is converted first and signed then`() async throws {
        let signer = try signer("s1", .generateEd25519())
        let dns = FixedDNS([signer.recordName: [.txt(signer.record)]])
        let pieces = [
            "From: Help <help@acme.example>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Transfer-Encoding: 8bit\r\n\r\n",
            "Zażółć\r\n", "gęślą jaźń\r\n",
        ]
        for isSigned in [true, false] {
            let wire = ScriptedWire()
            let mail = OutgoingMail(
                submission: SubmissionID(rawValue: 1), reversePath: nil, isEightBit: true, needsSMTPUTF8: false, size: 1,
                content: Pieces(pieces: pieces))
            let ring = SignerRing(isSigned ? [signer.domain: signer] : [:])
            _ = await SigningWire(wire, ring: ring, clock: ManualClock(), hostname: domainName("mx.acme.example")).deliver(
                mail, to: [emailAddress("jan@customer.example")])
            let content = try #require(try await wire.calls.first?.mail.content.downgraded(.body))
            // A retry reads it again.
            for _ in 1...2 {
                var octets: [UInt8] = []
                var index = 0
                while let piece = try await content.piece(index) {
                    octets += piece
                    index += 1
                }
                #expect(octets.allSatisfy { $0 < 0x80 })
                #expect(String(decoding: octets, as: UTF8.self).contains("Za=C5=BC=C3=B3=C5=82=C4=87\r\n"))
                let verdicts = await DKIMVerification(DigestedMessage(octets), lookup: dns, now: ManualClock().now).run()
                #expect(verdicts.map(\.result) == (isSigned ? [.pass] : []))
            }
        }
    }

    @Test func `a domain without a key, and a mail without an author, leave as they are`() async throws {
        let ring = SignerRing([domainName("acme.example"): try signer("s1", .generateEd25519())])
        for header in ["From: a@other.example\r\n\r\n", "Subject: none\r\n\r\n", ""] {
            #expect(try await deliver([header, "body\r\n"], ring: ring).content == header + "body\r\n")
        }
    }

    private static let found =
        "Authentication-Results: mx.acme.example;\r\n spf=pass smtp.mailfrom=customer.example;\r\n dkim=none"

    /// What was found out about a mail that is passed on, and the seal's `cv`; `nil`: it is not sealed.
    static let passed: [(fields: String, validation: String?)] = [
        (found + "\r\n", "none"), (found.replacing("mx.acme", with: "MX.Acme") + "\r\n", "none"), ("", nil),
        (found + ";\r\n arc=temperror\r\n", nil), (found.replacing("mx.acme", with: "mx.other") + "\r\n", nil),
        ("Authentication-Results: mx.acme.example; iprev=fail\r\n", nil),
    ]

    @Test(arguments: passed) func `what others wrote is sealed with what was found out, and never signed as ours`(
        fields: String, validation: String?
    ) async throws {
        let signer = try signer("s1", .generateEd25519())
        let dns = FixedDNS([signer.recordName: [.txt(signer.record)]])
        let ring = SignerRing([signer.domain: signer])
        // Somebody claims to be us.
        let pieces = [fields + "From: Help <help@acme.example>\r\nSubject: x\r\n\r\n", "Line\r\n"]
        var mail = OutgoingMail(
            submission: SubmissionID(rawValue: 1), reversePath: emailAddress("help+1@acme.example"), isEightBit: false,
            needsSMTPUTF8: false, size: 1, content: Pieces(pieces: pieces))
        mail.isPassedOn = true
        let wire = ScriptedWire()
        _ = await SigningWire(
            wire, ring: ring, clock: ManualClock(), hostname: domainName("mx.acme.example")
        ).deliver(mail, to: [emailAddress("jan@customer.example")])
        let content = try #require(wire.calls.first?.content)
        #expect(!content.contains("DKIM-Signature") && content.hasSuffix(pieces.joined()))
        guard let validation else {
            #expect(content == pieces.joined())
            return
        }
        #expect(content.hasPrefix("ARC-Seal: i=1; cv=\(validation); "), "\(content)")
        let verdict = await ARCVerification(DigestedMessage(Array(content.utf8)), lookup: dns).run()
        #expect(verdict.result == .pass && verdict.sealers == ["acme.example"], "\(verdict)")
        #expect(verdict.lastResults?.results.first?.property("smtp.mailfrom") == "customer.example")
    }

    @Test func `a chain is continued as it was found on arrival`() async throws {
        let signer = try signer("s1", .generateEd25519())
        let dns = FixedDNS([signer.recordName: [.txt(signer.record)]])
        let ring = SignerRing([signer.domain: signer])
        var header = "From: Jan <jan@customer.example>\r\n\r\n"
        for (arrival, result) in [("", ARCResult.pass), (";\r\n arc=pass", .pass), (";\r\n arc=fail", .fail)] {
            let wire = ScriptedWire()
            var mail = OutgoingMail(
                submission: SubmissionID(rawValue: 1), reversePath: emailAddress("help@acme.example"), isEightBit: false,
                needsSMTPUTF8: false, size: 1, content: Pieces(pieces: [Self.found + arrival + "\r\n" + header, "x\r\n"]))
            mail.isPassedOn = true
            _ = await SigningWire(
                wire, ring: ring, clock: ManualClock(), hostname: domainName("mx.acme.example")
            ).deliver(mail, to: [emailAddress("jan@customer.example")])
            let content = try #require(wire.calls.first?.content)
            let verdict = await ARCVerification(DigestedMessage(Array(content.utf8)), lookup: dns).run()
            #expect(verdict.result == result, "\(arrival): \(verdict)")
            header = String(content.dropLast(2))
        }
    }
}
