package import MailTypes

/// What delivery asks of the domain name system. Answers follow aliases; a bogus answer is a failure.
package protocol ExchangerLookup: Sendable {
    /// Hosts that take a domain's mail, as they came.
    func exchangers(of domain: String) async throws(LookupFailure) -> DNSAnswer<MailExchanger>
    /// Addresses of one family.
    func addresses(of host: String, _ family: IPAddress.Family) async throws(LookupFailure) -> DNSAnswer<IPAddress>
    /// What a server's certificate must match (RFC 6698), under a name such as `_25._tcp.mx.example.org`.
    func associations(_ name: String) async throws(LookupFailure) -> DNSAnswer<TLSAssociation>
    /// Texts, the strings of one record joined without a gap.
    func texts(_ name: String) async throws(LookupFailure) -> DNSAnswer<String>
}

/// One TLSA record (RFC 6698 §2.1).
package struct TLSAssociation: Hashable, Sendable {
    package var usage: UInt8
    package var selector: UInt8
    package var matchingType: UInt8
    package var data: [UInt8]
    package init(usage: UInt8, selector: UInt8, matchingType: UInt8, data: [UInt8]) {
        (self.usage, self.selector, self.matchingType, self.data) = (usage, selector, matchingType, data)
    }

    /// Whether mail can go by it: the issuer or the certificate itself, whole or as a digest that is known (RFC 7672 §3.1.3).
    package var isUsable: Bool {
        (usage == 2 || usage == 3) && selector <= 1
            && (matchingType == 0 && !data.isEmpty || matchingType == 1 && data.count == 32
                || matchingType == 2 && data.count == 64)
    }
}

/// How a connection to a server is secured.
package enum HopSecurity: Hashable, Sendable {
    /// TLS with whoever it is, where the server offers it.
    case opportunistic
    /// TLS with whoever it is, or nothing: the domain name system promises TLS and says nothing usable about its certificate.
    case encrypted
    /// TLS with a certificate that public authorities vouch for, named as the server.
    case verified
    /// TLS with a certificate that the domain name system describes (RFC 7672); names beside the server's own.
    case dane([TLSAssociation], names: [String])
}

/// The policy that counted for a connection, as TLS reports name it (RFC 8460 §4.3).
package enum TLSPolicyKind: String, Hashable, Sendable {
    case none = "no-policy-found"
    case tlsa
    case sts
}

/// A host that takes a domain's mail (RFC 5321 §5.1); the host `""` is the null MX (RFC 7505).
package struct MailExchanger: Hashable, Sendable {
    package var preference: Int
    package var host: String
    package init(preference: Int, host: String) { (self.preference, self.host) = (preference, host) }
}
