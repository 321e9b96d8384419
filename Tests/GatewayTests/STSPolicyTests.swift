import Gateway
import Logging
import MailTypes
import Synchronization
import TestKit
import Testing

/// Policies for TLS that domains publish (RFC 8461).
@Suite struct STSPolicyTests {
    static let texts: [(text: String, mode: STSPolicy.Mode?)] = [
        ("version: STSv1\r\nmode: enforce\r\nmx: mx.c.example\r\nmax_age: 604800\r\n", .enforce),
        ("version:STSv1\nmode:testing\nmx:*.c.example\nmax_age:1\nnew_key: x\n", .testing),
        ("version: STSv1\nmode: none\nmax_age: 86400\n", STSPolicy.Mode.none),
        ("version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1\n", nil),
        ("version: STSv1\nmode: enforce\nmax_age: 1\n", nil), ("version: STSv1\nmode: enforce\nmx: a.example\n", nil),
        ("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1\n", nil), ("<html>", nil), ("", nil),
    ]

    @Test(arguments: texts) func `a policy is read as it is written, and nothing else is one`(
        text: String, mode: STSPolicy.Mode?
    ) { #expect(STSPolicy(text)?.mode == mode) }

    static let hosts: [(pattern: String, host: String, isNamed: Bool)] = [
        ("mx.c.example", "MX.c.example", true), ("mx.c.example", "mx2.c.example", false),
        ("*.c.example", "mx.c.example", true), ("*.c.example", "c.example", false),
        ("*.c.example", "a.mx.c.example", false), ("*c.example", "mxc.example", false),
    ]

    @Test(arguments: hosts) func `a star stands for one label`(pattern: String, host: String, isNamed: Bool) throws {
        let policy = STSPolicy(mode: .enforce, exchangers: [pattern], maximumAge: .seconds(1))
        #expect(policy.names(try #require(DomainName(host))) == isNamed)
    }

    static let records: [(records: [String], id: String?)] = [
        (["v=STSv1; id=20260301T00;"], "20260301T00"), (["v=STSv1;id=a"], "a"), (["v=spf1 -all", "v=STSv1; id=b"], "b"),
        (["v=STSv1; id=a", "v=STSv1; id=b"], nil), (["v=STSv1"], nil), (["v=STSv1; id=a-b"], nil), (["v=STSv10; id=a"], nil),
        ([], nil),
    ]

    @Test(arguments: records) func `one record tells the id of the policy`(records: [String], id: String?) {
        #expect(STSPolicy.id(in: records) == id)
    }

    @Test func `a policy leaves out whom it does not name, and has the others show who they are`() throws {
        let domain = try #require(DomainName("c.example"))
        func plan(_ mode: STSPolicy.Mode, _ patterns: [String]) throws -> ExchangerPlan {
            var plan = try ExchangerPlan(
                domain,
                DNSAnswer(records: [
                    MailExchanger(preference: 1, host: "evil.example"), MailExchanger(preference: 2, host: "mx.c.example"),
                ]), ownName: try #require(DomainName("mx.acme.example")), shuffle: { _ in })
            for host in plan.hosts { plan.receivedAddresses([IPAddress(high: 0, low: 0xFFFF_C000_0201)], of: host) }
            plan.apply(STSPolicy(mode: mode, exchangers: patterns, maximumAge: .seconds(1)))
            return plan
        }
        let enforced = try plan(.enforce, ["mx.c.example"]).hops()
        #expect(enforced.map(\.host.ascii) == ["mx.c.example"] && enforced.first?.security == .verified)
        #expect(try plan(.testing, ["mx.c.example"]).hops().map(\.security) == [.opportunistic, .opportunistic])
        let failure = #expect(throws: DeliveryFailure.self) { try plan(.enforce, ["other.example"]).hops() }
        #expect(failure?.isTransient == true)
        var unproven = try plan(.testing, [])
        unproven.requireTLS()
        let refused = #expect(throws: DeliveryFailure.self) { try unproven.hops() }
        #expect(refused?.status == EnhancedStatus(5, 7, 30))
    }

    /// A name system with one TXT record, and a web server that gives one text; both count.
    private final class World: ExchangerLookup, STSPolicyFetching {
        struct Down: Error {}
        let record: Mutex<String?>
        let text: Mutex<String?>
        let fetches = Atomic(0)
        init(_ record: String?, _ text: String?) {
            self.record = Mutex(record)
            self.text = Mutex(text)
        }

        func exchangers(of domain: String) async throws(LookupFailure) -> DNSAnswer<MailExchanger> { DNSAnswer(records: []) }
        func addresses(of host: String, _ family: IPAddress.Family) async throws(LookupFailure) -> DNSAnswer<IPAddress> {
            DNSAnswer(records: [])
        }
        func associations(_ name: String) async throws(LookupFailure) -> DNSAnswer<TLSAssociation> { DNSAnswer(records: []) }
        func texts(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> {
            guard name == "_mta-sts.c.example", let record = record.withLock({ $0 }) else { throw LookupFailure(.timedOut) }
            return DNSAnswer(records: [record])
        }
        func policy(of domain: DomainName) async throws -> String {
            fetches.add(1, ordering: .relaxed)
            guard let text = text.withLock({ $0 }) else { throw Down() }
            return text
        }
    }

    @Test func `a policy outlives restarts and an attacker who keeps its renewal away`() async throws {
        try await DeskFixture.run { desk in
            let domain = try #require(DomainName("c.example"))
            let world = World("v=STSv1; id=1", "version: STSv1\nmode: enforce\nmx: mx.c.example\nmax_age: 10000\n")
            func policies() -> STSPolicies {
                STSPolicies(
                    lookup: world, fetching: world, store: desk.store, clock: desk.clock,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            }
            let first = policies()
            for _ in 0..<3 { #expect(await first.policy(of: domain)?.mode == .enforce) }
            #expect(world.fetches.load(ordering: .relaxed) == 1)
            // Another process, and nobody answers any more.
            world.record.withLock { $0 = nil }
            world.text.withLock { $0 = nil }
            #expect(await policies().policy(of: domain)?.exchangers == ["mx.c.example"])
            // Changed, and the web server is down: the old one goes on, until its time is over.
            world.record.withLock { $0 = "v=STSv1; id=2" }
            desk.clock.advance(by: .seconds(6000))
            #expect(await policies().policy(of: domain)?.mode == .enforce)
            desk.clock.advance(by: .seconds(6000))
            #expect(await policies().policy(of: domain) == nil)
            world.text.withLock { $0 = "version: STSv1\nmode: testing\nmx: mx.c.example\nmax_age: 10000\n" }
            #expect(await policies().policy(of: domain)?.mode == .testing)
        }
    }
}
