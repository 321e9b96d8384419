package import MailTypes

/// What SPF says of a sender (RFC 7208 §2.6).
package enum SPFResult: String, Sendable, CaseIterable {
    /// No record, or no domain that could have one.
    case none
    /// The domain says nothing about the client.
    case neutral
    /// The client may send for the domain.
    case pass
    /// It may not.
    case fail
    /// It probably may not.
    case softfail
    /// The domain name system did not answer; later it may.
    case temperror
    /// The domain's record cannot be understood.
    case permerror
}

/// The outcome of one check with what it was about.
package struct SPFVerdict: Sendable, Equatable {
    /// Whose domain was looked at (RFC 7208 §2.3, §2.4).
    package enum Identity: String, Sendable { case mailFrom = "mailfrom", helo }

    package var result: SPFResult
    package var identity: Identity
    /// The domain as it was given.
    package var domain: String
    /// The directive that decided, as it stands in the record: `-all`.
    package var mechanism: String?
    /// The domain's own words for a fail, if it has some (§6.2): a stranger's text.
    package var explanation: String?
    /// Why it came to temperror or permerror, for the log.
    package var problem: String?

    package init(
        _ result: SPFResult, identity: Identity, domain: String, mechanism: String? = nil, explanation: String? = nil,
        problem: String? = nil
    ) {
        (self.result, self.identity, self.domain) = (result, identity, domain)
        (self.mechanism, self.explanation, self.problem) = (mechanism, explanation, problem)
    }
}

/// Who sends, as SPF looks at it.
package struct SPFRequest: Sendable {
    /// The client's address.
    package var client: IPAddress
    /// What it called itself in EHLO or HELO.
    package var helo: String
    /// The local part of the reverse-path; `postmaster` where there is none (RFC 7208 §4.3).
    package var localPart: String
    /// The domain that is asked.
    package var domain: String
    package var identity: SPFVerdict.Identity
    /// Our own name, for explanations.
    package var receiver: String
    /// Now, for explanations.
    package var seconds: Int64

    /// For the reverse-path; for a null one the HELO name stands in (RFC 7208 §2.4).
    package init(
        client: IPAddress, helo: String, reversePath: (localPart: String, domain: String)?, receiver: String,
        seconds: Int64
    ) {
        (self.client, self.helo, self.receiver, self.seconds) = (client, helo, receiver, seconds)
        localPart = reversePath.map { $0.localPart.isEmpty ? "postmaster" : $0.localPart } ?? "postmaster"
        domain = reversePath?.domain ?? helo
        identity = reversePath == nil ? .helo : .mailFrom
    }
}
