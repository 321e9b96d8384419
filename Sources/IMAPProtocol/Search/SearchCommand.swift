package import MailTypes

/// SEARCH or UID SEARCH (RFC 3501 §6.4.4, RFC 4731, RFC 5182, RFC 7162 §3.1.5).
package struct SearchCommand: Equatable, Sendable {
    /// What the answer counts in.
    package var numbers: MessageSet.Numbering
    /// `nil` without RETURN: the answer is a SEARCH response. `RETURN ()` is `.all`.
    package var resultOptions: SearchResultOptions?
    package var key: SearchKey
    /// The strings are in a charset that we cannot read, so `key` stands for nothing.
    package var hasUnknownCharset = false

    package init(_ key: SearchKey, numbers: MessageSet.Numbering, resultOptions: SearchResultOptions? = nil) {
        (self.key, self.numbers, self.resultOptions) = (key, numbers, resultOptions)
    }
}

/// The result options of ESEARCH (RFC 4731 §3.1) and SEARCHRES (RFC 5182).
package struct SearchResultOptions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let min = SearchResultOptions(rawValue: 1 << 0)
    package static let max = SearchResultOptions(rawValue: 1 << 1)
    package static let all = SearchResultOptions(rawValue: 1 << 2)
    package static let count = SearchResultOptions(rawValue: 1 << 3)
    /// Keep the result for `$`.
    package static let save = SearchResultOptions(rawValue: 1 << 4)
}

/// A search program (RFC 3501 §6.4.4), its strings already decoded. Several keys in a row are one `.and`; it nests no
/// deeper than the decoder's limit allows.
package indirect enum SearchKey: Equatable, Sendable {
    case all
    /// `RECENT`, `NEW` (recent and not seen), `OLD` (not recent).
    case recent
    case new
    case old
    /// `SEEN`, `UNSEEN` and the like, and KEYWORD or UNKEYWORD of a flag that has a bit. One bit each.
    case flag(Flags, isSet: Bool)
    case keyword(String, isSet: Bool)
    case from(String)
    case to(String)
    case cc(String)
    case bcc(String)
    case subject(String)
    case body(String)
    case text(String)
    /// Empty text: the field is there.
    case header(fieldName: String, String)
    /// A day without time zone.
    case date(SearchDate, SearchComparison, CivilTime)
    case larger(UInt64)
    case smaller(UInt64)
    /// WITHIN (RFC 5032): INTERNALDATE at least, at most so many seconds ago.
    case older(seconds: UInt32)
    case younger(seconds: UInt32)
    case messages(MessageSet)
    /// `MODSEQ` (RFC 7162 §3.1.5): at least this, of any flag; what is said about an entry is read and passed over.
    case modSequence(ModSequence)
    case emailID(String)
    case threadID(String)
    /// `SAVEDATESUPPORTED` (RFC 8514).
    case saveDateSupported
    case not(SearchKey)
    case or(SearchKey, SearchKey)
    case and([SearchKey])
}

extension SearchKey {
    /// Whether messages are meant by sequence number, which must not shift meanwhile (RFC 7162 §3.2.10.2).
    package var namesSequenceNumbers: Bool {
        switch self {
        case .messages(let messages): messages.numbers == .sequenceNumbers && messages.set != .saved
        case .not(let key): key.namesSequenceNumbers
        case .or(let left, let right): left.namesSequenceNumbers || right.namesSequenceNumbers
        case .and(let keys): keys.contains(where: \.namesSequenceNumbers)
        default: false
        }
    }
}

/// Which of a message's dates.
package enum SearchDate: Equatable, Sendable { case internalDate, sent, saved }

/// `ON` is the day itself, `SINCE` that day or later.
package enum SearchComparison: Equatable, Sendable { case before, on, since }

/// SORT or UID SORT (RFC 5256).
package struct SortCommand: Equatable, Sendable {
    /// What messages are compared by; `displayFrom` and `displayTo` are RFC 5957's.
    package enum Key: Equatable, Sendable { case arrival, cc, date, from, size, subject, to, displayFrom, displayTo }
    /// One key and its direction; the first one counts most.
    package struct Criterion: Equatable, Sendable {
        package var key: Key
        package var isReverse: Bool
        package init(_ key: Key, isReverse: Bool = false) { (self.key, self.isReverse) = (key, isReverse) }
    }

    package var criteria: [Criterion]
    package var search: SearchCommand

    package init(_ criteria: [Criterion], _ search: SearchCommand) { (self.criteria, self.search) = (criteria, search) }
}

/// THREAD or UID THREAD (RFC 5256); the algorithm in upper case.
package struct ThreadCommand: Equatable, Sendable {
    package var algorithm: String
    package var search: SearchCommand

    package init(_ algorithm: String, _ search: SearchCommand) { (self.algorithm, self.search) = (algorithm, search) }
}
