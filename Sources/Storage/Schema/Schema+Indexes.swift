extension Schema {
    /// Indexes that turned out to be missing.
    static let indexes: [SQL] = [
        // With the flags in it, or the primary key is taken instead.
        "DROP INDEX agent_message_deleted",
        "CREATE INDEX agent_message_deleted ON agent_message (agent_id, message_id, flags) WHERE flags & 8 <> 0",
    ]
}
