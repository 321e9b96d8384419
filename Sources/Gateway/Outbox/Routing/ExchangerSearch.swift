package import MailTypes

/// Asks the domain name system for what an `ExchangerPlan` needs.
package struct ExchangerSearch: Sendable {
    private let lookup: any ExchangerLookup
    private let ownName: DomainName
    private let port: Int
    private let limits: ExchangerPlan.Limits
    private let policies: (any STSPolicySource)?
    private let isOwn: @Sendable (IPAddress) -> Bool

    /// - Parameters:
    ///   - port: of all servers.
    ///   - policies: domains' policies for TLS; `nil`: none are asked for.
    ///   - isOwn: whether we listen at an address.
    package init(
        lookup: any ExchangerLookup, ownName: DomainName, port: Int = 25, limits: ExchangerPlan.Limits = .init(),
        policies: (any STSPolicySource)? = nil, isOwn: @escaping @Sendable (IPAddress) -> Bool = { _ in false }
    ) {
        (self.lookup, self.ownName, self.port, self.limits) = (lookup, ownName, port, limits)
        (self.policies, self.isOwn) = (policies, isOwn)
    }

    /// The servers that take a domain's mail, in the order in which they are tried, and how each must be secured.
    package func hops(
        to domain: DomainName, requiringTLS: Bool = false
    ) async throws(DeliveryFailure) -> [ExchangerPlan.Hop] {
        if let hop = try ExchangerPlan.literal(domain) {
            guard !requiringTLS else {
                throw DeliveryFailure(
                    stage: .resolving, status: EnhancedStatus(5, 7, 30),
                    diagnostic: "REQUIRETLS: nothing vouches for the server \(domain)")
            }
            return [hop]
        }
        let answer: DNSAnswer<MailExchanger>
        do throws(LookupFailure) {
            answer = try await lookup.exchangers(of: domain.ascii)
        } catch {
            throw DeliveryFailure(
                stage: .resolving, status: EnhancedStatus(4, 4, 3),
                diagnostic: "the mail exchangers of \(domain) cannot be looked up: \(error)", cause: error)
        }
        var plan = try ExchangerPlan(
            domain, answer, ownName: ownName, limits: limits, isOwn: isOwn, shuffle: { $0.shuffle() })
        for host in plan.hosts { await find(host, of: domain, &plan) }
        if let policy = await policies?.policy(of: domain) { plan.apply(policy) }
        if requiringTLS { plan.requireTLS() }
        return try plan.hops()
    }

    private func find(_ host: ExchangerPlan.Host, of domain: DomainName, _ plan: inout ExchangerPlan) async {
        async let six = addresses(host.name.ascii, .v6)
        async let four = addresses(host.name.ascii, .v4)
        let answers = [await six, await four]
        var failure: LookupFailure?
        var found: [IPAddress]?
        var isSecure = plan.isSecure
        for answer in answers {
            switch answer {
            case .success(let answer):
                found = (found ?? []) + answer.records
                if answer.security != .secure { isSecure = false }
            case .failure(let reason): failure = reason
            }
        }
        guard isSecure, found?.isEmpty == false else {
            return plan.receivedAddresses(found, of: host, failure: failure)
        }
        do throws(LookupFailure) {
            let security = try await security(of: host, in: domain)
            plan.receivedAddresses(found, of: host, security: security, failure: failure)
        } catch {
            // Records that cannot be had may be the ones that forbid what somebody would like (RFC 7672 §2.1.2): the host
            // is left out.
            plan.receivedAddresses(nil, of: host, failure: error)
        }
    }

    /// What the domain name system says of a host's certificate, where DNSSEC vouches for names and addresses (RFC 7672
    /// §2.2).
    private func security(
        of host: ExchangerPlan.Host, in domain: DomainName
    ) async throws(LookupFailure) -> HopSecurity {
        let answer = try await lookup.associations("_\(port)._tcp.\(host.name.ascii)")
        guard answer.security == .secure, !answer.records.isEmpty else { return .opportunistic }
        let usable = answer.records.filter(\.isUsable)
        guard !usable.isEmpty else { return .encrypted }
        return .dane(Array(usable.prefix(20)), names: host.name == domain ? [] : [domain.ascii])
    }

    private func addresses(
        _ host: String, _ family: IPAddress.Family
    ) async -> Result<DNSAnswer<IPAddress>, LookupFailure> {
        do throws(LookupFailure) {
            return .success(try await lookup.addresses(of: host, family))
        } catch {
            return .failure(error)
        }
    }
}
