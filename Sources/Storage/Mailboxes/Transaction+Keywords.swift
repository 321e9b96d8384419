package import Desk
import MailTypes
import Mailboxes

/// Keywords in use: those of all cases together, and those of each agent's own mail.
extension Transaction {
    package func keywords(of agent: AgentID, limit: Int) throws -> [String] {
        try [0, agent.rawValue].flatMap { owner in
            try connection.all(
                "SELECT spelling FROM keyword WHERE owner_id = \(owner) ORDER BY id DESC LIMIT \(limit)"
            ) { $0.text(0) }
        }
    }

    /// Remembers keywords that a case was given.
    func noteKeywords(_ words: [String]) throws {
        for word in words where notedKeywords.insert(word).inserted {
            try connection.run(
                """
                INSERT INTO keyword (owner_id, folded, spelling) VALUES (0, \(word.lowercased()), \(word))
                ON CONFLICT (owner_id, folded) DO NOTHING
                """)
        }
    }

    /// Remembers keywords that an agent's own mail was given.
    func noteKeywords(_ words: [String], ofOwn message: MessageKey) throws {
        // A space is in no keyword, so the two kinds do not meet.
        for word in words where notedKeywords.insert("own \(word)").inserted {
            try connection.run(
                """
                INSERT INTO keyword (owner_id, folded, spelling)
                SELECT coalesce(agent_id, 0), \(word.lowercased()), \(word) FROM message WHERE id = \(message)
                ON CONFLICT (owner_id, folded) DO NOTHING
                """)
        }
    }
}
