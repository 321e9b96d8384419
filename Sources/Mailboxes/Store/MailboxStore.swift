package import Gateway

/// The way to the database for sessions: as `DeskStore`, with what mailboxes need beside it.
package protocol MailboxStore: Sendable {
    func write<R: Sendable>(
        octets: Int, _ body: @escaping @Sendable (any MailboxTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void)
    /// A read sees one snapshot of the database, with everything that was committed before the call.
    func read<R: Sendable>(
        _ body: @escaping @Sendable (any MailboxTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void)
}

extension MailboxStore {
    /// `write`, awaited.
    package func write<R: Sendable>(
        octets: Int = 0, _ body: @escaping @Sendable (any MailboxTransaction) throws -> R
    ) async throws(StoreFailure) -> R {
        try await withCheckedContinuation { continuation in
            write(octets: octets, body) { continuation.resume(returning: $0) }
        }.get()
    }

    /// `read`, awaited.
    package func read<R: Sendable>(
        _ body: @escaping @Sendable (any MailboxTransaction) throws -> R
    ) async throws(StoreFailure) -> R {
        try await withCheckedContinuation { continuation in
            read(body) { continuation.resume(returning: $0) }
        }.get()
    }
}
