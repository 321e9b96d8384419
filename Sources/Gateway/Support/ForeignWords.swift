extension String {
    /// Words of somebody else as they may stand in a log line and in a record: on one line, without controls, not too long.
    package var onOneLine: String {
        let scalars = unicodeScalars.prefix(300).map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: " "
            default: scalar
            }
        }
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text.split(separator: " ").joined(separator: " ")
    }
}
