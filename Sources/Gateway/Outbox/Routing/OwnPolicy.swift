package import MailTypes

/// What we ask of servers that send us mail: TLS with a certificate of our name, or no delivery (RFC 8461 §3.2). The same
/// for all our domains.
package struct OwnPolicy: Sendable {
    /// A week: long enough to outlast an attack, short enough to change one's mind (RFC 8461 §3.2).
    private static let maximumAge = 604_800

    private let exchanger: DomainName

    package init(exchanger: DomainName) { self.exchanger = exchanger }

    /// As it is served and as `stempel dns` prints it.
    package var text: String {
        "version: STSv1\nmode: enforce\nmx: \(exchanger.ascii)\nmax_age: \(Self.maximumAge)\n"
    }

    /// The domain whose policy a host serves, by the host's name alone (RFC 8461 §3.3).
    package static func domain(servedBy host: some StringProtocol) -> DomainName? {
        let prefix = "mta-sts."
        guard host.lowercased().hasPrefix(prefix) else { return nil }
        return DomainName(String(host.dropFirst(prefix.count)))
    }
}
