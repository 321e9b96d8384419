package import Desk
package import Gateway
import MailTypes

extension Transaction {
    package func record(_ acceptance: Acceptance, of content: ContentID) throws {
        try insert(acceptance, content: "\(content)")
    }

    package func record(_ acceptance: Acceptance, like message: MessageKey) throws {
        try insert(acceptance, content: "(SELECT content_id FROM message WHERE id = \(message))")
    }

    private func insert(_ acceptance: Acceptance, content: SQL) throws {
        let origin = acceptance.origin
        let rules = acceptance.rules.isEmpty ? nil : acceptance.rules.joined(separator: "\n")
        try connection.run(
            """
            INSERT INTO acceptance (at, content_id, is_duplicate, session, peer, helo, tls, agent_id, reverse_path,
                                    recipients, size, rules)
            VALUES (\(acceptance.at), \(content), \(acceptance.isDuplicate ? 1 : 0), \(origin.session), \(origin.peer),
                    \(origin.helo), \(origin.encryption.details), \(origin.agent), \(origin.reversePath),
                    \(origin.recipients.joined(separator: " ")), \(acceptance.size), \(rules))
            """)
    }

    package func shareAcceptances(of content: ContentID, with other: ContentID) throws {
        try connection.run(
            """
            INSERT INTO acceptance (at, content_id, is_duplicate, session, peer, helo, tls, agent_id, reverse_path,
                                    recipients, size, rules)
            SELECT at, \(other), is_duplicate, session, peer, helo, tls, agent_id, reverse_path, recipients, size, rules
              FROM acceptance WHERE content_id = \(content)
            """)
    }

    package func record(_ refusals: [Refusal]) throws {
        guard let last = refusals.last else { return }
        for refusal in refusals {
            let origin = refusal.origin
            let tls: String? = origin.encryption == .none ? "" : origin.encryption.details
            try connection.run(
                """
                INSERT INTO refusal (at, session, peer, helo, tls, agent_id, reverse_path, recipients, message_id_digest,
                                     rfc_message_id, reply, cause)
                VALUES (\(refusal.at), \(origin.session), \(origin.peer), \(origin.helo), \(tls), \(origin.agent),
                        \(origin.reversePath), \(origin.recipients.joined(separator: " ")), \(refusal.messageID?.digest),
                        \(refusal.messageID?.text), \(refusal.reply), \(refusal.cause))
                """)
        }
        let oldest = last.at - .seconds(Refusal.days * 86400)
        try connection.run(
            """
            DELETE FROM refusal WHERE id <= (SELECT max(id) FROM refusal) - \(Refusal.maximumRows)
                OR (id < (SELECT min(id) FROM refusal) + 1000 AND at < \(oldest))
            """)
    }
}
