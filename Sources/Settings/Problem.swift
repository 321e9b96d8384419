/// Something wrong in a settings file: where, which key, what is wrong and what would be right. All problems of a file
/// are reported together.
package struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file as the caller named it.
    package var file: String
    /// From 1; `nil` where no line is to blame (the file cannot be read).
    package var line: Int?
    /// From 1.
    package var column: Int?
    /// The path of the key, `tls.certificates[0].key`; empty for the whole file.
    package var key: String
    /// What is wrong.
    package var reason: String
    /// What would be right.
    package var remedy: String?

    package init(
        file: String, line: Int? = nil, column: Int? = nil, key: String = "", reason: String, remedy: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.reason = reason
        self.remedy = remedy
    }

    /// `stempel.yaml:12: listeners.smpt: unknown key; did you mean "smtp"?`
    package var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if !key.isEmpty { text += ": \(key)" }
        text += ": \(reason)"
        if let remedy { text += "; \(remedy)" }
        return text
    }
}
