package import Desk

/// Edits one named part of the desk in place, from a session or a command.
package protocol DeskEditing: Sendable {
    /// Carries out an edit: reads the stored desk, changes it, validates the whole as `desk apply` does and applies it,
    /// all in one transaction, so that two edits at once never lose one. The new roster is in force, and the feed tells of
    /// it, before this returns.
    ///
    /// `check` runs in the same transaction before anything changes; what it throws forbids the edit. A refusal arrives
    /// as `StoreFailure.rejected` with the `DeskEditRefusal`, or what `check` threw, as its cause.
    func edit(
        _ edit: DeskEdit, by agent: AgentID?, check: @escaping @Sendable (any DeskTransaction, Roster) throws -> Void
    ) async throws(StoreFailure)
}
