/// HTML made of plain text, as the alternative for programs that prefer it.
package enum HTMLAlternative {
    /// A document with CRLF line ends: paragraphs at empty lines, quotations as blocks, addresses of the web as links.
    package static func write(_ text: String) -> [UInt8] {
        var body = ""
        var depth = 0
        var isInParagraph = false
        func endParagraph() {
            if isInParagraph { body += "</p>\r\n" }
            isInParagraph = false
        }
        for paragraph in FlowedText.paragraphs(text) {
            if paragraph.quoteDepth != depth { endParagraph() }
            while depth < paragraph.quoteDepth {
                body += "<blockquote type=\"cite\">\r\n"
                depth += 1
            }
            while depth > paragraph.quoteDepth {
                body += "</blockquote>\r\n"
                depth -= 1
            }
            guard !paragraph.text.isEmpty else {
                endParagraph()
                continue
            }
            body += isInParagraph ? "<br>\r\n" : "<p>"
            isInParagraph = true
            body += linked(paragraph.text)
        }
        endParagraph()
        body += String(repeating: "</blockquote>\r\n", count: depth)
        return Array(
            "<!DOCTYPE html>\r\n<html><head><meta charset=\"utf-8\"></head><body>\r\n\(body)</body></html>\r\n".utf8)
    }

    /// Lines of text for a place within a document.
    static func fragment(_ text: String) -> String {
        FlowedText.lines(text).map { $0.isEmpty ? "" : linked(String(decoding: $0, as: UTF8.self)) }
            .joined(separator: "<br>\r\n")
    }

    /// Text for a place within a line, its line ends kept.
    static func broken(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { escaped($0) }.joined(separator: "<br>")
    }

    /// HTML in ASCII: other characters by their numbers, which every charset can say.
    static func inASCII(_ html: String) -> String {
        var result = ""
        for scalar in html.unicodeScalars { result += scalar.isASCII ? String(scalar) : "&#\(scalar.value);" }
        return result
    }

    /// Text with its special characters escaped.
    package static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static func linked(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).enumerated().map { index, word in
            // A second space would not be shown.
            if word.isEmpty { return index == 0 ? "&nbsp;" : "" }
            guard word.hasPrefix("https://") || word.hasPrefix("http://") else { return escaped(word) }
            var address = word
            while let last = address.last, ".,;:!?)>]\"'".contains(last) { address = address.dropLast() }
            return "<a href=\"\(escaped(address))\">\(escaped(address))</a>\(escaped(word[address.endIndex...]))"
        }
        .joined(separator: " ")
    }
}
