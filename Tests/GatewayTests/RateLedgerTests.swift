import Desk
import Gateway
import MailTypes
import Testing

/// What the ledger of rates says, with time in the test's hand.
@Suite struct RateLedgerTests {
    private static let start = Timestamp(microseconds: 1_772_539_200_000_000)

    private static func address(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(high: 0, low: 1) }

    private static func limits(_ change: (inout RateLimits) -> Void) -> RateLimits {
        var limits = RateLimits()
        change(&limits)
        return limits
    }

    static let mails: [(host: String, at: Int, isAdmitted: Bool)] = [
        ("192.0.2.1", 0, true), ("192.0.2.1", 1, true), ("192.0.2.1", 2, true), ("192.0.2.1", 3, false),
        ("192.0.2.1", 4, false),
        // A neighbour has its own limit, but the network has one, too: six mails.
        ("192.0.2.9", 5, true), ("192.0.2.9", 6, true), ("192.0.2.9", 7, true), ("192.0.2.10", 8, false),
        ("198.51.100.1", 9, true),
        // One IPv6 host has many addresses.
        ("2001:db8:1:1::1", 10, true), ("2001:db8:1:1::2", 11, true), ("2001:db8:1:1:ffff::3", 12, true),
        ("2001:db8:1:1::4", 13, false), ("2001:db8:1:2::1", 14, true), ("2001:db8:1:3::1", 15, true),
        ("2001:db8:1:4::1", 16, true), ("2001:db8:1:5::1", 17, false), ("2001:db8:2::1", 18, true),
        // What was refused was not counted; half of the next minute later half of the three still count.
        ("192.0.2.1", 95, true), ("192.0.2.1", 96, true), ("192.0.2.1", 97, false), ("192.0.2.1", 300, true),
    ]

    @Test func `a host and its network have as much as their limits allow, whatever they try beyond`() {
        var ledger = RateLedger(
            limits: Self.limits {
                $0.mails = RateLimit(3, in: .seconds(60))
                $0.networkFactor = 2
            })
        for row in Self.mails {
            let now = Self.start + .seconds(row.at)
            #expect(ledger.admits(.mail, of: Self.address(row.host), at: now) == row.isAdmitted, "\(row)")
        }
    }

    @Test func `in no stretch of time is there more than the limit and what counts of the stretch before`() {
        var ledger = RateLedger(limits: Self.limits { $0.mails = RateLimit(10, in: .seconds(60)) })
        var admitted: [Int] = []
        for second in 0..<600
        where ledger.admits(.mail, of: Self.address("192.0.2.1"), at: Self.start + .seconds(second)) {
            admitted.append(second)
        }
        for start in 0..<540 { #expect(admitted.filter { (start..<start + 60).contains($0) }.count <= 11) }
        #expect(admitted.count >= 95)
    }

    @Test func `without a limit, and by a clock that is put back, nobody is refused for good`() {
        var open = RateLedger(limits: Self.limits { $0.mails = nil })
        let host = Self.address("192.0.2.1")
        for _ in 0..<10_000 { #expect(open.admits(.mail, of: host, at: Self.start) == true) }
        var ledger = RateLedger(limits: Self.limits { $0.mails = RateLimit(2, in: .seconds(60)) })
        let admissions = [0, 1, -3600, 3600].map { ledger.admits(.mail, of: host, at: Self.start + .seconds($0)) }
        #expect(admissions == [true, true, false, true])
    }

    static let delays = [0, 0, 0, 1, 2, 4, 8, 16, 20, 20]

    @Test func `each unknown recipient takes longer, and beyond the limit the host learns nothing of any`() {
        var ledger = RateLedger(limits: Self.limits { $0.unknownRecipients = RateLimit(10, in: .seconds(3600)) })
        let host = Self.address("203.0.113.5")
        for seconds in Self.delays {
            #expect(!ledger.isGuessing(host, at: Self.start))
            #expect(ledger.askedForUnknown(from: host, at: Self.start) == .seconds(seconds))
        }
        #expect(ledger.isGuessing(host, at: Self.start))
        #expect(!ledger.isGuessing(Self.address("203.0.113.6"), at: Self.start))
        #expect(!ledger.isGuessing(host, at: Self.start + .seconds(7200)))
    }

    @Test func `failed logins are answered later each time, then the host is banned, each time for longer`() {
        var ledger = RateLedger(limits: Self.limits { $0.loginFailures = RateLimit(4, in: .seconds(600)) })
        let host = Self.address("203.0.113.5")
        var now = Self.start
        for minutes in [10, 20, 40] {
            for (number, seconds) in [1, 2, 4].enumerated() {
                let penalty = ledger.failedLogin(from: host, credential: number, at: now)
                #expect(penalty == .init(delay: .seconds(seconds)))
                #expect(ledger.ban(of: host, at: now) == nil)
            }
            let last = ledger.failedLogin(from: host, credential: nil, at: now)
            let until = now + .seconds(minutes * 60)
            #expect(last == .init(delay: .seconds(8), bannedUntil: until))
            #expect(ledger.ban(of: host, at: until - .seconds(1)) == until)
            #expect(ledger.ban(of: Self.address("203.0.113.6"), at: now) == nil)
            now = until
            #expect(ledger.ban(of: host, at: now) == nil)
        }
        now = now + .seconds(2 * 86400)
        for _ in 0..<3 { _ = ledger.failedLogin(from: host, credential: nil, at: now) }
        let again = ledger.failedLogin(from: host, credential: nil, at: now)
        #expect(again.bannedUntil == now + .seconds(600))
    }

    @Test func `failures in a row count together, wherever the clock is`() {
        for seconds in stride(from: Int64(0), to: 600, by: 7) {
            var ledger = RateLedger(limits: Self.limits { $0.loginFailures = RateLimit(3, in: .seconds(600)) })
            let (host, now) = (Self.address("203.0.113.5"), Self.start + .seconds(seconds))
            for number in 0..<2 as Range<Int64> {
                #expect(ledger.failedLogin(from: host, credential: nil, at: now + .seconds(number * 10)).bannedUntil == nil)
            }
            #expect(ledger.failedLogin(from: host, credential: nil, at: now + .seconds(20)).bannedUntil != nil, "\(seconds)")
        }
    }

    @Test func `an old password, tried again and again, brings no ban`() {
        var ledger = RateLedger(limits: Self.limits { $0.loginFailures = RateLimit(3, in: .seconds(600)) })
        let host = Self.address("203.0.113.5")
        for _ in 0..<100 { #expect(ledger.failedLogin(from: host, credential: 7, at: Self.start).bannedUntil == nil) }
        #expect(ledger.failedLogin(from: host, credential: 8, at: Self.start).bannedUntil == nil)
        #expect(ledger.failedLogin(from: host, credential: 9, at: Self.start).bannedUntil != nil)
    }

    @Test func `guesses that come from all over a network ban the network`() {
        var ledger = RateLedger(
            limits: Self.limits {
                $0.loginFailures = RateLimit(3, in: .seconds(600))
                $0.networkFactor = 2
            })
        for number in 1...6 {
            _ = ledger.failedLogin(from: Self.address("203.0.113.\(number)"), credential: nil, at: Self.start)
        }
        #expect(ledger.ban(of: Self.address("203.0.113.200"), at: Self.start) != nil)
        #expect(ledger.ban(of: Self.address("203.0.114.200"), at: Self.start) == nil)
    }

    @Test func `an account submits as much as its limits allow`() {
        var ledger = RateLedger(
            limits: Self.limits {
                $0.accountMails = RateLimit(2, in: .seconds(3600))
                $0.accountRecipients = nil
            })
        let (ann, ben) = (AgentID(rawValue: 1), AgentID(rawValue: 2))
        #expect((0..<3).map { _ in ledger.admits(.mail, of: ann, at: Self.start) } == [true, true, false])
        #expect(ledger.admits(.mail, of: ben, at: Self.start) == true)
        for _ in 0..<50 { #expect(ledger.admits(.recipient, of: ann, at: Self.start) == true) }
    }

    @Test func `however many hosts come, a bounded number is remembered, the last of them`() {
        var ledger = RateLedger(
            limits: Self.limits {
                $0.mails = RateLimit(1, in: .seconds(3600))
                $0.loginFailures = RateLimit(1, in: .seconds(3600))
                $0.networkFactor = 1000
                $0.trackedKeys = 1000
            })
        for number in UInt64(0)..<20_000 {
            let host = IPAddress(high: 0x2001_0DB8_0000_0000 | number << 16, low: 0)
            #expect(ledger.admits(.mail, of: host, at: Self.start) == true)
            _ = ledger.failedLogin(from: host, credential: nil, at: Self.start)
        }
        #expect(ledger.trackedKeys <= 1100)
        let last = IPAddress(high: 0x2001_0DB8_0000_0000 | 19_999 << 16, low: 5)
        #expect(ledger.admits(.mail, of: last, at: Self.start) == false)
        let first = IPAddress(high: 0x2001_0DB8_0000_0000, low: 5)
        #expect(ledger.admits(.mail, of: first, at: Self.start) == true)
    }

    @Test func `what happens to a host is written down once a minute`() {
        var ledger = RateLedger(limits: RateLimits())
        let host = Self.address("203.0.113.5")
        let noted = [0, 1, 59, 60, 61].map { ledger.mustNote(host, at: Self.start + .seconds($0)) }
        #expect(noted == [true, false, false, true, false])
    }
}
