/// A piece of a body that is made from another: octets of one's own, or a stretch of the other that stays as it is. A mail
/// of any size is rewritten as a list of these.
package enum BodyPiece: Equatable, Sendable {
    case octets([UInt8])
    /// Counted from the beginning of the other body.
    case range(Range<Int>)

    package var count: Int {
        switch self {
        case .octets(let octets): octets.count
        case .range(let range): range.count
        }
    }

    /// A body of so many octets with others put in or in the place of stretches, which ascend and do not overlap.
    package static func edited(_ size: Int, _ edits: [(range: Range<Int>, octets: [UInt8])]) -> [BodyPiece] {
        var pieces: [BodyPiece] = []
        var place = 0
        for edit in edits where edit.range.lowerBound >= place && edit.range.upperBound <= size {
            if edit.range.lowerBound > place { pieces.append(.range(place..<edit.range.lowerBound)) }
            if !edit.octets.isEmpty { pieces.append(.octets(edit.octets)) }
            place = edit.range.upperBound
        }
        if place < size { pieces.append(.range(place..<size)) }
        return pieces
    }
}
