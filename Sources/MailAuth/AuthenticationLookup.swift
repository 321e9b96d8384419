package import MailTypes

/// What mail authentication asks the domain name system. Answers follow aliases; a bogus answer is a failure. Names may
/// hold any octets in their labels, as the macros of SPF make them; one that nobody can ask for does not exist.
package protocol AuthenticationLookup: Sendable {
    /// Texts, the strings of one record joined without a gap.
    func txt(_ name: String) async throws(LookupFailure) -> DNSAnswer<String>
    /// Addresses of one family.
    func addresses(_ name: String, _ family: IPAddress.Family) async throws(LookupFailure) -> DNSAnswer<IPAddress>
    /// Hosts that take mail, the most preferred first; the root as `""`.
    func mx(_ name: String) async throws(LookupFailure) -> DNSAnswer<String>
    /// Names that an address claims.
    func names(of address: IPAddress) async throws(LookupFailure) -> DNSAnswer<String>
}
