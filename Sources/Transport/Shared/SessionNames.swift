import Synchronization

/// Names connections in the log and in trace fields: short, and different from each other over restarts, too.
package final class SessionNames: Sendable {
    private let prefix: String
    private let count = Atomic<UInt64>(0)

    package init(seed: UInt32 = .random(in: 0x2_0000...0xF_FFFF)) { prefix = String(seed, radix: 32) }

    /// A name nobody else of this process has. Up to 15 octets, so that it fits in a `String` without an allocation.
    package func next() -> String {
        prefix + String(count.wrappingAdd(1, ordering: .relaxed).newValue, radix: 32)
    }
}
