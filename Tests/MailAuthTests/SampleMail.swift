import MailAuth
import MailFormat
import MailTypes
import OpenSSL
import TestKit

/// Mails and keys that the tests of this target share.
enum SampleMail {
    static func octets(_ lines: [String]) -> [UInt8] { Array((lines.joined(separator: "\r\n") + "\r\n").utf8) }

    static let plain = octets([
        "From: Jan Kowalski <jan@example.org>", "To: help@acme.example", "Subject:  Where   is my parcel?\t",
        "Date: Wed, 25 Nov 2026 12:00:00 +0000", "Message-ID: <1@example.org>", "",
        "Ordered  on \t Monday.   ", "", "Number 4711.", "", "",
    ])

    static let rsa = SigningKey.generateRSA(bits: 2048)
    static let ed25519 = SigningKey.generateEd25519()
    static let now = Timestamp(seconds: 1_780_000_000)

    static func signer(_ key: SigningKey, domain: String = "example.org", selector: String = "s1") throws -> DKIMSigner
    {
        try Require.value(DomainName(domain).flatMap { DKIMSigner(domain: $0, selector: selector, key: key) })
    }

    static func dns(_ signers: DKIMSigner...) -> FixedDNS {
        FixedDNS(Dictionary(uniqueKeysWithValues: signers.map { ($0.recordName, [.txt($0.record)]) }))
    }

    static func verify(_ octets: [UInt8], _ dns: FixedDNS, at now: Timestamp = SampleMail.now) async -> [DKIMVerdict] {
        await DKIMVerification(DigestedMessage(octets), lookup: dns, now: now).run()
    }

    static func signed(_ octets: [UInt8], by signer: DKIMSigner) -> [UInt8] {
        signer.sign(DigestedMessage(octets), at: now) + octets
    }
}

enum Require {
    struct Missing: Error {}
    static func value<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Missing() }
        return value
    }
}
