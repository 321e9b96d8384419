package import Gateway

/// The desk's store over a database of either kind: runs transactions, and passes what they changed to the feed once it
/// is durable.
package final class Store: DeskStore {
    package let database: any Database
    private let feed: ChangeFeed

    package init(_ database: any Database, feed: ChangeFeed) { (self.database, self.feed) = (database, feed) }

    package func write<R: Sendable>(
        octets: Int, _ body: @escaping @Sendable (any DeskTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) {
        runWrite(octets: octets, { try body($0) }, completion: completion)
    }

    package func read<R: Sendable>(
        _ body: @escaping @Sendable (any DeskTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) {
        runRead({ try body($0) }, completion: completion)
    }

    /// A write over the whole of `Transaction`.
    package func runWrite<R: Sendable>(
        octets: Int, _ body: @escaping @Sendable (Transaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) {
        let feed = feed
        let refusal = database.enqueueWrite(bytes: octets) { connection in
            let transaction = Transaction(connection)
            let result = try body(transaction)
            let change = transaction.change
            if !change.isEmpty { connection.afterCommit { feed.publish(change) } }
            return result
        } completion: { result in
            completion(result.mapError(StoreFailure.init(thrown:)))
        }
        if let refusal { completion(.failure(StoreFailure(thrown: refusal))) }
    }

    /// A read over the whole of `Transaction`.
    package func runRead<R: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) {
        let refusal = database.enqueueRead { connection in
            try body(Transaction(connection))
        } completion: { result in
            completion(result.mapError(StoreFailure.init(thrown:)))
        }
        if let refusal { completion(.failure(StoreFailure(thrown: refusal))) }
    }

    /// `runWrite`, awaited.
    package func write<R: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> R) async throws(StoreFailure) -> R {
        try await withCheckedContinuation { continuation in
            runWrite(octets: 0, body) { continuation.resume(returning: $0) }
        }.get()
    }

    /// `runRead`, awaited.
    package func read<R: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> R) async throws(StoreFailure) -> R {
        try await withCheckedContinuation { continuation in
            runRead(body) { continuation.resume(returning: $0) }
        }.get()
    }
}

extension StoreFailure {
    /// What a closure or the database threw, in the terms of the port.
    init(thrown error: any Error) {
        switch error {
        case let failure as StoreFailure: self = failure
        case let failure as StorageFailure:
            switch failure.code {
            case .queueFull: self.init(.overloaded, cause: failure)
            case .full: self.init(.full, cause: failure)
            case .busy, .readOnly, .interrupted, .io, .closed: self.init(.unavailable, cause: failure)
            case .corrupt, .newerSchema: self.init(.damaged, cause: failure)
            case .constraint, .other: self.init(.rejected, cause: failure)
            }
        default: self.init(.rejected, cause: error)
        }
    }
}
