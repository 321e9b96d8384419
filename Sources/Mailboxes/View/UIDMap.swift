package import IMAPProtocol

/// Which message sequence number stands for which UID in a session. Kept as runs of neighbouring UIDs, so that an idle
/// session with a large mailbox costs next to nothing.
package struct UIDMap: Sendable, Equatable {
    private struct Run: Sendable, Equatable {
        var first: UInt32
        var count: UInt32
        /// The sequence number of the first, minus one.
        var before: UInt32
        var last: UInt32 { first + (count - 1) }
    }

    private var runs: [Run] = []

    package init() {}

    /// How many messages.
    package var count: Int { runs.last.map { Int($0.before) + Int($0.count) } ?? 0 }
    /// The highest UID; 0 in an empty mailbox.
    package var lastUID: UInt32 { runs.last?.last ?? 0 }

    /// Adds a UID higher than all others; a lower one is passed over.
    package mutating func append(_ uid: UInt32) {
        guard let last = runs.last else {
            runs.append(Run(first: uid, count: 1, before: 0))
            return
        }
        guard uid > last.last else { return }
        if uid == last.last + 1 {
            runs[runs.count - 1].count += 1
        } else {
            runs.append(Run(first: uid, count: 1, before: last.before + last.count))
        }
    }

    /// The sequence number of a UID.
    package func sequenceNumber(of uid: UInt32) -> UInt32? {
        let index = firstRun { $0.last >= uid }
        guard index < runs.count, runs[index].first <= uid else { return nil }
        return runs[index].before + (uid - runs[index].first) + 1
    }

    /// The UID of a sequence number.
    package func uid(at sequenceNumber: UInt32) -> UInt32? {
        let index = firstRun { $0.before + $0.count >= sequenceNumber }
        guard index < runs.count, sequenceNumber > runs[index].before else { return nil }
        return runs[index].first + (sequenceNumber - runs[index].before - 1)
    }

    package func contains(_ uid: UInt32) -> Bool { sequenceNumber(of: uid) != nil }

    /// All UIDs.
    package var uids: NumberSet {
        var set = NumberSet()
        for run in runs { set.insert(run.first...run.last) }
        return set
    }

    /// Those of `set` that are here.
    package func confined(_ set: NumberSet) -> NumberSet { uids.intersection(set) }

    /// The UIDs of sequence numbers; numbers beyond the last are passed over.
    package func uids(ofSequenceNumbers set: NumberSet) -> NumberSet {
        var result = NumberSet()
        for range in set.ranges {
            var next = max(range.lowerBound, 1)
            while next <= range.upperBound {
                let index = firstRun { $0.before + $0.count >= next }
                guard index < runs.count else { break }
                let run = runs[index]
                let first = run.first + (next - run.before - 1)
                let end = min(range.upperBound, run.before + run.count)
                result.insert(first...run.first + (end - run.before - 1))
                guard end < range.upperBound else { break }
                next = end + 1
            }
        }
        return result
    }

    /// Takes UIDs away; answers the sequence numbers they had, highest first, which is the order in which EXPUNGE
    /// responses can name them unchanged (RFC 3501 §7.4.1).
    package mutating func remove(_ set: NumberSet) -> [UInt32] {
        let gone = confined(set)
        guard !gone.isEmpty else { return [] }
        var numbers: [UInt32] = []
        gone.forEach { uid in
            if let number = sequenceNumber(of: uid) { numbers.append(number) }
        }
        var kept = UIDMap()
        var removed = gone.ranges[...]
        for run in runs {
            var (start, isWhole) = (run.first, false)
            while let range = removed.first, range.lowerBound <= run.last {
                if range.lowerBound > start { kept.append(run: start, range.lowerBound - 1) }
                if range.upperBound >= run.last {
                    isWhole = true
                    if range.upperBound == run.last { removed.removeFirst() }
                    break
                }
                start = range.upperBound + 1
                removed.removeFirst()
            }
            if !isWhole { kept.append(run: start, run.last) }
        }
        self = kept
        return numbers.reversed()
    }

    private mutating func append(run first: UInt32, _ last: UInt32) {
        runs.append(Run(first: first, count: last - first + 1, before: UInt32(count)))
    }

    private func firstRun(where isAtOrBehind: (Run) -> Bool) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = low + (high - low) / 2
            if isAtOrBehind(runs[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
