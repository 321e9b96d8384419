import Storage
import Testing

extension DeskFixture {
    /// What must hold of every database after every transaction. `allowsHiddenCases`: cases that are over were taken out of
    /// the folder of somebody who may not read them any more.
    func checkInvariants(allowsHiddenCases: Bool = false) async throws {
        let broken = try await brokenInvariants().filter { !allowsHiddenCases || !$0.hasPrefix("primary") }
        #expect(broken == [])
    }

    /// What does not hold, with the rows in question.
    func brokenInvariants() async throws -> [String] {
        var broken: [String] = []
        for (sentence, sql) in Self.invariants {
            let rows = try await texts(sql)
            if !rows.isEmpty { broken.append("\(sentence): \(rows.joined(separator: ", "))") }
        }
        return broken
    }

    private static let view: SQL =
        "(SELECT b.id FROM mailbox b WHERE b.class = 14 AND b.reference_id = t.pool_id)"

    private static let statusView: SQL =
        "(SELECT b.id FROM mailbox b WHERE b.class = 25 AND b.reference_id = t.pool_id * 16 + t.status)"

    private static let isDeleted: SQL = "EXISTS (SELECT 1 FROM mailbox b WHERE b.id = t.mailbox_id AND b.class = 11)"

    private static let invariants: [(String, SQL)] = [
        (
            "primary: every message of a case lies exactly once where its case lies",
            """
            SELECT m.id || '' FROM message m JOIN ticket t ON t.id = m.ticket_id
             WHERE t.merged_into IS NULL AND NOT \(isDeleted)
               AND (SELECT count(*) FROM entry e WHERE e.message_id = m.id AND e.mailbox_id = t.mailbox_id) <> 1
            """
        ),
        (
            "what went into another case lies nowhere, what was deleted in Trash at most",
            """
            SELECT m.id || ' in ' || e.mailbox_id FROM entry e JOIN message m ON m.id = e.message_id
              JOIN ticket t ON t.id = m.ticket_id
             WHERE t.merged_into IS NOT NULL OR (\(isDeleted) AND e.mailbox_id <> t.mailbox_id)
            """
        ),
        (
            "every message of a case lies exactly once in the view of its pool",
            """
            SELECT m.id || '' FROM message m JOIN ticket t ON t.id = m.ticket_id
             WHERE t.merged_into IS NULL AND NOT \(isDeleted)
               AND (SELECT count(*) FROM entry e WHERE e.message_id = m.id AND e.mailbox_id = \(view)) <> 1
            """
        ),
        (
            "every message of a case lies exactly once in the view of its pool and status",
            """
            SELECT m.id || '' FROM message m JOIN ticket t ON t.id = m.ticket_id
             WHERE t.merged_into IS NULL AND NOT \(isDeleted)
               AND (SELECT count(*) FROM entry e WHERE e.message_id = m.id AND e.mailbox_id = \(statusView)) <> 1
            """
        ),
        (
            "a message of a case lies nowhere else, but in Next of the one it is offered to and in views that it belongs to",
            """
            SELECT m.id || ' in ' || e.mailbox_id FROM entry e JOIN message m ON m.id = e.message_id
              JOIN ticket t ON t.id = m.ticket_id
             WHERE e.mailbox_id <> t.mailbox_id AND e.mailbox_id <> \(view) AND e.mailbox_id <> \(statusView)
               AND NOT EXISTS (SELECT 1 FROM mailbox b WHERE b.id = e.mailbox_id AND b.class = 17 AND t.is_overdue = 1)
               AND NOT EXISTS (SELECT 1 FROM mailbox b WHERE b.id = e.mailbox_id AND b.class = 20 AND t.status = 8
                                  AND b.agent_id = t.assignee_id)
               AND NOT EXISTS (SELECT 1 FROM mailbox b JOIN follower f ON f.agent_id = b.agent_id
                                WHERE b.id = e.mailbox_id AND b.class = 18 AND f.ticket_id = t.id)
               AND NOT EXISTS (SELECT 1 FROM mailbox b WHERE b.id = e.mailbox_id AND b.class = 18
                                  AND b.agent_id = t.assignee_id AND t.substitute_id IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM offer o JOIN mailbox b ON b.agent_id = o.agent_id AND b.class = 2
                                WHERE o.ticket_id = t.id AND b.id = e.mailbox_id)
            """
        ),
        (
            "what is overdue lies once in Overdue, and nothing else",
            """
            SELECT m.id || '' FROM message m JOIN ticket t ON t.id = m.ticket_id
             WHERE (SELECT count(*) FROM entry e JOIN mailbox b ON b.id = e.mailbox_id
                     WHERE e.message_id = m.id AND b.class = 17) <> t.is_overdue
            """
        ),
        (
            "messages show what their case shows",
            """
            SELECT m.id || '' FROM message m JOIN ticket t ON t.id = m.ticket_id
             WHERE m.flags >> 40 <> t.shown_marks >> 40 OR t.is_overdue <> (t.shown_marks >> 40) & 1
            """
        ),
        (
            "a timer waits for every deadline and for everything idle",
            """
            SELECT t.id || '' FROM ticket t
             WHERE (t.is_overdue = 0 AND coalesce(t.first_answer_due, t.solution_due) IS NOT NULL)
                   <> EXISTS (SELECT 1 FROM timer d WHERE d.kind = 1 AND d.ticket_id = t.id)
                OR (t.status IN (6, 7) AND t.folder_id IS NULL
                    AND NOT EXISTS (SELECT 1 FROM mailbox b WHERE b.id = t.mailbox_id AND b.class = 11))
                   <> EXISTS (SELECT 1 FROM timer d WHERE d.kind = 2 AND d.ticket_id = t.id)
            """
        ),
        (
            "entries, messages and their case have one pool",
            """
            SELECT m.id || '' FROM entry e JOIN message m ON m.id = e.message_id JOIN ticket t ON t.id = m.ticket_id
             WHERE (e.pool_id & ~549755813888) <> m.pool_id + m.card_offset OR m.pool_id <> t.pool_id
            """
        ),
        (
            "every card has its message, and every card's message its card",
            """
            SELECT coalesce(m.id, c.message_id) || '' FROM (SELECT id, ticket_id FROM message WHERE kind = 7) m
              FULL JOIN card c ON c.message_id = m.id AND c.ticket_id = m.ticket_id
             WHERE m.id IS NULL OR c.message_id IS NULL
            """
        ),
        (
            "counts per pool are true",
            """
            SELECT p.mailbox_id || '/' || p.pool_id FROM mailbox_pool p
             WHERE p.messages <> (SELECT count(*) FROM entry e
                                   WHERE e.mailbox_id = p.mailbox_id AND e.pool_id = p.pool_id)
            """
        ),
        (
            "counts per block of UIDs are true",
            """
            SELECT coalesce(e.mailbox_id, b.mailbox_id) || '/' || coalesce(e.block, b.block)
              FROM (SELECT mailbox_id, uid / 1024 AS block, pool_id, count(*) AS messages FROM entry GROUP BY 1, 2, 3) e
              FULL JOIN entry_block b
                ON b.mailbox_id = e.mailbox_id AND b.block = e.block AND b.pool_id = e.pool_id
             WHERE b.messages IS NULL OR e.messages IS NULL OR b.messages <> e.messages
            """
        ),
        (
            "entries and tombstones are counted",
            """
            SELECT e.mailbox_id || '/' || e.pool_id
              FROM (SELECT mailbox_id, pool_id, max(uid) AS uid, max(modseq) AS modseq
                      FROM (SELECT mailbox_id, pool_id, uid, modseq FROM entry
                            UNION ALL SELECT mailbox_id, pool_id, uid, modseq FROM tombstone) x
                     GROUP BY mailbox_id, pool_id) e
              LEFT JOIN mailbox_pool p ON p.mailbox_id = e.mailbox_id AND p.pool_id = e.pool_id
             WHERE p.uid_highest IS NULL OR p.uid_highest <> e.uid OR p.modseq_highest < e.modseq
            """
        ),
        (
            "UIDs stay below UIDNEXT",
            """
            SELECT x.mailbox_id || ':' || x.uid
              FROM (SELECT mailbox_id, uid FROM entry UNION ALL SELECT mailbox_id, uid FROM tombstone) x
              JOIN mailbox b ON b.id = x.mailbox_id WHERE x.uid >= b.uid_next OR x.uid < 1
            """
        ),
        (
            "no UID is live and gone",
            """
            SELECT e.mailbox_id || ':' || e.uid FROM entry e
              JOIN tombstone s ON s.mailbox_id = e.mailbox_id AND s.uid = e.uid
            """
        ),
        (
            "mod-sequences stay within the counter",
            """
            SELECT x.modseq || '' FROM (SELECT modseq FROM entry UNION ALL SELECT modseq FROM tombstone
                   UNION ALL SELECT modseq FROM message UNION ALL SELECT modseq FROM agent_message) x
             WHERE x.modseq > (SELECT value FROM counter WHERE name = 'mod_sequence')
            """
        ),
        (
            "case numbers stay within the counter",
            "SELECT id || '' FROM ticket WHERE id > (SELECT value FROM counter WHERE name = 'ticket_number')"
        ),
        (
            "sizes are those of what is served, and nothing that is referred to counts as staged",
            """
            SELECT m.id || '' FROM message m JOIN content c ON c.id = m.content_id
             WHERE m.size <> m.header_size + c.size - m.body_offset OR c.staged_at IS NOT NULL
                OR c.size <> coalesce(length(c.octets),
                     (SELECT sum(length(k.octets)) FROM content_chunk k
                       WHERE k.id >= c.id * 65536 AND k.id < c.id * 65536 + 65536))
                OR m.header_size <> (SELECT length(x.header) FROM message_text x WHERE x.message_id = m.id)
            """
        ),
    ]
}
