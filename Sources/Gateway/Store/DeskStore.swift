/// The one way to the truth: transactions over the database. A transaction is a synchronous closure that runs on a
/// thread of the driver; the value it gets is valid inside it only. What it throws undoes it whole.
///
/// Writes that are waiting together share one commit, each in a savepoint of its own; a completion runs after the commit
/// is on disk. `octets` is what the closure holds in memory: the queue is bounded in count and octets, and a write that
/// does not fit fails at once with `StoreFailure.overloaded`.
package protocol DeskStore: Sendable {
    func write<R: Sendable>(
        octets: Int, _ body: @escaping @Sendable (any DeskTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void)
    /// A read sees one snapshot of the database, with everything that was committed before the call.
    func read<R: Sendable>(
        _ body: @escaping @Sendable (any DeskTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void)
}

extension DeskStore {
    /// `write`, awaited.
    package func write<R: Sendable>(
        octets: Int = 0, _ body: @escaping @Sendable (any DeskTransaction) throws -> R
    ) async throws(StoreFailure) -> R {
        try await withCheckedContinuation { continuation in
            write(octets: octets, body) { continuation.resume(returning: $0) }
        }.get()
    }

    /// `read`, awaited.
    package func read<R: Sendable>(
        _ body: @escaping @Sendable (any DeskTransaction) throws -> R
    ) async throws(StoreFailure) -> R {
        try await withCheckedContinuation { continuation in
            read(body) { continuation.resume(returning: $0) }
        }.get()
    }
}

/// Why a transaction did not happen. Everything but `rejected` and `damaged` may work later: a 4xx, `NO [UNAVAILABLE]`.
package struct StoreFailure: Error, Sendable {
    package enum Reason: String, Sendable {
        /// The queue of writes is full.
        case overloaded
        /// The disk is full, or what is kept free would be touched.
        case full
        /// Locked, read-only, an I/O error: the world failed.
        case unavailable
        /// The database is damaged or newer than this build.
        case damaged
        /// The closure threw something else than a failing database: `cause` says what.
        case rejected
    }
    package var reason: Reason
    package var cause: (any Error)?
    package init(_ reason: Reason, cause: (any Error)? = nil) { (self.reason, self.cause) = (reason, cause) }
}

/// Everything that a transaction can do. Declared in parts, next to the code that needs each.
package protocol DeskTransaction: CaseTransaction, IntakeTransaction, ReplyTransaction, OutboxTransaction,
    RosterTransaction, TimerTransaction, RefilingTransaction, CardTransaction, TimeTransaction, AutoReplyTransaction,
    RecordTransaction, CustomerTransaction, QuestionTransaction, CorrespondenceTransaction, FindTransaction,
    ApprovalTransaction, ConsultationTransaction, AbsenceTransaction, OversightTransaction,
    GreylistTransaction, LessonTransaction, RatingTransaction
{}
