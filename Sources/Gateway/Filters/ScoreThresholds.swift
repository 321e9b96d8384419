package import MailTypes

/// What is done with the score that a filter gives a mail, in a field that it adds.
package struct ScoreThresholds: Sendable, Equatable {
    /// `X-Spam-Status`, `X-Spamd-Result`.
    package var field: String
    /// From that score on mail is refused, its case goes to Spam, rules hear of it; `nil`: never.
    package var rejectAt: Int?
    package var quarantineAt: Int?
    package var tagAt: Int?

    package init(field: String, rejectAt: Int? = nil, quarantineAt: Int? = nil, tagAt: Int? = nil) {
        (self.field, self.rejectAt, self.quarantineAt, self.tagAt) = (field, rejectAt, quarantineAt, tagAt)
    }

    /// What the filter says, with what its score means. Only a field of its own counts: one of the sender's says nothing.
    func applied(to verdict: FilterVerdict) -> FilterVerdict {
        guard verdict.decision == .accept, let score = score(in: verdict.changes) else { return verdict }
        func reaches(_ threshold: Int?) -> Bool { threshold.map { score >= Double($0) } ?? false }
        var verdict = verdict
        let words = "score \((max(-1e6, min(score, 1e6)) * 100).rounded() / 100)"
        if reaches(quarantineAt) {
            verdict.isQuarantined = true
            verdict.reason = [verdict.reason, words].compactMap(\.self).joined(separator: ", ")
        }
        if reaches(rejectAt) { (verdict.decision, verdict.reason) = (.refuse(.takenForSpam), words) }
        if reaches(tagAt) { verdict.isSuspicious = true }
        return verdict
    }

    private func score(in changes: [FilterVerdict.Change]) -> Double? {
        for change in changes.reversed() {
            switch change {
            case .add(let name, let value), .replace(let name, occurrence: _, let value?):
                guard String(decoding: name, as: UTF8.self).lowercased() == field.lowercased() else { continue }
                if let score = Self.score(value) { return score }
            case .replace(_, occurrence: _, nil): continue
            }
        }
        return nil
    }

    /// `Yes, score=8.1 required=5`, `default: False [8.10 / 15.00]; …`, `8.1`.
    static func score(_ value: [UInt8]) -> Double? {
        let text = String(decoding: value.prefix(1000), as: UTF8.self).lowercased()
        // What stands first: behind it filters repeat words of the sender.
        let named = text.firstRange(of: "score=")?.upperBound
        let bracketed = text.firstIndex(of: "[").map(text.index(after:))
        let start = [named, bracketed].compactMap { $0 }.min() ?? text.startIndex
        let rest = text[start...].drop { $0 == " " || $0 == "\t" }
        return Double(rest.prefix { "0123456789.+-".contains($0) })
    }
}

extension Reply {
    /// By the score that a filter gave it.
    package static let takenForSpam = Reply(550, EnhancedStatus(5, 7, 1), "Not accepted: a filter takes this mail for spam")
}
