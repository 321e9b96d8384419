internal import COpenSSL

/// Whom a client expects by the records of the domain name system (RFC 7672): the associations, which DNSSEC vouches for,
/// and the names that a certificate must have where its issuer is what is associated.
package struct DANEIdentity: Hashable, Sendable {
    /// One TLSA record (RFC 6698 §2.1).
    package struct Association: Hashable, Sendable {
        package var usage: UInt8
        package var selector: UInt8
        package var matchingType: UInt8
        package var data: [UInt8]
        package init(usage: UInt8, selector: UInt8, matchingType: UInt8, data: [UInt8]) {
            (self.usage, self.selector, self.matchingType, self.data) = (usage, selector, matchingType, data)
        }
    }

    package var associations: [Association]
    /// The name that the records stand under; SNI names it.
    package var baseName: String
    /// Names that count beside it.
    package var otherNames: [String]

    package init(associations: [Association], baseName: String, otherNames: [String] = []) {
        (self.associations, self.baseName, self.otherNames) = (associations, baseName, otherNames)
    }

    /// Sets a session up; `false`: nothing usable is among the associations. For mail that is the issuer (2) or the certificate
    /// itself (3), nothing that rests on public authorities as well (RFC 7672 §3.1.3).
    func add(to session: OpaquePointer) -> Bool {
        defer { ERR_clear_error() }
        guard SSL_dane_enable(session, baseName) > 0 else { return false }
        // The key is named by the record itself: names and dates of its certificate say nothing (RFC 7672 §3.1.1).
        SSL_dane_set_flags(session, UInt(DANE_FLAG_NO_DANE_EE_NAMECHECKS))
        for name in otherNames { SSL_add1_host(session, name) }
        var isUsable = false
        for association in associations where association.usage == 2 || association.usage == 3 {
            let added = SSL_dane_tlsa_add(
                session, association.usage, association.selector, association.matchingType, association.data,
                association.data.count)
            if added > 0 { isUsable = true }
        }
        return isUsable
    }
}
