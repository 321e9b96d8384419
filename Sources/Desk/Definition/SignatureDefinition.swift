/// What stands below an agent's own words in every mail to the outside (FEATURES S31).
package struct SignatureDefinition: Equatable, Sendable {
    /// With `${…}` fields.
    package var text: String
    /// Shown in the HTML form.
    package var picture: Picture?

    /// A small picture.
    package struct Picture: Equatable, Sendable {
        package enum Format: String, CaseIterable, Sendable { case jpeg, png, gif }
        package var format: Format
        package var octets: [UInt8]

        package init(format: Format, octets: [UInt8]) { (self.format, self.octets) = (format, octets) }

        /// As mail programs show it.
        package var name: String { "signature.\(format == .jpeg ? "jpg" : format.rawValue)" }
    }

    /// The most octets of a picture: it goes with every mail.
    package static let maximumPicture = 65_536

    package init(text: String, picture: Picture? = nil) { (self.text, self.picture) = (text, picture) }
}
