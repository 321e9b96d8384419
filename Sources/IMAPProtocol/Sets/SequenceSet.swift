/// A set of messages as a client writes it (RFC 3501 §9 sequence-set): `1:5,8,12:*`, or `$`, the saved result of
/// SEARCH (RFC 5182).
package enum SequenceSet: Equatable, Sendable {
    case ranges([Range])
    /// `$`
    case saved

    /// One or two ends in the order written; `5:*` and `*:5` mean the same.
    package struct Range: Equatable, Sendable {
        package var first: Bound
        package var second: Bound

        package init(_ first: Bound, _ second: Bound) { (self.first, self.second) = (first, second) }
        package init(_ number: UInt32) { self.init(.number(number), .number(number)) }
    }

    /// A number, never 0, or `*`, the largest in use.
    package enum Bound: Equatable, Sendable {
        case number(UInt32)
        case largest
    }

    /// The numbers meant where `largest` is the largest in use, sorted and merged; numbers beyond `largest` stay in.
    /// With `largest` 0, an empty mailbox, ranges with `*` mean nothing. `nil` for `$`.
    package func resolved(largest: UInt32) -> NumberSet? {
        guard case .ranges(let ranges) = self else { return nil }
        var result = NumberSet()
        for range in ranges {
            guard let first = range.first.resolved(largest: largest),
                let second = range.second.resolved(largest: largest)
            else { continue }
            result.insert(min(first, second)...max(first, second))
        }
        return result
    }
}

extension SequenceSet {
    /// Whether every end is a number: neither `*` nor `$` is in it.
    package var isDefinite: Bool {
        guard case .ranges(let ranges) = self else { return false }
        return ranges.allSatisfy { $0.first != .largest && $0.second != .largest }
    }

    /// Whether a number beyond `largest` is named, of which none may be (RFC 9051 §9 seq-number). A range up to `*` of an
    /// empty mailbox means nothing: clients ask for `1:*` without looking.
    package func exceeds(_ largest: UInt32) -> Bool {
        guard case .ranges(let ranges) = self else { return false }
        return ranges.contains { range in
            switch (range.first, range.second) {
            case (.number(let first), .number(let second)): max(first, second) > largest
            case (.number(let number), .largest), (.largest, .number(let number)): largest > 0 && number > largest
            case (.largest, .largest): false
            }
        }
    }

    /// Whether the numbers were written in ascending order, each once.
    package var isAscending: Bool {
        guard case .ranges(let ranges) = self else { return false }
        var last: UInt32 = 0
        for range in ranges {
            guard case (.number(let first), .number(let second)) = (range.first, range.second), first > last,
                second >= first
            else { return false }
            last = second
        }
        return true
    }
}

extension SequenceSet.Bound {
    fileprivate func resolved(largest: UInt32) -> UInt32? {
        switch self {
        case .number(let number): number
        case .largest: largest == 0 ? nil : largest
        }
    }
}

/// Which messages a command means, and whether it counts them by sequence number or by UID.
package struct MessageSet: Equatable, Sendable {
    /// The two ways to count (RFC 3501 §2.3.1).
    package enum Numbering: Equatable, Sendable { case sequenceNumbers, uids }

    package var numbers: Numbering
    package var set: SequenceSet

    package init(_ numbers: Numbering, _ set: SequenceSet) { (self.numbers, self.set) = (numbers, set) }
}
