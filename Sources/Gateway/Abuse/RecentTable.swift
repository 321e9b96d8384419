/// Values by key, for the keys that were used last. It never holds more keys than it may: when its younger half is full,
/// the older one, which nobody asked for since, is forgotten at once.
package struct RecentTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let half: Int

    /// `capacity`: keys at most, two or more.
    package init(capacity: Int) { half = max(1, capacity / 2) }

    /// Keys that it holds.
    package var count: Int { young.count + old.count }

    /// The value of a key, which does not count as used by that.
    package func peek(_ key: Key) -> Value? { young[key] ?? old[key] }

    /// Changes the value of a key, beginning with `initial` where there is none.
    package mutating func update<R>(_ key: Key, initial: @autoclosure () -> Value, _ change: (inout Value) -> R) -> R {
        var value = young[key] ?? old.removeValue(forKey: key) ?? initial()
        let result = change(&value)
        if young[key] == nil, young.count >= half { (old, young) = (young, [:]) }
        young[key] = value
        return result
    }

    /// Gives a key a value.
    package mutating func set(_ key: Key, _ value: Value) { update(key, initial: value) { $0 = value } }

    /// Forgets a key.
    package mutating func remove(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }
}
