package import Gateway
package import MailTypes
package import Resolver

/// Delivery asks the resolver.
extension DNSResolver: ExchangerLookup {
    package func exchangers(of domain: String) async throws(LookupFailure) -> DNSAnswer<MailExchanger> {
        try await lookup(domain, .mx).map { MailExchanger(preference: $0.preference, host: $0.host) }
    }

    package func addresses(
        of host: String, _ family: IPAddress.Family
    ) async throws(LookupFailure) -> DNSAnswer<IPAddress> { try await lookup(host, family == .v4 ? .a : .aaaa) }

    package func associations(_ name: String) async throws(LookupFailure) -> DNSAnswer<TLSAssociation> {
        try await lookup(name, .tlsa).map {
            TLSAssociation(
                usage: $0.usage, selector: $0.selector, matchingType: $0.matchingType, data: $0.association)
        }
    }

    package func texts(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> { try await lookup(name, .txt) }
}
