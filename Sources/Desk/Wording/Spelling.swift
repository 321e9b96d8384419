import MailTypes

/// Finds what a misspelt word was meant to be, for settings, commands and template fields alike.
package enum Spelling {
    /// The candidate with the least distance, if that is small for the word's length. Case never counts.
    package static func nearest(to word: some StringProtocol, among candidates: some Sequence<String>) -> String? {
        let letters = Array(foldedName(word).unicodeScalars.prefix(64))
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let other = Array(foldedName(candidate).unicodeScalars.prefix(64))
            guard abs(other.count - letters.count) <= 3 else { continue }
            let distance = distance(letters, other)
            if distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, min(3, letters.count / 3)) else { return nil }
        return best.candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                let replaced = last[j] + (left[i] == right[j] ? 0 : 1)
                var least = min(replaced, last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    least = min(least, beforeLast[j - 1] + 1)
                }
                row.append(least)
            }
            (beforeLast, last) = (last, row)
        }
        return last.last ?? 0
    }
}
