/// How one database spells what the others spell otherwise.
///
/// The schema writes `{id}` (a row number the database gives), `{integer}` (64 bits; also Booleans and times), `{text}`
/// (compared by code point), `{blob}`, and after the closing parenthesis of a table `{table}` or, for tables stored in the
/// order of their primary key, `{clustered}`.
package struct SQLDialect: Sendable {
    /// The placeholder of a parameter, counted from 1.
    package let placeholder: @Sendable (Int) -> String
    /// What stands for a token, which is written without its braces.
    package let tokens: [String: String]

    package init(placeholder: @escaping @Sendable (Int) -> String, tokens: [String: String]) {
        self.placeholder = placeholder
        self.tokens = tokens
    }

    /// Replaces the known tokens; braces around anything else stay as they are.
    package func spelling(of text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
        var spelled = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            spelled += rest[..<open]
            let name = rest[open...].dropFirst().prefix { $0.isASCII && $0.isLetter }
            if let word = tokens[String(name)], name.endIndex < rest.endIndex, rest[name.endIndex] == "}" {
                spelled += word
                rest = rest[rest.index(after: name.endIndex)...]
            } else {
                spelled += "{"
                rest = rest[rest.index(after: open)...]
            }
        }
        return spelled + rest
    }
}
