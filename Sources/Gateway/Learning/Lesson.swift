package import Desk
package import MailTypes

/// A mail that a spam filter is to learn from, because an agent put it into Spam or took it out.
package struct Lesson: Hashable, Sendable {
    package var id: Int64
    package var content: ContentID
    /// Octets of the content.
    package var size: Int
    package var isSpam: Bool
    /// How often it was tried.
    package var attempts: Int

    package init(id: Int64, content: ContentID, size: Int, isSpam: Bool, attempts: Int) {
        (self.id, self.content, self.size) = (id, content, size)
        (self.isSpam, self.attempts) = (isSpam, attempts)
    }

    /// Mails of one case that are taught, the newest.
    package static let maximumMails = 50
}

/// What agents decided about spam since somebody looked.
package struct SpamDecisions: Equatable, Sendable {
    /// One case that went into Spam or came out.
    package struct Decision: Equatable, Sendable {
        package var ticket: TicketNumber
        package var isSpam: Bool
        package init(ticket: TicketNumber, isSpam: Bool) { (self.ticket, self.isSpam) = (ticket, isSpam) }
    }

    /// In their order.
    package var decisions: [Decision]
    /// Up to which event was looked.
    package var mark: Int64

    package init(decisions: [Decision], mark: Int64) { (self.decisions, self.mark) = (decisions, mark) }
}

/// What learning needs of the database.
package protocol LessonTransaction {
    /// The event up to which lessons were made; `nil`: nothing is taught yet.
    func lessonMark() throws -> Int64?
    func setLessonMark(_ event: Int64) throws
    /// The newest event of all cases.
    func newestEvent() throws -> Int64
    /// What agents, not the desk itself, decided after an event, a bounded number of events on.
    func spamDecisions(after event: Int64) throws -> SpamDecisions
    /// Makes lessons of the mails of a case that came from outside; none of what was taught last. One in the other direction
    /// that was not taught yet is dropped: the last decision counts.
    func makeLessons(_ decision: SpamDecisions.Decision, at now: Timestamp) throws
    /// The lesson that is due first, and when; `nil`: there is none.
    func nextLesson() throws -> (lesson: Lesson, dueAt: Timestamp)?
    /// It was taught, or given up.
    func settleLesson(_ id: Int64) throws
    func postponeLesson(_ id: Int64, until: Timestamp) throws
}

/// What is asked of a spam filter that learns.
package protocol SpamTeacher: Sendable {
    /// Teaches a mail. `octets` answers a part of its content.
    func teach(
        size: Int, isSpam: Bool, octets: @escaping @Sendable (Range<Int>) async throws -> [UInt8]
    ) async -> TeachingOutcome
}

/// What came of teaching a mail.
package enum TeachingOutcome: Equatable, Sendable {
    case taught
    /// The filter will never learn from it, and says why.
    case useless(String)
    /// It could not be asked, or does not let us: again later.
    case unavailable(String)
}
