import IMAPProtocol

/// The UIDs of a set in pieces that one transaction can work through.
struct UIDPages {
    private var ranges: ArraySlice<ClosedRange<UInt32>>
    private let pageSize: Int

    init(_ set: NumberSet, pageSize: Int) {
        ranges = set.ranges[...]
        self.pageSize = max(1, pageSize)
    }

    /// What was not given out yet.
    var rest: NumberSet { ranges.reduce(into: NumberSet()) { $0.insert($1) } }

    /// The next UIDs in ascending order; `nil` at the end.
    mutating func next() -> [UInt32]? {
        var page: [UInt32] = []
        while page.count < pageSize, let range = ranges.first {
            let room = UInt32(pageSize - page.count)
            if range.upperBound - range.lowerBound < room {
                page.append(contentsOf: range)
                ranges.removeFirst()
            } else {
                let last = range.lowerBound + (room - 1)
                page.append(contentsOf: range.lowerBound...last)
                ranges[ranges.startIndex] = last + 1...range.upperBound
            }
        }
        return page.isEmpty ? nil : page
    }
}
