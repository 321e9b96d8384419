extension SubmittedText {
    /// The mail's text as a passage of another mail, in both forms where the mail has both, with `replacements` made in it.
    /// `nil`: it has no text.
    package func passage(_ replacements: @escaping @Sendable (String) -> [TextChanges.Replacement]) -> TextChanges.Passage? {
        var (plain, html): (String?, String?)
        for rendition in renditions {
            let edits = rendition.edits(TextChanges(replacements: replacements))
            for (index, text) in rendition.texts.enumerated() {
                var edits = edits[index]
                guard let outline = text.outline else {
                    let written = String(decoding: edits.applied(to: text.source), as: UTF8.self)
                    let type = text.leaf.part.mediaType
                    plain = (plain ?? "") + (type.isFlowed ? FlowedText.unflowed(written, deletesSpaces: type.deletesSpaces) : written)
                    continue
                }
                // The body alone goes into another document.
                edits.delete(0..<rendition.beginning(of: index))
                let end = outline.tokens.last { $0.kind == .close && ($0.name == "body" || $0.name == "html") }
                let body = outline.tokens.last { $0.kind == .close && $0.name == "body" }
                if let end = body ?? end { edits.delete(end.range.lowerBound..<text.source.count) }
                html = (html ?? "") + String(decoding: edits.applied(to: text.source), as: UTF8.self)
            }
        }
        guard let text = plain ?? html.map(HTMLText.visible) else { return nil }
        let lines = FlowedText.lines(text).map { String(decoding: $0, as: UTF8.self) }
        return TextChanges.Passage(text: lines.joined(separator: "\n"), html: html)
    }
}
