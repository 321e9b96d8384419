import Synchronization

/// Keys that were read from records lately. Reading one takes libcrypto longer than using it; a record says the same each
/// time, so what is kept never goes stale: whether a domain still publishes it is asked for every mail.
package final class KeyCache: Sendable {
    private struct Name: Hashable {
        var record: String
        var algorithm: SignatureField.Algorithm
    }

    private struct State {
        var young: [Name: KeyRecord] = [:]
        var old: [Name: KeyRecord] = [:]
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// `capacity`: keys of one generation; what nobody asked for since the last one goes.
    package init(capacity: Int = 256) { self.capacity = capacity }

    /// The key of a record, read once.
    func key(_ record: String, for algorithm: SignatureField.Algorithm) throws(SignatureField.Problem) -> KeyRecord {
        let name = Name(record: record, algorithm: algorithm)
        if let known = known(name) { return known }
        let key = try KeyRecord(record, for: algorithm)
        // Longer than any key is: whoever publishes that pays for it each time.
        if record.utf8.count <= 4096 { state.withLock { Self.insert(key, name, &$0, capacity) } }
        return key
    }

    private func known(_ name: Name) -> KeyRecord? {
        state.withLock { state in
            if let key = state.young[name] { return key }
            guard let key = state.old[name] else { return nil }
            Self.insert(key, name, &state, capacity)
            return key
        }
    }

    private static func insert(_ key: KeyRecord, _ name: Name, _ state: inout State, _ capacity: Int) {
        if state.young.count >= capacity { (state.old, state.young) = (state.young, [:]) }
        state.young[name] = key
    }
}
