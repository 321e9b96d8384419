import Desk

extension DeskReader {
    /// `{ urgent: { firstAnswerWithin: 1h, solveWithin: 4h } }`.
    func priorities(_ field: Field) -> [Priority: ActionTimes] {
        guard var mapping = field.mapping else { return [:] }
        var result: [Priority: ActionTimes] = [:]
        for priority in Priority.allCases {
            guard let field = mapping.take(priority.rawValue), var part = field.mapping else { continue }
            let times = ActionTimes(
                firstAnswerWithin: part.take("firstAnswerWithin").flatMap(\.workingTime),
                solveWithin: part.take("solveWithin").flatMap(\.workingTime))
            part.finish()
            if part.entries.isEmpty { field.report("holds no time", "write { firstAnswerWithin: 1h, solveWithin: 4h }") }
            result[priority] = times
        }
        mapping.finish()
        return result
    }

    /// `{ sender: { tenMinutes: 3, day: 10 }, pool: …, all: … }`; what is left out keeps its default.
    func autoReplyLimits(_ field: Field) -> AutoReplyLimits {
        var limits = AutoReplyLimits()
        guard var part = field.mapping else { return limits }
        for (key, limit) in Self.autoReplyCaps {
            guard let field = part.take(key), var cap = field.mapping else { continue }
            if let count = cap.take("tenMinutes")?.integer(in: Self.capCounts) { limits[keyPath: limit].tenMinutes = count }
            if let count = cap.take("day")?.integer(in: Self.capCounts) { limits[keyPath: limit].day = count }
            cap.finish()
        }
        part.finish()
        return limits
    }

    /// What automatic answers are counted by, as the desk file calls it.
    static var autoReplyCaps: [(key: String, limit: WritableKeyPath<AutoReplyLimits, AutoReplyLimits.Cap>)] {
        [("sender", \.perSender), ("pool", \.perPool), ("all", \.inAll)]
    }

    /// From no automatic answer at all to more than any desk can want.
    private static let capCounts = 0...1_000_000
}
