import Desk
package import MailAuth
import MailTypes

/// Finds out what the domain name system says of a host that brings mail. The number of questions is bounded: one for each
/// list, one for its names, one for each of three of them, one for the name that it gives itself. Each has the resolver's
/// deadline; what is not answered is not known.
package struct HostCheck: Sendable {
    /// What is asked for, and from which score on something is done.
    package struct Configuration: Sendable {
        package var lists: [DNSList] = []
        /// Refused at RCPT; `nil` in this and the next: never.
        package var rejectAt: Int?
        /// A case that its mail opens goes to Spam.
        package var quarantineAt: Int?
        /// Rules hear that it is listed.
        package var tagAt = 1
        package init() {}
    }

    package let configuration: Configuration
    private let lookup: any AuthenticationLookup

    private static let maximumNames = 3

    package init(_ configuration: Configuration, lookup: any AuthenticationLookup) {
        (self.configuration, self.lookup) = (configuration, lookup)
    }

    /// The lists that have the host, in their order.
    func listings(of host: IPAddress) async -> [HostListing] {
        guard !configuration.lists.isEmpty else { return [] }
        return await withTaskGroup(of: (Int, HostListing?).self) { group in
            for (index, list) in configuration.lists.enumerated() {
                group.addTask {
                    let answer = try? await lookup.addresses(list.name(of: host), .v4)
                    let counted = answer?.records.prefix(20).first(where: list.counts)
                    return (index, counted.map { HostListing(list: list, answer: $0) })
                }
            }
            var found: [(Int, HostListing)] = []
            for await (index, listing) in group { if let listing { found.append((index, listing)) } }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Whether one of the host's names leads back to it (RFC 8601 §2.7.3, §3).
    func reverseName(of host: IPAddress) async -> ReverseName {
        do throws(LookupFailure) {
            let names = try await lookup.names(of: host).records
            guard !names.isEmpty else { return ReverseName(.permerror) }
            for name in names.prefix(Self.maximumNames) {
                if try await lookup.addresses(name, host.family).records.contains(host) {
                    return ReverseName(.pass, name: name.lowercased())
                }
            }
            return ReverseName(.fail)
        } catch {
            return ReverseName(.temperror)
        }
    }

    /// Whether the name that a host gives itself in EHLO or HELO leads to it (RFC 5321 §4.1.1.1, §4.1.4).
    func helo(_ name: String, of host: IPAddress, known: ReverseName) async -> AuthenticationVerdict {
        if name.hasPrefix("["), name.hasSuffix("]") {
            var text = name.dropFirst().dropLast()
            if text.lowercased().hasPrefix("ipv6:") { text = text.dropFirst(5) }
            return IPAddress(text) == host ? .pass : .fail
        }
        guard let domain = DomainName(name), domain.ascii.contains(".") else { return .fail }
        if known.result == .pass, known.name == domain.ascii { return .pass }
        do throws(LookupFailure) {
            return try await lookup.addresses(domain.ascii, host.family).records.contains(host) ? .pass : .fail
        } catch {
            return .none
        }
    }
}

/// What came of looking for a name that leads back to an address.
package struct ReverseName: Hashable, Sendable {
    /// RFC 8601 §2.7.3; `permerror`: it has no name.
    package enum Result: String, Sendable { case pass, fail, temperror, permerror }
    package var result: Result
    /// The name, where it passes.
    package var name: String?

    package init(_ result: Result, name: String? = nil) { (self.result, self.name) = (result, name) }
}
