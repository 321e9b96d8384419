/// A text with `${…}` fields. `$${` is a literal `${`; every other `${` must be a field of the table.
///
///     TemplateText.fields(in: "Case ${case.number}")  // one, at 5..<19 (UTF-8)
///     TemplateText("Case ${case.number}").filled(with: facts, in: .english)
package struct TemplateText: Equatable, Sendable {
    /// What a text has in a place where a field could be.
    package struct Occurrence: Equatable, Sendable {
        package enum Content: Equatable, Sendable {
            case field(TemplateField)
            /// As it is written between the braces; cut where no brace closes it.
            case unknown(String)
            /// `$${`, which stands for `${`.
            case literal
        }
        /// In the UTF-8 of the text.
        package var range: Range<Int>
        package var content: Content
    }

    /// Why a text cannot be filled in.
    package struct Fault: Error, Equatable, Sendable {
        /// The field as it is written, without `${` and `}`.
        package var name: String
        /// The known field that is spelled nearly so.
        package var suggestion: TemplateField?
        /// Known, but nothing stands for it here.
        package var isWithoutValue: Bool

        /// What is wrong, to whoever wrote the text.
        package func sentence(in language: Language) -> String {
            let shown = "${\(name)}"
            switch (language, isWithoutValue) {
            case (.english, true): return "The field \(shown) has no value here: nothing is known to put in its place."
            case (.polish, true): return "Pole \(shown) nie ma tu wartości: nie wiadomo, co wstawić w jego miejsce."
            case (.english, false):
                return "There is no field \(shown)." + (suggestion.map { " Did you mean ${\($0.rawValue)}?" } ?? "")
                    + " To write ${ itself, write $${."
            case (.polish, false):
                return "Nie ma pola \(shown)." + (suggestion.map { " Czy chodziło o ${\($0.rawValue)}?" } ?? "")
                    + " Aby napisać samo ${, napisz $${."
            }
        }
    }

    package var text: String

    package init(_ text: String) { self.text = text }

    /// Where a field's name must end, in octets.
    private static let longestName = 60

    /// All places of a text that hold a field, or look as if.
    package static func occurrences(in text: String) -> [Occurrence] {
        var text = text
        return text.withUTF8 { octets in
            var found: [Occurrence] = []
            var place = 0
            while place + 1 < octets.count {
                guard octets[place] == UInt8(ascii: "$") else {
                    place += 1
                    continue
                }
                if octets[place + 1] == UInt8(ascii: "$"), place + 2 < octets.count, octets[place + 2] == UInt8(ascii: "{") {
                    found.append(Occurrence(range: place..<place + 3, content: .literal))
                    place += 3
                } else if octets[place + 1] == UInt8(ascii: "{") {
                    let occurrence = occurrence(in: octets, at: place)
                    found.append(occurrence)
                    place = occurrence.range.upperBound
                } else {
                    place += 1
                }
            }
            return found
        }
    }

    private static func occurrence(in octets: UnsafeBufferPointer<UInt8>, at start: Int) -> Occurrence {
        let limit = min(octets.count, start + 2 + longestName)
        let inner = octets[(start + 2)..<limit]
        if let end = inner.firstIndex(where: { $0 == UInt8(ascii: "}") || $0 < 0x20 }), octets[end] == UInt8(ascii: "}") {
            let name = String(decoding: octets[(start + 2)..<end], as: UTF8.self)
            return Occurrence(range: start..<end + 1, content: TemplateField(named: name).map { .field($0) } ?? .unknown(name))
        }
        let shown = String(decoding: inner.prefix { $0 >= 0x20 }, as: UTF8.self).prefix(20)
        return Occurrence(range: start..<start + 2, content: .unknown(String(shown)))
    }

    /// The fields of a text that the table does not have.
    package static func unknownFields(in text: String) -> [Fault] {
        occurrences(in: text).compactMap { occurrence in
            guard case .unknown(let name) = occurrence.content else { return nil }
            return Fault(name: name, suggestion: suggestion(for: name), isWithoutValue: false)
        }
    }

    private static func suggestion(for name: String) -> TemplateField? {
        Spelling.nearest(to: TypedText.squeezed(name), among: TemplateField.names).flatMap { TemplateField(rawValue: $0) }
    }

    /// What stands in the place of an occurrence.
    package static func value(
        of occurrence: Occurrence, with facts: TemplateFacts, in language: Language
    ) throws(Fault) -> String {
        switch occurrence.content {
        case .literal: return "${"
        case .unknown(let name): throw Fault(name: name, suggestion: suggestion(for: name), isWithoutValue: false)
        case .field(let field):
            guard let value = facts.value(of: field, in: language) else {
                throw Fault(name: field.rawValue, suggestion: nil, isWithoutValue: true)
            }
            return value
        }
    }

    /// The text with all fields filled in; the first one that cannot be is thrown. An agent's mail stops at it.
    package func filled(with facts: TemplateFacts, in language: Language) throws(Fault) -> String {
        try replaced { occurrence throws(Fault) in try Self.value(of: occurrence, with: facts, in: language) }
    }

    /// The text for a mail that nobody watches: what has no value is left out.
    package func filledLeniently(with facts: TemplateFacts, in language: Language) -> String {
        replaced { occurrence in (try? Self.value(of: occurrence, with: facts, in: language)) ?? "" }
    }

    private func replaced<Failure: Error>(
        _ value: (Occurrence) throws(Failure) -> String
    ) throws(Failure) -> String {
        var octets: [UInt8] = []
        let source = Array(text.utf8)
        var place = 0
        for occurrence in Self.occurrences(in: text) {
            octets += source[place..<occurrence.range.lowerBound]
            octets += try value(occurrence).utf8
            place = occurrence.range.upperBound
        }
        return String(decoding: octets + source[place...], as: UTF8.self)
    }
}
