/// How names are resolved.
package struct Configuration: Sendable, Equatable {
    /// Recursive servers to ask, `ADDRESS` or `ADDRESS@PORT`; empty: own recursion from the root down.
    package var forwarders: [String]
    /// Root servers of a closed network, `ADDRESS` or `ADDRESS@PORT`; empty: those of the internet.
    package var rootServers: [String]
    /// A file with the DNSKEY or DS records that validation begins with; `nil`: nothing is validated, all is insecure.
    package var trustAnchor: String?
    /// How long a question may take where the caller says nothing else.
    package var deadline: Duration
    /// Questions open at a time; one more fails at once.
    package var maximumOutstanding: Int
    /// Octets for answers, and as many again for records.
    package var cacheSize: Int

    /// Where Debian's dns-root-data keeps the root zone's keys.
    package static let rootAnchor = "/usr/share/dns/root.key"

    package init(
        forwarders: [String] = [], rootServers: [String] = [], trustAnchor: String? = Configuration.rootAnchor,
        deadline: Duration = .seconds(5), maximumOutstanding: Int = 500, cacheSize: Int = 8 << 20
    ) {
        (self.forwarders, self.rootServers, self.trustAnchor) = (forwarders, rootServers, trustAnchor)
        (self.deadline, self.maximumOutstanding, self.cacheSize) = (deadline, maximumOutstanding, cacheSize)
    }
}

/// A resolver that cannot be made as it is configured.
package struct ConfigurationFailure: Error, Hashable, CustomStringConvertible {
    /// What was being set.
    package var key: String
    /// libunbound's words.
    package var words: String
    package var description: String { "\(key): \(words)" }
}
