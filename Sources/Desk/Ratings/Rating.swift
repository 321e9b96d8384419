/// How a customer was served, by the customer's own word (FEATURES S50): one of five steps, the best is 5.
package enum Rating: Int, CaseIterable, Sendable {
    case veryBad = 1
    case bad = 2
    case fair = 3
    case good = 4
    case veryGood = 5

    /// As IMAP shows and finds it: `rating-4`.
    package var keyword: String { "rating-\(rawValue)" }

    /// The rating that a keyword of a case stands for, in any case of its letters.
    package init?(keyword: String) {
        let word = keyword.lowercased()
        guard let found = Self.allCases.first(where: { $0.keyword == word }) else { return nil }
        self = found
    }

    /// The rating among the tags of a case.
    package static func among(_ tags: [String]) -> Rating? { tags.lazy.compactMap(Rating.init(keyword:)).first }

    /// The tags of a case that was rated so: exactly one of them is a rating.
    package static func tags(_ tags: [String], ratedAs rating: Rating) -> [String] {
        tags.filter { Rating(keyword: $0) == nil } + [rating.keyword]
    }

    /// What becomes of tags that somebody of the desk, a rule or a merge wants a case to have: ratings are the customer's
    /// alone, so the one that was there stays, and no other comes.
    package static func keeping(_ old: [String], in wanted: [String]) -> [String] {
        let kept = old.filter { Rating(keyword: $0) != nil }
        guard !kept.isEmpty || wanted.contains(where: { Rating(keyword: $0) != nil }) else { return wanted }
        // At its place, so that tags which nobody changed are the same tags.
        var rest = kept
        let result = wanted.filter { tag in
            guard Rating(keyword: tag) != nil else { return true }
            guard let index = rest.firstIndex(where: { $0.lowercased() == tag.lowercased() }) else { return false }
            rest.remove(at: index)
            return true
        }
        return result + rest
    }
}
