import Gateway
import MailTypes
import Testing

/// Which servers take a domain's mail (RFC 5321 §5.1).
@Suite struct ExchangerPlanTests {
    private static func name(_ text: String) -> DomainName {
        guard let name = DomainName(text) else { preconditionFailure("\(text) is no domain") }
        return name
    }

    private static let own = name("mx.acme.example")

    private static func plan(
        _ records: [(Int, String)], domainExists: Bool = true, domain: String = "c.example",
        limits: ExchangerPlan.Limits = .init()
    ) throws(DeliveryFailure) -> ExchangerPlan {
        try ExchangerPlan(
            name(domain),
            DNSAnswer(
                records: records.map { MailExchanger(preference: $0.0, host: $0.1) }, domainExists: domainExists),
            ownName: own, limits: limits, isOwn: { $0.isLoopback }, shuffle: { $0.reverse() })
    }

    static let orders: [(records: [(Int, String)], hosts: [String])] = [
        ([], ["c.example"]),
        ([(20, "b.example"), (10, "a.example")], ["a.example", "b.example"]),
        // Equal ones in any order: here turned round.
        ([(10, "a.example"), (10, "b.example"), (5, "z.example")], ["z.example", "b.example", "a.example"]),
        ([(10, "a.example"), (20, "A.example.")], ["a.example"]),
        // No more preferred than ourselves would be a loop.
        ([(10, "a.example"), (20, "mx.acme.example"), (20, "b.example"), (30, "d.example")], ["a.example"]),
        // Neither an address nor what is no name is one of a host.
        ([(10, "192.0.2.1"), (10, "a\\032b.example"), (20, "a.example")], ["a.example"]),
        // Beside others the null MX says nothing (RFC 7505 §3).
        ([(0, ""), (10, "a.example")], ["a.example"]),
    ]

    @Test(arguments: orders) func `hosts are tried in the order of their preference`(
        records: [(Int, String)], hosts: [String]
    ) throws { #expect(try Self.plan(records).hosts.map(\.name.ascii) == hosts) }

    static let failures: [(records: [(Int, String)], exists: Bool, status: String)] = [
        ([], false, "5.1.2"), ([(0, "")], true, "5.1.10"), ([(10, "mx.acme.example")], true, "5.4.6"),
        ([(10, "192.0.2.1")], true, "5.4.4"),
    ]

    @Test(arguments: failures) func `what can never arrive fails at once`(
        records: [(Int, String)], exists: Bool, status: String
    ) {
        let failure = #expect(throws: DeliveryFailure.self) { try Self.plan(records, domainExists: exists) }
        #expect(failure.map { "\($0.status)" } == status)
        #expect(failure?.isTransient == false)
    }

    private static func hops(_ addresses: [String]?, failure: LookupFailure? = nil) throws -> [String] {
        var plan = try Self.plan([(10, "a.example")], limits: .init(addressesPerHost: 3))
        for host in plan.hosts {
            plan.receivedAddresses(addresses?.compactMap { IPAddress($0) }, of: host, failure: failure)
        }
        return try plan.hops().map(\.address.description)
    }

    @Test func `families of addresses take turns, up to a limit, and our own are left out`() throws {
        #expect(
            try Self.hops(["192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.1"])
                == ["2001:db8::1", "192.0.2.1", "192.0.2.2"])
        #expect(try Self.hops(["127.0.0.1", "192.0.2.1"]) == ["192.0.2.1"])
        #expect(try Self.hops(["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]).count == 3)
    }

    static let unfound: [(addresses: [String]?, failure: LookupFailure?, status: String)] = [
        (nil, LookupFailure(.timedOut), "4.4.3"), ([], nil, "5.4.4"), ([], LookupFailure(.serverFailure), "4.4.3"),
        (["127.0.0.1"], nil, "5.4.6"),
    ]

    @Test(arguments: unfound) func `a host without an address fails, one that nobody told about waits`(
        addresses: [String]?, failure: LookupFailure?, status: String
    ) {
        let found = #expect(throws: DeliveryFailure.self) { try Self.hops(addresses, failure: failure) }
        #expect(found.map { "\($0.status)" } == status)
    }

    static let literals: [(domain: String, address: String?)] = [
        ("[192.0.2.1]", "192.0.2.1"), ("[IPv6:2001:db8::1]", "2001:db8::1"), ("c.example", nil),
    ]

    @Test(arguments: literals) func `an address literal is its own server`(domain: String, address: String?) throws {
        #expect(try ExchangerPlan.literal(Self.name(domain))?.address.description == address)
    }

    @Test(arguments: ["[2001:db8::1]", "[ipv6:192.0.2.1]", "[nonsense]"])
    func `a literal of another form fails`(domain: String) {
        #expect(throws: DeliveryFailure.self) { try ExchangerPlan.literal(Self.name(domain)) }
    }
}
