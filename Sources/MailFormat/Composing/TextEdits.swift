/// Changes of a text: what goes, and what comes in. Ranges may touch and overlap.
struct TextEdits {
    private var deletions: [Range<Int>] = []
    private var insertions: [(place: Int, text: String)] = []

    var isEmpty: Bool { deletions.isEmpty && insertions.isEmpty }

    mutating func delete(_ range: Range<Int>) { if !range.isEmpty { deletions.append(range) } }

    /// Texts at the same place stand in the order in which they came.
    mutating func insert(_ text: String, at place: Int) { if !text.isEmpty { insertions.append((place, text)) } }

    /// What goes, in order and apart from each other.
    var merged: [Range<Int>] {
        var result: [Range<Int>] = []
        for range in deletions.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, last.upperBound >= range.lowerBound {
                result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    /// Whether a text that comes in holds `text`.
    func insert(_ text: String) -> Bool { insertions.contains { $0.text.contains(text) } }

    /// Whether all of a range goes.
    func cover(_ range: Range<Int>) -> Bool {
        merged.contains { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
    }

    /// The first place from `place` on whose octet stays.
    func firstKept(from place: Int) -> Int {
        merged.reduce(place) { kept, gone in gone.lowerBound <= kept && kept < gone.upperBound ? gone.upperBound : kept }
    }

    /// The changed text. `spelled` writes what comes in.
    func applied(to source: [UInt8], spelled: (String) -> String = { $0 }) -> [UInt8] {
        let sorted = insertions.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
        var pending = sorted.map(\.element)[...]
        var result: [UInt8] = []
        var place = 0
        func insert(upTo end: Int, keeps: Bool) {
            while let next = pending.first, next.place <= end {
                let at = max(place, min(next.place, source.count))
                if keeps { result += source[place..<at] }
                place = at
                result += spelled(next.text).utf8
                pending = pending.dropFirst()
            }
            if keeps, place < end { result += source[place..<end] }
            place = max(place, end)
        }
        for range in merged {
            insert(upTo: range.lowerBound, keeps: true)
            insert(upTo: min(range.upperBound, source.count), keeps: false)
        }
        insert(upTo: source.count, keeps: true)
        return result
    }
}
