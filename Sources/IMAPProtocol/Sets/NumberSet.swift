package import MailTypes

/// A set of UIDs or message sequence numbers, kept as sorted ranges that neither touch nor overlap: small for what
/// mailboxes hold, and already in the compact form of the wire.
package struct NumberSet: Hashable, Sendable {
    /// Ascending; between two ranges at least one number is missing.
    package private(set) var ranges: [ClosedRange<UInt32>]

    package init() { ranges = [] }
    package init(_ range: ClosedRange<UInt32>) { ranges = [range] }
    package init(_ numbers: some Sequence<UInt32>) {
        self.init()
        for number in numbers { insert(number) }
    }
    package init(_ uids: some Sequence<UID>) {
        self.init()
        for uid in uids { insert(uid.number) }
    }

    package var isEmpty: Bool { ranges.isEmpty }
    package var min: UInt32? { ranges.first?.lowerBound }
    package var max: UInt32? { ranges.last?.upperBound }

    /// How many numbers; may exceed what a mailbox holds, for a set of a client names what it likes.
    package var count: Int {
        ranges.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) + 1 }
    }

    /// By binary search.
    package func contains(_ number: UInt32) -> Bool {
        let index = firstIndex(endingAtOrAfter: number)
        return index < ranges.count && ranges[index].lowerBound <= number
    }

    /// By binary search.
    package func contains(_ uid: UID) -> Bool { contains(uid.number) }

    /// Adds a number; cheapest in ascending order.
    package mutating func insert(_ number: UInt32) { insert(number...number) }

    /// Adds a UID; cheapest in ascending order.
    package mutating func insert(_ uid: UID) { insert(uid.number...uid.number) }

    /// Adds a range, merging what touches.
    package mutating func insert(_ range: ClosedRange<UInt32>) {
        guard let last = ranges.last else {
            ranges.append(range)
            return
        }
        if range.lowerBound > last.upperBound {
            if range.lowerBound - 1 == last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound...range.upperBound
            } else {
                ranges.append(range)
            }
            return
        }
        let start = firstIndex(endingAtOrAfter: range.lowerBound == 0 ? 0 : range.lowerBound - 1)
        var end = start
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while end < ranges.count, upper == .max || ranges[end].lowerBound <= upper + 1 {
            lower = Swift.min(lower, ranges[end].lowerBound)
            upper = Swift.max(upper, ranges[end].upperBound)
            end += 1
        }
        ranges.replaceSubrange(start..<end, with: CollectionOfOne(lower...upper))
    }

    /// What lies in both.
    package func intersection(_ other: NumberSet) -> NumberSet {
        var result = NumberSet()
        var (left, right) = (0, 0)
        while left < ranges.count, right < other.ranges.count {
            let (a, b) = (ranges[left], other.ranges[right])
            let (lower, upper) = (Swift.max(a.lowerBound, b.lowerBound), Swift.min(a.upperBound, b.upperBound))
            if lower <= upper { result.ranges.append(lower...upper) }
            if a.upperBound < b.upperBound { left += 1 } else { right += 1 }
        }
        return result
    }

    /// What is here and not there.
    package func subtracting(_ other: NumberSet) -> NumberSet {
        var result = NumberSet()
        var next = 0
        for range in ranges {
            var (start, isUsedUp) = (range.lowerBound, false)
            while next < other.ranges.count, other.ranges[next].upperBound < start { next += 1 }
            var index = next
            while !isUsedUp, index < other.ranges.count, other.ranges[index].lowerBound <= range.upperBound {
                let hole = other.ranges[index]
                if hole.lowerBound > start { result.ranges.append(start...hole.lowerBound - 1) }
                if hole.upperBound >= range.upperBound { isUsedUp = true } else { start = hole.upperBound + 1 }
                index += 1
            }
            if !isUsedUp { result.ranges.append(start...range.upperBound) }
        }
        return result
    }

    /// The number that so many lower ones precede; `nil` beyond the end.
    package func number(at index: Int) -> UInt32? {
        var rest = index
        for range in ranges {
            let count = Int(range.upperBound - range.lowerBound) + 1
            if rest < count { return rest < 0 ? nil : range.lowerBound + UInt32(rest) }
            rest -= count
        }
        return nil
    }

    /// The same numbers in sets of at most so many ranges, for lines of bounded length.
    package func pieces(ofRanges count: Int) -> [NumberSet] {
        stride(from: 0, to: ranges.count, by: Swift.max(1, count)).map { start in
            var piece = NumberSet()
            piece.ranges = Array(ranges[start..<Swift.min(start + Swift.max(1, count), ranges.count)])
            return piece
        }
    }

    /// Calls for every number in ascending order; meant for sets that were confined to what a mailbox holds.
    package func forEach(_ body: (UInt32) -> Void) {
        for range in ranges { for number in range { body(number) } }
    }

    private func firstIndex(endingAtOrAfter number: UInt32) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = low + (high - low) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension NumberSet: CustomStringConvertible {
    /// As on the wire: `1:3,7`.
    package var description: String {
        ranges.map { $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound):\($0.upperBound)" }
            .joined(separator: ",")
    }
}
