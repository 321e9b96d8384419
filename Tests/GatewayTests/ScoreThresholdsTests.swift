import MailTypes
import Testing

@testable import Gateway

/// What the score means that a filter gives a mail.
@Suite struct ScoreThresholdsTests {
    static let values: [(value: String, score: Double?)] = [
        ("Yes, score=8.1 required=5", 8.1), ("default: False [16.20 / 15.00]; BAYES_SPAM(5.1)[99%]", 16.2), ("8", 8),
        (" -1.5", -1.5), ("No, SCORE=0.0", 0), ("Yes", nil), ("", nil), ("score=", nil), ("score=--", nil),
    ]

    @Test(arguments: values) func `a score is read as filters write it`(value: String, score: Double?) {
        #expect(ScoreThresholds.score(Array(value.utf8)) == score)
    }

    private func verdict(_ score: String, name: String = "x-spam-status") -> FilterVerdict {
        FilterVerdict(.accept, changes: [.add(name: Array(name.utf8), value: Array(" Yes, score=\(score)".utf8))])
    }

    static let rows: [(score: String, isRefused: Bool, isQuarantined: Bool, isSuspicious: Bool)] = [
        ("3.9", false, false, false), ("4", false, false, true), ("6.0", false, true, true), ("14.99", false, true, true),
        ("15", true, true, true),
    ]

    @Test(arguments: rows) func `from its thresholds on a score refuses, sends to Spam, and is told to rules`(
        score: String, isRefused: Bool, isQuarantined: Bool, isSuspicious: Bool
    ) {
        let thresholds = ScoreThresholds(field: "X-Spam-Status", rejectAt: 15, quarantineAt: 6, tagAt: 4)
        let applied = thresholds.applied(to: verdict(score))
        #expect(applied.decision == (isRefused ? .refuse(.takenForSpam) : .accept))
        #expect(applied.isQuarantined == isQuarantined && applied.isSuspicious == isSuspicious)
        #expect(applied.reason == (isQuarantined ? "score \(Double(score) ?? 0)" : nil))
        // Another field, and a filter that has decided already, are left alone.
        #expect(thresholds.applied(to: verdict(score, name: "X-Other")).decision == .accept)
        #expect(thresholds.applied(to: FilterVerdict(.discard)).decision == .discard)
        #expect(ScoreThresholds(field: "X-Spam-Status").applied(to: verdict(score)) == verdict(score))
    }
}
