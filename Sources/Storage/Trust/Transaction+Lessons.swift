import Desk
package import Gateway
package import MailTypes

/// What a spam filter is to learn.
extension Transaction {
    package func lessonMark() throws -> Int64? {
        try connection.integer("SELECT value FROM counter WHERE name = 'lesson_event'")
    }

    package func setLessonMark(_ event: Int64) throws {
        try connection.run(
            """
            INSERT INTO counter (name, value) VALUES ('lesson_event', \(event))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    }

    package func newestEvent() throws -> Int64 { try connection.integer("SELECT max(id) FROM event") ?? 0 }

    package func spamDecisions(after event: Int64) throws -> SpamDecisions {
        var found = SpamDecisions(decisions: [], mark: event)
        let spam = TicketStatus.spam.word
        try connection.query(
            """
            SELECT id, kind, ticket_id, agent_id, from_value, to_value, reason FROM event
             WHERE id > \(event) ORDER BY id LIMIT 500
            """
        ) { row in
            found.mark = row.integer(0)
            guard let kind = EventKind(rawValue: row.integer(1)), !row.isNull(3) else { return }
            let ticket = TicketNumber(rawValue: row.integer(2))
            let (from, to, reason) = (row.optionalText(4), row.optionalText(5), row.optionalText(6))
            switch kind {
            case .statusChanged where to == spam: found.decisions.append(.init(ticket: ticket, isSpam: true))
            case .statusChanged where from == spam: found.decisions.append(.init(ticket: ticket, isSpam: false))
            // Some mails of a case went to Spam as a case of their own.
            case .split where reason == spam:
                guard let number = to.flatMap({ Int64($0) }) else { return }
                found.decisions.append(.init(ticket: TicketNumber(rawValue: number), isSpam: true))
            default: return
            }
        }
        return found
    }

    package func makeLessons(_ decision: SpamDecisions.Decision, at now: Timestamp) throws {
        let kinds: [MessageKind] = [.inbound, .unconfirmed, .automatic]
        let (isSpam, other): (Int64, Int64) = decision.isSpam ? (1, 0) : (0, 1)
        try connection.run(
            """
            DELETE FROM lesson WHERE is_spam = \(other) AND due_at IS NOT NULL
                AND content_id IN (SELECT content_id FROM message WHERE ticket_id = \(decision.ticket))
            """)
        // Taught before what was taught last: the filter has forgotten it, and learns it once more.
        try connection.run(
            """
            DELETE FROM lesson WHERE is_spam = \(isSpam) AND due_at IS NULL
                AND content_id IN (SELECT content_id FROM message WHERE ticket_id = \(decision.ticket))
                AND EXISTS (SELECT 1 FROM lesson AS later
                             WHERE later.content_id = lesson.content_id AND later.is_spam = \(other)
                               AND later.id > lesson.id)
            """)
        // Accepted from a connection, and from nobody who had logged in.
        try connection.run(
            """
            INSERT INTO lesson (content_id, is_spam, due_at, attempts)
            SELECT content_id, \(isSpam), \(now), 0 FROM message
             WHERE ticket_id = \(decision.ticket) AND kind IN (\(list: kinds))
               AND EXISTS (SELECT 1 FROM acceptance
                            WHERE acceptance.content_id = message.content_id AND acceptance.agent_id IS NULL)
             GROUP BY content_id ORDER BY max(id) DESC LIMIT \(Lesson.maximumMails)
            ON CONFLICT (content_id, is_spam) DO NOTHING
            """)
    }

    package func nextLesson() throws -> (lesson: Lesson, dueAt: Timestamp)? {
        try connection.first(
            """
            SELECT lesson.id, content_id, size, is_spam, attempts, due_at
              FROM lesson JOIN content ON content.id = content_id
             WHERE due_at IS NOT NULL ORDER BY due_at, lesson.id LIMIT 1
            """
        ) { row in
            (
                Lesson(
                    id: row.integer(0), content: ContentID(rawValue: row.integer(1)), size: Int(row.integer(2)),
                    isSpam: row.integer(3) != 0, attempts: Int(row.integer(4))), row.timestamp(5)
            )
        }
    }

    package func settleLesson(_ id: Int64) throws {
        try connection.run("UPDATE lesson SET due_at = NULL WHERE id = \(id)")
    }

    package func postponeLesson(_ id: Int64, until: Timestamp) throws {
        try connection.run("UPDATE lesson SET due_at = \(until), attempts = attempts + 1 WHERE id = \(id)")
    }
}
