/// The first words of a mail as a list shows them (RFC 8970): what its writer wrote, without quotations, signature and
/// white space.
package enum PreviewText {
    /// Characters at most (RFC 8970 §3.3).
    package static let limit = 200

    /// Of the visible text of the first text part; empty where that holds nothing.
    package static func make(_ text: String) -> String {
        var lines = text.split(whereSeparator: \.isNewline).prefix(2000)
        if let end = lines.firstIndex(where: { $0 == "-- " || $0 == "--" }) { lines = lines[..<end] }
        let own = lines.filter { !isQuoted($0) }
        let written = squeezed(own)
        return written.isEmpty ? squeezed(Array(lines)) : written
    }

    private static func isQuoted(_ line: Substring) -> Bool {
        let text = line.drop(while: \.isWhitespace)
        return text.first == ">" || (text.last == ":" && text.contains("@") && text.contains { $0.isNumber })
    }

    private static func squeezed(_ lines: [Substring]) -> String {
        var scalars = String.UnicodeScalarView()
        var needsSpace = false
        // To count the characters of a text is to go through it.
        var count = 0
        for line in lines {
            for scalar in line.unicodeScalars {
                let properties = scalar.properties
                if properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F {
                    needsSpace = count > 0
                } else if properties.generalCategory != .format || scalar.value == 0x200D {
                    if needsSpace {
                        scalars.append(" ")
                        count += 1
                    }
                    needsSpace = false
                    if count < limit { scalars.append(scalar) }
                    count += 1
                    if count >= limit { return String(scalars) }
                }
            }
            needsSpace = count > 0
        }
        return String(scalars)
    }
}
