/// What an agent wrote in a mail, in all its forms, plain and HTML: the agent's own text, apart from what it quotes; the
/// commands on top of it; and how the mail becomes the one that leaves, without commands, with signature and fields filled
/// in, everything else untouched.
///
///     let sections = try SubmittedText.sections(of: structure)      // octets to have at hand
///     let text = try SubmittedText(header, structure, sections: octets)
///     text.commands                                                 // "#close", "#tag refund"
///     let plan = try text.plan(TextChanges(), entropy: entropy)     // the body that leaves
package struct SubmittedText: Sendable {
    /// What is read of a mail; one with more is not changed and carries no commands.
    package struct Limits: Sendable {
        /// Of one text part, as it is encoded.
        package var octets = 1_048_576
        /// Text parts.
        package var parts = 20
        /// Lines of one text part.
        package var lines = 50_000
        /// Tags and runs of text of one HTML part.
        package var tokens = 200_000

        package init() {}
    }

    /// Why a mail's text cannot be read.
    package enum Obstacle: Error, Equatable, Sendable {
        /// A text part has more octets than this.
        case tooLong(Int)
        /// More parts, lines or tags than the limits allow, or deeper ones.
        case tooManifold
    }

    /// Signed or encrypted: whatever is changed in it breaks the seal.
    package let isSealed: Bool
    /// The mail has a text that is neither plain nor HTML: a command in it would leave.
    package let hasOtherText: Bool
    /// The lines on top of the agent's text that begin with `#`, as the HTML has them where there is HTML.
    package let commands: [CommandLine]
    /// A command that does not stand in every form of the text: it is doubtful, and could leave.
    package let disagreement: String?

    let header: HeaderSection
    let structure: MIMEStructure
    /// Plain and HTML, those that there are.
    let renditions: [Rendition]
    /// The texts' octets by the place of their section.
    let sections: [Int: [UInt8]]

    /// The ranges of a mail's body whose octets `init` asks for, in order.
    package static func sections(
        of structure: MIMEStructure, limits: Limits = Limits()
    ) throws(Obstacle) -> [Range<Int>] {
        let leaves = TextLeaves(structure).leaves
        guard leaves.count <= limits.parts else { throw .tooManifold }
        guard leaves.allSatisfy({ $0.section.count <= limits.octets }) else { throw .tooLong(limits.octets) }
        return leaves.map(\.section)
    }

    /// `sections`: the octets of the ranges that `sections(of:)` names.
    package init(
        _ header: HeaderSection, _ structure: MIMEStructure, sections: [[UInt8]], limits: Limits = Limits()
    ) throws(Obstacle) {
        let found = TextLeaves(structure)
        var texts: [ComposedText] = []
        var octets: [Int: [UInt8]] = [:]
        for (leaf, section) in zip(found.leaves, sections) where section.count == leaf.section.count {
            let decoded = TextDecoder.decodedText(leaf.part, Array(section[leaf.body]), limit: limits.octets)
            guard let text = ComposedText(leaf, source: Array(decoded.utf8), limits: limits) else { throw .tooManifold }
            texts.append(text)
            octets[leaf.section.lowerBound] = section
        }
        (self.header, self.structure, self.sections, hasOtherText) = (header, structure, octets, found.hasOtherText)
        var plain = Rendition(texts.filter { !$0.leaf.isHTML })
        let html = Rendition(texts.filter(\.leaf.isHTML))
        isSealed = found.isSealed || plain.hasArmor
        guard !html.texts.isEmpty else {
            (commands, disagreement) = (plain.commands.map(\.command), nil)
            renditions = plain.texts.isEmpty ? [] : [plain]
            return
        }
        commands = html.commands.map(\.command)
        disagreement = plain.texts.isEmpty ? nil : plain.adopt(commands)
        renditions = plain.texts.isEmpty ? [html] : [plain, html]
    }

    /// The agent's own text as plain text, without commands, quotations and signature.
    package var ownText: String {
        renditions.lazy.map(\.ownText).first { !$0.isEmpty } ?? ""
    }

    /// Every line in which fields are filled in, of every form of the text.
    package var fieldLines: [String] { renditions.flatMap { rendition in rendition.fieldLines.map { rendition.lines[$0].text } } }

    /// Lines within the agent's text that begin with `#` and a letter: commands that were written in the wrong place, or
    /// text.
    package var strayMarks: [String] { renditions.last?.strayMarks ?? [] }
}

extension Rendition {
    /// Own lines and those of a signature, but for commands.
    var fieldLines: [Int] {
        let cut = commandLines
        return lines.indices.filter { lines[$0].kind != .foreign && !cut.contains($0) && lines[$0].text.utf8.contains(UInt8(ascii: "$")) }
    }

    /// OpenPGP within the text (RFC 9580 §6.2), not quoted.
    var hasArmor: Bool {
        lines.contains { !$0.isMarkedQuote && $0.text.hasPrefix("-----BEGIN PGP ") && $0.trimmed.hasSuffix("-----") }
    }
}
