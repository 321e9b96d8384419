import Mustache

/// Makes text of customers harmless where a card shows it.
enum CardText {
    /// One line: controls, line ends and runs of spaces become one space, marks that turn the direction of the text around
    /// go, and a text longer than `limit` characters is cut. What programs would make a link of by themselves stays text.
    static func line(_ text: String, limit: Int = 200) -> String {
        var scalars = String.UnicodeScalarView()
        var isSpace = true
        var count = 0
        for scalar in text.unicodeScalars {
            if turnsDirection(scalar) { continue }
            if isBlank(scalar) {
                if !isSpace { scalars.append(" ") }
                isSpace = true
                continue
            }
            guard count < limit else {
                scalars.append("…")
                break
            }
            scalars.append(scalar)
            (isSpace, count) = (false, count + 1)
        }
        if scalars.last == " " { scalars.removeLast() }
        return unlinked(String(scalars))
    }

    /// A word joiner is not seen, and no program takes what holds one for an address of the web.
    private static func unlinked(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }) else { return text }
        var result = String.UnicodeScalarView()
        var webs = 0
        var follows = false
        for scalar in text.unicodeScalars {
            if follows, scalar == "/" || scalar.properties.isAlphabetic { result.append("\u{2060}") }
            result.append(scalar)
            // `https:`, `mailto:`, `www.`, but neither `12:30` nor `Re: `.
            follows = scalar == ":" || (scalar == "." && webs == 3)
            webs = scalar == "w" || scalar == "W" ? webs + 1 : 0
        }
        return String(result)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value <= 0x20 || (0x7F...0xA0).contains(scalar.value) || scalar.properties.isWhitespace
            || scalar.value == 0xFEFF
    }

    private static func turnsDirection(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

/// Escapes what a template's fields hold for HTML, scalar by scalar: a quotation mark with an accent put on it is one
/// character to Swift and to Mustache's own escaping, and still the end of an attribute to whoever reads HTML.
struct ScalarEscaping: MustacheContentType {
    /// What templates call it.
    static let name = "CARD"

    func escapeText(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
