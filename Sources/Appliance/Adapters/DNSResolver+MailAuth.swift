import MailAuth
package import MailTypes
package import Resolver
import Settings

/// Mail authentication asks the resolver.
extension DNSResolver: AuthenticationLookup {
    package func txt(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> { try await lookup(name, .txt) }

    package func addresses(
        _ name: String, _ family: IPAddress.Family
    ) async throws(LookupFailure) -> DNSAnswer<IPAddress> { try await lookup(name, family == .v4 ? .a : .aaaa) }

    package func mx(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> {
        var answer = try await lookup(name, .mx)
        answer.records.sort { $0.preference < $1.preference }
        return answer.map(\.host)
    }

    package func names(of address: IPAddress) async throws(LookupFailure) -> DNSAnswer<String> {
        try await names(of: address, within: nil)
    }

    /// As the settings say.
    convenience init(_ settings: MachineSettings.Resolver) throws(ConfigurationFailure) {
        var configuration = Configuration(
            forwarders: settings.forwarders.map { "\($0.host)@\($0.port)" }, deadline: settings.deadline)
        if let file = settings.trustAnchor { configuration.trustAnchor = file }
        if !settings.isValidating { configuration.trustAnchor = nil }
        try self.init(configuration)
    }
}
