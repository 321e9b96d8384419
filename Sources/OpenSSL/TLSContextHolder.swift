internal import Synchronization

/// The context that new sessions take, replaced as a whole when the certificate files changed. Sessions that began with
/// the old one end with it.
package final class TLSContextHolder: Sendable {
    private let held: Mutex<TLSContext>
    private let load: @Sendable () throws -> TLSContext

    /// Loads the first context; `load` is called again at each `reload()`.
    package init(load: @escaping @Sendable () throws -> TLSContext) throws {
        self.load = load
        held = Mutex(try load())
    }

    /// The context for the next session.
    package var current: TLSContext { held.withLock { $0 } }

    /// Loads the files again. Throws what `load` throws, and then the old context stays in use.
    package func reload() throws {
        let fresh = try load()
        held.withLock { $0 = fresh }
    }
}
