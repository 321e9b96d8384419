package import Desk
import MailTypes
package import Mailboxes

/// Stored texts and the index over them.
extension Transaction {
    package func textMark() throws -> TextMark {
        let version = try connection.integer("SELECT value FROM counter WHERE name = 'text_version'")
        return TextMark(
            indexed: try required(try connection.integer("SELECT value FROM counter WHERE name = 'text_indexed'")),
            discarded: try required(try connection.integer("SELECT value FROM counter WHERE name = 'text_discarded'")),
            isCurrent: version == SearchTexts.version)
    }

    package func renewTexts() throws {
        guard try !textMark().isCurrent else { return }
        try connection.trigrams.clear()
        // The stored texts stay until they are made anew: above the mark nobody looks at them.
        try connection.run("UPDATE counter SET value = 0 WHERE name = 'text_indexed'")
        try connection.run(
            """
            INSERT INTO counter (name, value) VALUES ('text_version', \(SearchTexts.version))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    }

    package func eachUnindexed(_ body: (MessageRow) throws -> Bool) throws {
        let mark = try textMark()
        try connection.scan(
            """
            SELECT m.id, m.size, m.header_size, m.content_id, m.body_offset, t.structure, t.header
              FROM message m JOIN message_text t ON t.message_id = m.id WHERE m.id > \(mark.indexed) ORDER BY m.id
            """
        ) { columns in
            var row = MessageRow()
            row.message = MessageKey(rawValue: columns.integer(0))
            (row.size, row.headerSize) = (columns.int(1), columns.int(2))
            (row.content, row.bodyOffset) = (ContentID(rawValue: columns.integer(3)), columns.int(4))
            (row.structure, row.header) = (columns.blob(5), columns.blob(6))
            return try body(row)
        }
    }

    package func store(_ texts: [IndexedText], after mark: TextMark) throws -> Bool {
        guard try textMark() == mark, let last = texts.last else { return false }
        for text in texts {
            let id = text.message.rawValue
            try dropText(of: id)
            let isStored = try connection.run(
                """
                INSERT INTO message_search (message_id, preview, is_cut, head, body)
                SELECT id, \(text.preview), \(text.isCut ? 1 : 0), \(text.head), \(text.body) FROM message WHERE id = \(id)
                """)
            if isStored == 1, !text.isCut { try connection.trigrams.add(text.trigrams, of: id) }
        }
        try connection.run("UPDATE counter SET value = \(last.message) WHERE name = 'text_indexed'")
        return true
    }

    /// Takes a message out of the index, which is going.
    func discardText(of message: MessageKey) throws {
        let id = message.rawValue
        try dropText(of: id)
        // The number of the newest is given again.
        guard try !connection.exists("SELECT 1 FROM message WHERE id > \(id)") else { return }
        try connection.run("UPDATE counter SET value = value + 1 WHERE name = 'text_discarded'")
        try connection.run(
            "UPDATE counter SET value = \(id - 1) WHERE name = 'text_indexed' AND value >= \(id)")
    }

    private func dropText(of id: Int64) throws {
        let stored = try connection.first("SELECT head, body, is_cut FROM message_search WHERE message_id = \(id)") {
            (texts: SearchTexts(head: $0.blob(0), body: $0.blob(1)), isCut: $0.bool(2))
        }
        guard let stored else { return }
        // Above the mark it is a text of another version, which the index has forgotten.
        if !stored.isCut, try id <= textMark().indexed {
            try connection.trigrams.remove(Trigrams.all(in: stored.texts.indexed), of: id)
        }
        try connection.run("DELETE FROM message_search WHERE message_id = \(id)")
    }

    package func unindexedUIDs(in view: MailboxView) throws -> [UInt32] {
        let mark = try textMark()
        // The plus keeps SQLite with the few messages above the mark instead of the many of the mailbox.
        return try connection.all(
            """
            SELECT uid FROM entry
             WHERE message_id > \(mark.indexed) AND +mailbox_id = \(view.mailbox) AND pool_id IN (\(list: view.pools))
            UNION
            SELECT e.uid FROM message_search s JOIN entry e ON e.message_id = s.message_id
             WHERE s.is_cut = 1 AND +e.mailbox_id = \(view.mailbox) AND e.pool_id IN (\(list: view.pools))
            """
        ) { UInt32(truncatingIfNeeded: $0.integer(0)) }
    }

    package func uids(
        holding trigrams: [UInt32], in view: MailboxView, above message: MessageKey, limit: Int
    ) throws -> (uids: [UInt32], last: MessageKey?) {
        var uids: [UInt32] = []
        var (count, last): (Int, MessageKey?) = (0, nil)
        try connection.trigrams.scan(trigrams, above: message.rawValue) { id in
            try connection.query(
                """
                SELECT uid FROM entry
                 WHERE message_id = \(id) AND +mailbox_id = \(view.mailbox) AND pool_id IN (\(list: view.pools))
                """
            ) { uids.append(UInt32(truncatingIfNeeded: $0.integer(0))) }
            count += 1
            guard count >= limit else { return true }
            last = MessageKey(rawValue: id)
            return false
        }
        return (uids, last)
    }
}
