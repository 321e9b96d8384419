/// What is changed in an agent's text beside cutting the commands out, which is always done.
package struct TextChanges: Sendable {
    /// A text in both forms.
    package struct Passage: Equatable, Sendable {
        /// Lines end with LF.
        package var text: String
        /// What stands between `<body>` and `</body>`; `nil`: made of the text.
        package var html: String?

        package init(text: String, html: String? = nil) { (self.text, self.html) = (text, html) }
    }

    /// A picture that the HTML form of a signature shows.
    package struct Picture: Equatable, Sendable {
        /// Without angle brackets: `cid:` and this is how HTML names it.
        package var contentID: String
        package var mediaType: MediaType
        package var name: String
        package var octets: [UInt8]

        package init(contentID: String, mediaType: MediaType, name: String, octets: [UInt8]) {
            (self.contentID, self.mediaType, self.name, self.octets) = (contentID, mediaType, name, octets)
        }
    }

    /// What stands below the agent's text, once.
    package struct Signature: Equatable, Sendable {
        package var passage: Passage
        package var picture: Picture?

        package init(_ passage: Passage, picture: Picture? = nil) { (self.passage, self.picture) = (passage, picture) }
    }

    /// One replacement within a line.
    package struct Replacement: Equatable, Sendable {
        /// In the UTF-8 of the line.
        package var range: Range<Int>
        package var text: String

        package init(range: Range<Int>, text: String) { (self.range, self.text) = (range, text) }
    }

    /// Put on top of the agent's text, where the commands stood: a template.
    package var opening: Passage?
    /// Put below the agent's text and above the quotation, unless it stands there already.
    package var signature: Signature?
    /// What is replaced in a line of the agent's text: fields. Asked for lines with a `$` only.
    package var replacements: @Sendable (String) -> [Replacement]

    package init(
        opening: Passage? = nil, signature: Signature? = nil,
        replacements: @escaping @Sendable (String) -> [Replacement] = { _ in [] }
    ) {
        (self.opening, self.signature, self.replacements) = (opening, signature, replacements)
    }
}
