package import MailTypes

/// Which hosts take a domain's mail, in which order they are tried, and at which addresses (RFC 5321 §5.1). Pure: what the
/// domain name system said goes in.
///
///     var plan = try ExchangerPlan(domain, answer, ownName: us, shuffle: { $0.shuffle() })
///     for host in plan.hosts { plan.receivedAddresses(v6 and v4 of host, of: host) }
///     let hops = try plan.hops()
package struct ExchangerPlan: Sendable {
    /// The bounds of one plan: a domain's owner writes as many names as they like.
    package struct Limits: Sendable {
        /// Hosts that are looked up.
        package var hosts: Int
        /// Addresses of one host, and of all of them.
        package var addressesPerHost: Int
        package var addresses: Int

        package init(hosts: Int = 10, addressesPerHost: Int = 6, addresses: Int = 20) {
            (self.hosts, self.addressesPerHost, self.addresses) = (hosts, addressesPerHost, addresses)
        }
    }

    /// A host of the domain.
    package struct Host: Hashable, Sendable {
        package var name: DomainName
        package var preference: Int
    }

    /// One server to try.
    package struct Hop: Hashable, Sendable {
        package var host: DomainName
        package var address: IPAddress
        package var preference: Int
        package var security = HopSecurity.opportunistic
        package var policy = TLSPolicyKind.none
        package init(host: DomainName, address: IPAddress, preference: Int = 0) {
            (self.host, self.address, self.preference) = (host, address, preference)
        }
    }

    /// Hosts, the most preferred first; none where the domain is an address.
    package private(set) var hosts: [Host] = []
    /// Whether the list of hosts was validated (DNSSEC).
    package let isSecure: Bool
    /// Whether the domain has MX records of its own.
    package let isExplicit: Bool
    private let domain: DomainName
    private let limits: Limits
    private let isOwn: @Sendable (IPAddress) -> Bool
    private var found: [Hop] = []
    private var failure: LookupFailure?

    /// - Parameters:
    ///   - ownName: our name; an exchanger of this name is ourselves, and so are those that are no more preferred: to give
    ///     them the mail would be a loop (RFC 5321 §5.1).
    ///   - isOwn: whether we listen at an address.
    ///   - shuffle: hosts of equal preference share the load in any order.
    package init(
        _ domain: DomainName, _ answer: DNSAnswer<MailExchanger>, ownName: DomainName, limits: Limits = Limits(),
        isOwn: @escaping @Sendable (IPAddress) -> Bool = { _ in false }, shuffle: (inout [Host]) -> Void
    ) throws(DeliveryFailure) {
        (self.domain, self.limits, self.isOwn) = (domain, limits, isOwn)
        (isSecure, isExplicit) = (answer.security == .secure, !answer.records.isEmpty)
        guard answer.domainExists || !answer.records.isEmpty else {
            throw Self.failure(5, 1, 2, "the domain \(domain) does not exist")
        }
        guard isExplicit else {
            // Without MX records the domain's own addresses count, as if one named it (RFC 5321 §5.1).
            guard domain != ownName else { throw Self.loop(domain) }
            hosts = [Host(name: domain, preference: 0)]
            return
        }
        let named = answer.records.filter { !$0.host.isEmpty }
        guard !named.isEmpty else {
            throw Self.failure(5, 1, 10, "the domain \(domain) takes no mail")  // RFC 7505 §3
        }
        // An address in the place of a name is against RFC 1035 §3.3.9, and what is no name cannot be asked for.
        var usable = named.compactMap { record in
            IPAddress(record.host) == nil
                ? DomainName(record.host).map { Host(name: $0, preference: record.preference) } : nil
        }
        guard !usable.isEmpty else { throw Self.failure(5, 4, 4, "no mail exchanger of \(domain) has a usable name") }
        if let own = usable.filter({ $0.name == ownName }).map(\.preference).min() {
            usable.removeAll { $0.preference >= own }
            guard !usable.isEmpty else { throw Self.loop(domain) }
        }
        hosts = Array(Self.ordered(usable, shuffle).prefix(max(1, limits.hosts)))
    }

    private static func ordered(_ hosts: [Host], _ shuffle: (inout [Host]) -> Void) -> [Host] {
        var result: [Host] = []
        for preference in Set(hosts.map(\.preference)).sorted() {
            var equal = hosts.filter { $0.preference == preference }
            shuffle(&equal)
            for host in equal where !result.contains(where: { $0.name == host.name }) { result.append(host) }
        }
        return result
    }

    /// The server of an address literal (RFC 5321 §4.1.3); `nil` for a domain with a name.
    package static func literal(_ domain: DomainName) throws(DeliveryFailure) -> Hop? {
        guard domain.isAddressLiteral else { return nil }
        let inner = domain.ascii.dropFirst().dropLast()
        let isTagged = inner.hasPrefix("ipv6:")
        guard let address = IPAddress(isTagged ? inner.dropFirst(5) : inner), (address.family == .v6) == isTagged else {
            throw failure(5, 1, 2, "\(domain) is no address that is known")
        }
        return Hop(host: domain, address: address)
    }

    /// The addresses of a host, of both families; `nil`: nobody answered, for the reason given.
    package mutating func receivedAddresses(
        _ addresses: [IPAddress]?, of host: Host, security: HopSecurity = .opportunistic, failure: LookupFailure? = nil
    ) {
        if let failure { self.failure = failure }
        guard let addresses else { return }
        let foreign = addresses.filter { !isOwn($0) }
        // The families take turns, IPv6 first: one that is out of order costs one attempt only.
        let six = foreign.filter { $0.family == .v6 }
        let four = foreign.filter { $0.family == .v4 }
        var taken: [IPAddress] = []
        for index in 0..<max(six.count, four.count) {
            if six.indices.contains(index) { taken.append(six[index]) }
            if four.indices.contains(index) { taken.append(four[index]) }
        }
        for address in taken.prefix(limits.addressesPerHost) where found.count < limits.addresses {
            guard !found.contains(where: { $0.address == address && $0.host == host.name }) else { continue }
            var hop = Hop(host: host.name, address: address, preference: host.preference)
            hop.security = security
            if security != .opportunistic { hop.policy = .tlsa }
            found.append(hop)
        }
        if foreign.isEmpty, !addresses.isEmpty { hasMetItself = true }
    }

    private var hasMetItself = false

    /// A policy of the domain (RFC 8461) counts for servers that the domain name system says nothing about: those that it does
    /// not name are left out, the others have to show who they are.
    package mutating func apply(_ policy: STSPolicy) {
        guard policy.mode == .enforce, !found.isEmpty else { return }
        found.removeAll { $0.security == .opportunistic && !policy.names($0.host) }
        for index in found.indices where found[index].security == .opportunistic {
            (found[index].security, found[index].policy) = (.verified, .sts)
        }
        if found.isEmpty { refusal = Self.failure(4, 7, 5, "no mail exchanger of \(domain) is named by its MTA-STS policy") }
    }

    /// The mail may only go to servers that show who they are, and whose names nobody can have forged (RFC 8689 §4.2.1).
    package mutating func requireTLS() {
        guard !found.isEmpty else { return }
        found.removeAll { ($0.security == .opportunistic || $0.security == .encrypted) && !isSecure }
        for index in found.indices where found[index].security == .opportunistic || found[index].security == .encrypted {
            found[index].security = .verified
        }
        if found.isEmpty { refusal = Self.failure(5, 7, 30, "REQUIRETLS: nothing vouches for the servers of \(domain)") }
    }

    private var refusal: DeliveryFailure?

    /// The servers to try, in their order.
    package func hops() throws(DeliveryFailure) -> [Hop] {
        if let refusal { throw refusal }
        guard found.isEmpty else { return found }
        if let failure {
            throw DeliveryFailure(
                stage: .resolving, status: EnhancedStatus(4, 4, 3),
                diagnostic: "the mail exchangers of \(domain) cannot be looked up: \(failure)", cause: failure)
        }
        if hasMetItself { throw Self.loop(domain) }
        // RFC 5321 §5.1: an error, and none that time mends.
        throw isExplicit
            ? Self.failure(5, 4, 4, "no mail exchanger of \(domain) has an address")
            : Self.failure(5, 1, 2, "the domain \(domain) has neither mail exchangers nor an address")
    }

    private static func loop(_ domain: DomainName) -> DeliveryFailure {
        failure(5, 4, 6, "mail for \(domain) comes back to this server")
    }

    private static func failure(_ class: UInt8, _ subject: UInt16, _ detail: UInt16, _ words: String) -> DeliveryFailure {
        DeliveryFailure(stage: .resolving, status: EnhancedStatus(`class`, subject, detail), diagnostic: words)
    }
}
