package import Desk
package import Mailboxes

/// What an account has beside mail: its quota's counters and its annotations.
extension Transaction {
    package func ownMail(of agent: AgentID) throws -> OwnMailUsage {
        try connection.first("SELECT own_octets, own_messages FROM agent WHERE id = \(agent)") {
            OwnMailUsage(octets: $0.integer(0), messages: $0.integer(1))
        } ?? OwnMailUsage(octets: 0, messages: 0)
    }

    func countOwnMail(of agent: AgentID, messages: Int64, octets: Int64) throws {
        try connection.run(
            """
            UPDATE agent SET own_messages = own_messages + \(messages), own_octets = own_octets + \(octets)
             WHERE id = \(agent)
            """)
    }

    package func annotations(of object: AnnotatedObject, by agent: AgentID) throws -> [Annotation] {
        try connection.all(
            """
            SELECT entry, value FROM annotation
             WHERE agent_id = \(agent) AND object_id = \(object.rawValue) ORDER BY entry
            """
        ) { Annotation($0.text(0), $0.blob(1)) }
    }

    package func eachAnnotation(of agent: AgentID, _ body: (_ object: Int64, Annotation) throws -> Void) throws {
        try connection.query("SELECT object_id, entry, value FROM annotation WHERE agent_id = \(agent)") {
            try body($0.integer(0), Annotation($0.text(1), $0.blob(2)))
        }
    }

    package func annotationUsage(of agent: AgentID) throws -> (count: Int, octets: Int) {
        try connection.first(
            "SELECT count(*), coalesce(sum(length(value)), 0) FROM annotation WHERE agent_id = \(agent)"
        ) { ($0.int(0), $0.int(1)) } ?? (0, 0)
    }

    package func setAnnotation(
        _ value: [UInt8]?, named entry: String, of object: AnnotatedObject, by agent: AgentID
    ) throws {
        guard let value else {
            try connection.run(
                """
                DELETE FROM annotation
                 WHERE agent_id = \(agent) AND object_id = \(object.rawValue) AND entry = \(entry)
                """)
            return
        }
        try connection.run(
            """
            INSERT INTO annotation (agent_id, object_id, entry, value)
            VALUES (\(agent), \(object.rawValue), \(entry), \(value))
            ON CONFLICT (agent_id, object_id, entry) DO UPDATE SET value = excluded.value
            """)
    }
}
