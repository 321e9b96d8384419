/// What of a content has to be said in ASCII, since a next hop does not take it as it is.
package struct ContentDowngrade: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// The header section, for a hop without SMTPUTF8 (RFC 6531): encoded-words and A-labels.
    package static let header = ContentDowngrade(rawValue: 1)
    /// The bodies, for a hop without 8BITMIME (RFC 6152 §3): quoted-printable and base64.
    package static let body = ContentDowngrade(rawValue: 2)
}
