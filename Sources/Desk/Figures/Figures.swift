/// The figures of a period (FEATURES S28, S29).
package struct Figures: Equatable, Sendable {
    /// One row of a report.
    package struct Row: Equatable, Sendable {
        /// Mails of customers.
        package var received = 0
        /// Cases closed, by whether that was in time and whether a department was consulted.
        package var closedInTime = 0
        package var closedInTimeConsulted = 0
        package var closedLate = 0
        package var closedLateConsulted = 0
        /// Cases that were consulted about, each once.
        package var consultedInTime = 0
        package var consultedLate = 0
        /// Of the closed cases those with a customer's mail within 30 days; those mails.
        package var repliedTo = 0
        package var replies = 0
        /// Cases that their customers rated, and the sum of the ratings.
        package var ratings = 0
        package var ratingSum = 0
        /// Working time until the first answer, and until a case was solved.
        package var firstAnswer = Spans()
        package var solution = Spans()

        package init() {}

        package var closed: Int { closedInTime + closedInTimeConsulted + closedLate + closedLateConsulted }
        /// In thousandths of the closed cases; `nil` where none was closed.
        package var replyShare: Int? { closed == 0 ? nil : (repliedTo * 1000 + closed / 2) / closed }
        /// The mean rating in hundredths; `nil` where none was given.
        package var meanRating: Int? { ratings == 0 ? nil : (ratingSum * 100 + ratings / 2) / ratings }
    }

    /// Lengths of time.
    package struct Spans: Equatable, Sendable {
        package private(set) var seconds: [Int64] = []

        package init(_ seconds: [Int64] = []) { self.seconds = seconds.sorted() }

        package var count: Int { seconds.count }
        /// The middle one; of two the lesser. `nil` without any.
        package var median: Int64? { rank(percent: 50) }
        /// Nine of ten are not longer.
        package var ninetieth: Int64? { rank(percent: 90) }

        mutating func insert(_ length: Int64) { seconds.append(length) }
        mutating func sort() { seconds.sort() }

        // Nearest rank: the first one that so many percent do not exceed.
        private func rank(percent: Int) -> Int64? {
            let place = (seconds.count * percent + 99) / 100
            return seconds.indices.contains(place - 1) ? seconds[place - 1] : nil
        }
    }

    package var total = Row()
    package var rows: [FigureKey: Row] = [:]
    /// Mails of customers by the hour of the desk's day, and by the day of the week from Monday on.
    package var hours = [Int](repeating: 0, count: 24)
    package var weekdays = [Int](repeating: 0, count: 7)

    package init() {}

    /// How long after its closing a customer's mail counts as a reply to it.
    package static let replyTime: Duration = .seconds(30 * 86400)

    /// What each figure means, as `--explain` prints it.
    package static let definitions: [(name: String, meaning: String)] = [
        ("received", "mails of customers that came in the period; automatic mail counts only where it opened a case"),
        (
            "closed",
            "cases that were done or closed for the first time in the period; each counts once, for whom it was assigned to "
                + "at that moment, whatever became of it later"
        ),
        ("in time", "judged when the case is closed for the first time; a case without a deadline is in time"),
        (
            "consulted",
            "cases whose consultations ended in the period, or that were closed after one; several count once, and late if "
                + "one was late"
        ),
        (
            "replies",
            "mails of the customer within 30 days after that closing, and the share of closed cases that had one; automatic "
                + "mail is no reply"
        ),
        (
            "first answer",
            "working time from opening until the first answer left, for whom the case was assigned to then; an automatic "
                + "answer is none"
        ),
        ("solution", "working time until the first closing, without the time that the case waited for the customer"),
        (
            "ratings",
            "cases that their customers rated in the period, each by the last rating given in it, for whom the case was "
                + "assigned to then; and the mean, from 1 to 5"
        ),
        ("left out", "cases that lie in Folders/… or in Spam, deleted cases; of merged cases all but the mails received"),
    ]
}
