import MailAuth
import MailTypes
import TestKit
import Testing

@testable import Gateway

/// Greylisting as a pure decision over what is known.
@Suite struct GreylistTests {
    private static let now = Timestamp(microseconds: 1_772_539_200_000_000)
    private let greylist = Greylist(.init(), cryptography: FixedCryptography())

    private static func entry(_ age: Int, passed: Bool = false, left: Int = 100_000) -> Greylisting {
        Greylisting(
            firstAt: now - .seconds(age), passedAt: passed ? now - .seconds(60) : nil, until: now + .seconds(left))
    }

    static let month = 36 * 86400
    static let rows: [(known: Greylisting?, isDeferred: Bool, new: [Int64], passed: [Int64])] = [
        (nil, true, [1], []),
        (entry(10), true, [], []), (entry(299), true, [], []), (entry(300), false, [], [1]),
        (entry(100_000), false, [], [1]),
        // It came again too late: new again.
        (entry(200_000, left: 0), true, [1], []), (entry(200_000, passed: true, left: -1), true, [1], []),
        // Remembered for longer at most once a day.
        (entry(200_000, passed: true, left: month - 100), false, [], []),
        (entry(200_000, passed: true, left: month - 90_000), false, [], [1]),
    ]

    @Test(arguments: rows) func `mail passes when it comes again, neither too soon nor too late`(
        known: Greylisting?, isDeferred: Bool, new: [Int64], passed: [Int64]
    ) {
        let decision = greylist.decide([1], [], Self.now) { _ in known } isKnown: { _ in nil }
        #expect(decision == .init(isDeferred: isDeferred, new: new, passed: passed))
    }

    @Test func `one recipient that is new puts the mail off for all`() {
        let decision = greylist.decide([1, 2], ["a.example"], Self.now) { $0 == 1 ? Self.entry(400) : nil } isKnown: { _ in
            nil
        }
        #expect(decision == .init(isDeferred: true, new: [2], passed: [1]))
    }

    @Test func `a domain that is vouched for is known when its mail came again, and passes from then on`() {
        let first = greylist.decide([1], ["a.example"], Self.now) { _ in Self.entry(400) } isKnown: { _ in nil }
        #expect(first == .init(passed: [1], domains: ["a.example"]))
        let later = greylist.decide([9], ["a.example"], Self.now) { _ in nil } isKnown: { _ in
            Self.now + .seconds(Self.month - 10)
        }
        #expect(later == .init())
        let renewed = greylist.decide([9], ["a.example"], Self.now) { _ in nil } isKnown: { _ in
            Self.now + .seconds(86400)
        }
        #expect(renewed == .init(domains: ["a.example"]))
    }

    @Test func `a key is of network or of the domain that SPF vouches for, sender without numbers, and recipient`() throws {
        func keys(_ host: String, _ sender: String?, _ recipients: String..., domain: String? = nil) throws -> [Int64] {
            let envelope = Envelope(
                reversePath: try sender.map { try #require(EmailAddress($0)) },
                recipients: try recipients.map { try #require(EmailAddress($0)) })
            return greylist.keys(of: envelope, from: try #require(IPAddress(host)), inNameOf: domain)
        }
        let one = try keys("192.0.2.1", "list-17-ann@a.example", "help@acme.example")
        #expect(one == (try keys("192.0.2.200", "List-2049-ann@A.example", "HELP@acme.example")))
        #expect(one != (try keys("192.0.3.1", "list-17-ann@a.example", "help@acme.example")))
        #expect(one != (try keys("192.0.2.1", "list-ann@a.example", "help@acme.example")))
        #expect(one != (try keys("192.0.2.1", nil, "help@acme.example")))
        #expect(Set(try keys("192.0.2.1", nil, "help@acme.example", "info@acme.example")).count == 2)
        let vouched = try keys("192.0.2.1", "ann@a.example", "help@acme.example", domain: "a.example")
        #expect(vouched == (try keys("198.51.100.7", "ann@a.example", "help@acme.example", domain: "a.example")))
        #expect(vouched != (try keys("198.51.100.7", "ann@a.example", "help@acme.example")))
    }
}
