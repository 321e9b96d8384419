import Desk
import Gateway
package import MailTypes
package import Mailboxes

/// What SORT and THREAD compare messages by.
extension Transaction {
    /// The version of the keys as this build makes them.
    private static let keyFormat: Int64 = 1

    func insertKeys(of id: Int64, _ message: NewMessage) throws {
        let keys = message.keys
        try connection.run(
            """
            INSERT INTO message_key (message_id, format, sent_at, internal_date, size, is_reply, message_id_digest,
                                     reference_digests, base_subject, subject, from_key, to_key, cc_key, display_from,
                                     display_to)
            VALUES (\(id), \(Self.keyFormat), \(message.sentAt ?? message.internalDate), \(message.internalDate),
                    \(message.size), \(keys.isReply ? 1 : 0), \(keys.messageID), \(Self.octets(keys.references)),
                    \(keys.baseSubject), \(keys.subject), \(keys.from), \(keys.to), \(keys.cc), \(keys.displayFrom),
                    \(keys.displayTo))
            """)
    }

    /// The keys of a message that was made of another one, with another header section.
    func insertKeys(of id: Int64, _ message: RefiledMessage) throws {
        let keys = message.keys
        try connection.run(
            """
            INSERT INTO message_key (message_id, format, sent_at, internal_date, size, is_reply, message_id_digest,
                                     reference_digests, base_subject, subject, from_key, to_key, cc_key, display_from,
                                     display_to)
            SELECT id, \(Self.keyFormat), coalesce(sent_at, internal_date), internal_date, size,
                   \(keys.isReply ? 1 : 0), \(keys.messageID), \(Self.octets(keys.references)), \(keys.baseSubject),
                   \(keys.subject), \(keys.from), \(keys.to), \(keys.cc), \(keys.displayFrom), \(keys.displayTo)
              FROM message WHERE id = \(id)
            """)
    }

    func duplicateKeys(of message: MessageKey, as id: Int64) throws {
        try connection.run(
            """
            INSERT INTO message_key (message_id, format, sent_at, internal_date, size, is_reply, message_id_digest,
                                     reference_digests, base_subject, subject, from_key, to_key, cc_key, display_from,
                                     display_to)
            SELECT \(id), format, sent_at, internal_date, size, is_reply, message_id_digest, reference_digests,
                   base_subject, subject, from_key, to_key, cc_key, display_from, display_to
              FROM message_key WHERE message_id = \(message)
            """)
    }

    package func eachKeys(
        _ uids: [UInt32], in view: MailboxView, _ texts: [SortKeys.Text], _ body: (KeyRow) throws -> Void
    ) throws {
        for start in stride(from: 0, to: uids.count, by: 2000) {
            try eachKeys(of: uids[start..<min(start + 2000, uids.count)], in: view, texts, body)
        }
    }

    private func eachKeys(
        of uids: ArraySlice<UInt32>, in view: MailboxView, _ texts: [SortKeys.Text], _ body: (KeyRow) throws -> Void
    ) throws {
        guard let first = uids.first, let last = uids.last else { return }
        let isDense = Int(last - first) < 2 * uids.count + 64
        let condition: SQL = isDense ? "e.uid BETWEEN \(first) AND \(last)" : "e.uid IN (\(list: uids))"
        var sql: SQL =
            """
            SELECT e.uid, k.sent_at, k.internal_date, k.size, k.is_reply, k.message_id_digest, k.reference_digests
            """
        for text in texts { sql += Self.column(text) }
        sql += """
             FROM entry e JOIN message_key k ON k.message_id = e.message_id
             WHERE e.mailbox_id = \(view.mailbox) AND e.pool_id IN (\(list: view.pools)) AND \(condition) ORDER BY e.uid
            """
        var next = uids.startIndex
        var keys = KeyRow()
        keys.texts = texts.map { _ in [] }
        try connection.query(sql) { row in
            let uid = UInt32(truncatingIfNeeded: row.integer(0))
            while next < uids.endIndex, uids[next] < uid { next += 1 }
            guard next < uids.endIndex, uids[next] == uid else { return }
            keys.uid = uid
            (keys.sentAt, keys.arrival, keys.size) = (row.timestamp(1), row.timestamp(2), row.int(3))
            (keys.isReply, keys.messageID) = (row.bool(4), row.optionalInteger(5))
            keys.references = row.withBytes(6, Self.digests)
            for index in texts.indices { keys.texts[index] = row.blob(7 + index) }
            try body(keys)
        }
    }

    private static func column(_ text: SortKeys.Text) -> SQL {
        switch text {
        case .subject: ", k.subject"
        case .baseSubject: ", k.base_subject"
        case .from: ", k.from_key"
        case .to: ", k.to_key"
        case .cc: ", k.cc_key"
        case .displayFrom: ", k.display_from"
        case .displayTo: ", k.display_to"
        }
    }

    private static func octets(_ digests: [Int64]) -> SQLValue {
        guard !digests.isEmpty else { return .null }
        var octets: [UInt8] = []
        octets.reserveCapacity(digests.count * 8)
        for digest in digests {
            withUnsafeBytes(of: digest.littleEndian) { octets += $0 }
        }
        return .blob(octets[...])
    }

    private static func digests(_ octets: UnsafeRawBufferPointer) -> [Int64] {
        (0..<octets.count / 8).map {
            Int64(littleEndian: octets.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self))
        }
    }
}
