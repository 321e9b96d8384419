/// What DNSSEC says of an answer (RFC 4033 §5). What is bogus is a `LookupFailure`, never an answer.
package enum DNSSecurity: Sendable {
    /// Validated from a trust anchor down.
    case secure
    /// The zone is provably not signed, or no trust anchor is known.
    case insecure
}

/// What the domain name system says to one question, where it said something: records, or that there are none.
package struct DNSAnswer<Record: Sendable>: Sendable {
    /// Whether the domain exists (RFC 8020): with no records it may still exist for other types.
    package var domainExists: Bool
    /// Of the type that was asked for, at the end of the chain of aliases.
    package var records: [Record]
    package var security: DNSSecurity
    /// The name at the end of the chain of CNAMEs; that of the question where there is none.
    package var canonicalName: String
    /// How long it may be kept.
    package var timeToLive: Duration

    package init(
        records: [Record], domainExists: Bool = true, security: DNSSecurity = .insecure, canonicalName: String = "",
        timeToLive: Duration = .zero
    ) {
        (self.records, self.domainExists, self.security) = (records, domainExists, security)
        (self.canonicalName, self.timeToLive) = (canonicalName, timeToLive)
    }

    /// The same answer with records of another form.
    package func map<Other: Sendable>(_ transform: (Record) -> Other?) -> DNSAnswer<Other> {
        DNSAnswer<Other>(
            records: records.compactMap(transform), domainExists: domainExists, security: security,
            canonicalName: canonicalName, timeToLive: timeToLive)
    }
}

/// A question that the domain name system did not answer. Asking again later may help.
package struct LookupFailure: Error, Hashable, CustomStringConvertible {
    /// What went wrong.
    package enum Reason: String, Sendable {
        /// No answer before the deadline.
        case timedOut
        /// The servers of the zone cannot answer (SERVFAIL, REFUSED, lame, a loop of aliases).
        case serverFailure
        /// The answer's signatures are wrong: somebody forges it, or the zone is broken (RFC 4035 §4.3).
        case bogus
        /// Too many questions are open already.
        case overloaded
        /// Nobody waits for the answer any more.
        case cancelled
        /// The name is none that can be asked for.
        case impossibleName
        /// The resolver was closed.
        case closed

        /// For people.
        package var words: String {
            switch self {
            case .timedOut: "no answer came in time"
            case .serverFailure: "the name servers give no answer"
            case .bogus: "the answer's DNSSEC signature is wrong"
            case .overloaded: "too many questions are open"
            case .cancelled: "nobody waits for it any more"
            case .impossibleName: "no such name can be asked for"
            case .closed: "the resolver is closed"
            }
        }
    }

    package var reason: Reason
    /// The resolver's own words, for the log.
    package var detail: String

    package init(_ reason: Reason, detail: String = "") { (self.reason, self.detail) = (reason, detail) }

    package var description: String { detail.isEmpty ? reason.words : "\(reason.words) (\(detail))" }
}
