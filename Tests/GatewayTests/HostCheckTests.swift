import Desk
import MailAuth
import MailTypes
import TestKit
import Testing

@testable import Gateway

@Suite struct HostCheckTests {
    private static let host = IPAddress("192.0.2.7") ?? IPAddress(high: 0, low: 1)

    static let names: [(dns: [String: [FixedDNS.Entry]], result: ReverseName)] = [
        ([:], ReverseName(.permerror)),
        (
            ["7.2.0.192.in-addr.arpa": [.ptr("MX.example.org")], "mx.example.org": [.a("192.0.2.7")]],
            ReverseName(.pass, name: "mx.example.org")
        ),
        (
            ["7.2.0.192.in-addr.arpa": [.ptr("mx.example.org")], "mx.example.org": [.a("192.0.2.8")]],
            ReverseName(.fail)
        ),
        (["7.2.0.192.in-addr.arpa": [.ptr("gone.example.org")]], ReverseName(.fail)),
        (["7.2.0.192.in-addr.arpa": [.timeout]], ReverseName(.temperror)),
        // The fourth name is not looked at.
        (
            [
                "7.2.0.192.in-addr.arpa": [.ptr("a.example"), .ptr("b.example"), .ptr("c.example"), .ptr("d.example")],
                "d.example": [.a("192.0.2.7")],
            ], ReverseName(.fail)
        ),
    ]

    @Test(arguments: names) func `a host has the name that leads back to it`(
        dns: [String: [FixedDNS.Entry]], result: ReverseName
    ) async {
        let check = HostCheck(.init(), lookup: FixedDNS(dns))
        #expect(await check.reverseName(of: Self.host) == result)
    }

    static let greetings: [(helo: String, verdict: AuthenticationVerdict)] = [
        ("mx.example.org", .pass), ("MX.Example.ORG", .pass), ("other.example.org", .pass), ("foreign.example.org", .fail),
        ("nowhere.example.org", .fail), ("slow.example.org", .none), ("localhost", .fail), ("[192.0.2.7]", .pass),
        ("[192.0.2.8]", .fail), ("[IPv6:2001:db8::1]", .fail), ("192.0.2.7", .fail), ("", .fail), ("[", .fail),
        ("a..b", .fail),
    ]

    @Test(arguments: greetings) func `the name in EHLO leads to the host or not`(
        helo: String, verdict: AuthenticationVerdict
    ) async {
        let dns = FixedDNS([
            "other.example.org": [.a("192.0.2.1"), .a("192.0.2.7")], "foreign.example.org": [.a("192.0.2.1")],
            "slow.example.org": [.timeout],
        ])
        let check = HostCheck(.init(), lookup: dns)
        let found = await check.helo(helo, of: Self.host, known: ReverseName(.pass, name: "mx.example.org"))
        #expect(found == verdict)
    }

    static let answers: [(answer: String, only: [String], counts: Bool)] = [
        ("127.0.0.2", [], true), ("127.0.0.10", [], true), ("127.255.255.254", [], false), ("192.0.2.1", [], false),
        ("127.0.0.2", ["127.0.0.2/31"], true), ("127.0.0.3", ["127.0.0.2/31"], true),
        ("127.0.0.4", ["127.0.0.2/31"], false), ("127.255.255.254", ["127.0.0.0/8"], false),
    ]

    @Test(arguments: answers) func `an answer counts that says listed, not that the list does not answer`(
        answer: String, only: [String], counts: Bool
    ) throws {
        let list = DNSList(zone: "bl.example", score: 3, answers: only.compactMap { IPNetwork($0) })
        #expect(list.counts(try #require(IPAddress(answer))) == counts)
    }

    @Test func `a host is asked for by its octets or nibbles backwards`() throws {
        let list = DNSList(zone: "bl.example", score: 1)
        #expect(list.name(of: Self.host) == "7.2.0.192.bl.example")
        let six = try #require(IPAddress("2001:db8:1:2:3:4:567:89ab"))
        #expect(
            list.name(of: six) == "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example")
    }

    private func visit(_ listed: [String: [FixedDNS.Entry]]) -> Visit {
        var configuration = HostCheck.Configuration()
        configuration.lists = [
            DNSList(zone: "a.example", score: 3), DNSList(zone: "b.example", score: 4),
            DNSList(zone: "good.example", score: -5), DNSList(zone: "slow.example", score: 50),
        ]
        (configuration.rejectAt, configuration.quarantineAt, configuration.tagAt) = (7, 4, 2)
        return Visit(of: Self.host, check: HostCheck(configuration, lookup: FixedDNS(listed)))
    }

    static let listings: [(zones: [String], score: Int, refusal: String?, isQuarantined: Bool, dnsbl: AuthenticationVerdict)] = [
        ([], 0, nil, false, .none), (["a"], 3, nil, false, .fail), (["b"], 4, nil, true, .fail),
        (["a", "b"], 7, "Not accepted: your address 192.0.2.7 is listed by b.example", true, .fail),
        (["a", "b", "good"], 2, nil, false, .fail), (["a", "good"], -2, nil, false, .pass),
        (["good"], -5, nil, false, .pass),
    ]

    @Test(arguments: listings) func `what the lists say is added up`(
        zones: [String], score: Int, refusal: String?, isQuarantined: Bool, dnsbl: AuthenticationVerdict
    ) async {
        var dns: [String: [FixedDNS.Entry]] = ["7.2.0.192.slow.example": [.timeout]]
        for zone in zones { dns["7.2.0.192.\(zone).example"] = [.a("127.0.0.2")] }
        let visit = visit(dns)
        let judgement = await visit.judged()
        #expect(visit.knownJudgement == judgement)
        if let refusal {
            #expect(judgement == .refused(Reply(550, EnhancedStatus(5, 7, 1), refusal)))
        } else {
            #expect(judgement == .welcome)
        }
        let facts = await visit.facts(helo: "mx.example.org")
        #expect(facts.score == score)
        #expect(visit.isQuarantined(facts) == isQuarantined)
        #expect(facts.verdict(of: .dnsbl) == dnsbl)
        #expect(facts.verdict(of: .iprev) == .fail)
        #expect(facts.verdict(of: .helo) == .fail)
        #expect(facts.verdict(of: .spf) == nil)
    }
}
