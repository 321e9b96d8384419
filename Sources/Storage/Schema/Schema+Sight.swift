extension Schema {
    /// Who sees whose cases.
    static let sight: [SQL] = [
        // Raised when it changes whether an agent sees the cases of colleagues in a pool: mailboxes that show them get a new
        // UIDVALIDITY for this agent, and no others.
        """
        CREATE TABLE agent_sight (
            agent_id {integer} NOT NULL REFERENCES agent (id),
            pool_id {integer} NOT NULL REFERENCES pool (id),
            uid_validity {integer} NOT NULL,
            PRIMARY KEY (agent_id, pool_id)) {clustered}
        """
    ]
}
