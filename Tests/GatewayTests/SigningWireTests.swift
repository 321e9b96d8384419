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
        let attempts = await SigningWire(wire, ring: ring, clock: ManualClock()).deliver(
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
            _ = await SigningWire(wire, ring: ring, clock: ManualClock()).deliver(
                mail, to: [emailAddress("jan@customer.example")])
            let content = try #require(try await wire.calls.first?.mail.content.sevenBit())
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
}
