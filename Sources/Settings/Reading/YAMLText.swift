/// YAML as it is written: block style, short parts in flow style, every text quoted that could be read as something else.
enum YAMLText {
    /// Quoted where it could be read as something else than a text.
    case scalar(String)
    /// Written as it is: `true`.
    case word(String)
    /// A text of several lines, as a literal block where that is possible.
    case text(String)
    case entries([Entry], isFlow: Bool)
    case items([YAMLText], isFlow: Bool)

    /// A key with its value.
    struct Entry {
        var key: String
        var value: YAMLText
    }

    /// Written as a block.
    static func mapping(_ entries: [(String, YAMLText)]) -> YAMLText {
        .entries(entries.map(Entry.init), isFlow: false)
    }

    /// Written as a block.
    static func list(_ items: [YAMLText]) -> YAMLText { .items(items, isFlow: false) }

    /// Written on one line in braces.
    static func flowMapping(_ entries: [(String, YAMLText)]) -> YAMLText {
        .entries(entries.map(Entry.init), isFlow: true)
    }

    /// Written on one line in brackets.
    static func flowList(_ items: [YAMLText]) -> YAMLText { .items(items, isFlow: true) }

    /// The document with a final line break.
    var document: String {
        var output = ""
        write(to: &output, indent: 0)
        return output
    }

    /// Writes the value as lines of its own.
    private func write(to output: inout String, indent: Int) {
        let margin = String(repeating: " ", count: indent)
        switch self {
        case .entries(let entries, isFlow: false):
            for entry in entries {
                output += margin + Self.quoted(entry.key) + ":"
                entry.value.writeValue(to: &output, indent: indent)
            }
        case .items(let items, isFlow: false):
            for item in items {
                output += margin + "-"
                item.writeItem(to: &output, indent: indent)
            }
        case .scalar, .word, .text, .entries, .items: output += margin + flow + "\n"
        }
    }

    /// Writes what follows `key:`.
    private func writeValue(to output: inout String, indent: Int) {
        switch self {
        case .entries(let entries, isFlow: false) where !entries.isEmpty:
            output += "\n"
            write(to: &output, indent: indent + 2)
        case .items(let items, isFlow: false) where !items.isEmpty:
            output += "\n"
            write(to: &output, indent: indent + 2)
        case .text(let text) where Self.isBlock(text):
            let isTerminated = text.hasSuffix("\n")
            output += isTerminated ? " |\n" : " |-\n"
            let margin = String(repeating: " ", count: indent + 2)
            for line in (isTerminated ? text.dropLast() : text[...]).split(
                separator: "\n", omittingEmptySubsequences: false)
            {
                output += line.isEmpty ? "\n" : margin + line + "\n"
            }
        default: output += " " + flow + "\n"
        }
    }

    /// Writes what follows `-`: a block begins on the same line.
    private func writeItem(to output: inout String, indent: Int) {
        switch self {
        case .entries(let entries, isFlow: false) where !entries.isEmpty:
            var block = ""
            write(to: &block, indent: indent + 2)
            output += " " + block.dropFirst(indent + 2)
        default: output += " " + flow + "\n"
        }
    }

    /// The value on one line.
    private var flow: String {
        switch self {
        case .word(let word): word
        case .scalar(let text), .text(let text): Self.quoted(text)
        case .entries(let entries, _):
            entries.isEmpty
                ? "{}" : "{ \(entries.map { "\(Self.quoted($0.key)): \($0.value.flow)" }.joined(separator: ", ")) }"
        case .items(let items, _): items.isEmpty ? "[]" : "[ \(items.map(\.flow).joined(separator: ", ")) ]"
        }
    }

    /// Whether a text can stand in a literal block: several printable lines, the first not indented, at most one line
    /// break at the end.
    private static func isBlock(_ text: String) -> Bool {
        guard text.contains("\n"), !text.hasPrefix(" "), !text.hasPrefix("\n"), !text.hasSuffix("\n\n") else {
            return false
        }
        return text.unicodeScalars.allSatisfy { $0 == "\n" || isPrintable($0) }
    }

    /// Plain where nothing can be misread, else in double quotes with escapes (YAML 1.1 §5.7).
    static func quoted(_ text: String) -> String {
        if isPlain(text) { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            case _ where scalar.value <= 0xFF: result += "\\x" + hexadecimal(scalar.value, 2)
            case _ where scalar.value <= 0xFFFF: result += "\\u" + hexadecimal(scalar.value, 4)
            default: result += "\\U" + hexadecimal(scalar.value, 8)
            }
        }
        return result + "\""
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isWordByte(first), text.utf8.last != 0x20 else { return false }
        guard text.utf8.allSatisfy({ isWordByte($0) || " .@/+-".utf8.contains($0) }) else { return false }
        return !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA1...0x2027, 0x202A...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFEFE, 0xFF00...0xFFFD: true
        case 0x10000...: scalar.value & 0xFFFF < 0xFFFE
        default: false
        }
    }

    private static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
