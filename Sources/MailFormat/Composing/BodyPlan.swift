/// The body that leaves, told by the one that was submitted: octets of our own, and ranges of the original, so that what is
/// long need not be in memory.
package struct BodyPlan: Equatable, Sendable {
    /// A piece of the new body.
    package enum Segment: Equatable, Sendable {
        case literal([UInt8])
        /// Counted from the beginning of the submitted body.
        case original(Range<Int>)
    }

    /// The submitted header section with the MIME fields of the new body.
    package var header: HeaderSection
    /// None of them empty.
    package var segments: [Segment]

    /// Pieces of the original, which has `length` octets, are replaced; an empty range inserts.
    init(header: HeaderSection, length: Int, replacing replacements: [(range: Range<Int>, octets: [UInt8])]) {
        self.header = header
        segments = []
        var place = 0
        for (range, octets) in replacements.sorted(by: { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }) {
            precondition(range.lowerBound >= place && range.upperBound <= length, "two parts of a body overlap")
            append(.original(place..<range.lowerBound))
            append(.literal(octets))
            place = range.upperBound
        }
        append(.original(place..<length))
    }

    private mutating func append(_ segment: Segment) {
        switch segment {
        case .literal(let octets):
            if !octets.isEmpty { segments.append(segment) }
        case .original(let range):
            if !range.isEmpty { segments.append(segment) }
        }
    }

    /// Octets of the new body.
    package var length: Int {
        segments.reduce(0) { length, segment in
            switch segment {
            case .literal(let octets): length + octets.count
            case .original(let range): length + range.count
            }
        }
    }

    /// Whether octets of our own are above ASCII.
    package var hasEightBitLiterals: Bool {
        segments.contains { segment in
            if case .literal(let octets) = segment { return octets.contains { $0 >= 0x80 } }
            return false
        }
    }

    /// The new body, given the whole submitted one.
    package func octets(of body: [UInt8]) -> [UInt8] {
        segments.reduce(into: []) { result, segment in
            switch segment {
            case .literal(let octets): result += octets
            case .original(let range): result += body[range.clamped(to: body.indices)]
            }
        }
    }
}
