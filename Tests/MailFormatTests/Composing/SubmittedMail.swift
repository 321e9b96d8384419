import Testing

@testable import MailFormat

/// A mail as an agent's program hands it over, taken through `SubmittedText` and back to octets.
struct SubmittedMail: CustomTestStringConvertible {
    let octets: [UInt8]
    let header: HeaderSection
    let structure: MIMEStructure
    let body: [UInt8]

    /// Line ends may be LF: they become CRLF.
    init(_ message: String) {
        let lines = message.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        self.init(octets: Array(lines.joined(separator: "\r\n").utf8))
    }

    init(octets: [UInt8]) {
        self.octets = octets
        var scanner = MIMEScanner()
        scanner.consume(octets)
        structure = scanner.finish()
        header = scanner.header ?? HeaderSection([UInt8]())
        body = Array(octets[min(scanner.headerLength ?? 0, octets.count)...])
    }

    static let fields = "From: agent1@acme.example\nTo: jan@customer.example\nSubject: Re: parcel\nMIME-Version: 1.0\n"

    static func plain(_ text: String, parameters: String = "charset=utf-8") -> SubmittedMail {
        SubmittedMail("\(fields)Content-Type: text/plain; \(parameters)\nContent-Transfer-Encoding: 8bit\n\n\(text)")
    }

    static func html(_ html: String) -> SubmittedMail {
        SubmittedMail("\(fields)Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\(html)")
    }

    static func alternative(_ plain: String, _ html: String) -> SubmittedMail {
        SubmittedMail(
            """
            \(fields)Content-Type: multipart/alternative; boundary="b1"

            --b1
            Content-Type: text/plain; charset=utf-8; format=flowed
            Content-Transfer-Encoding: 8bit

            \(plain)
            --b1
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: 8bit

            \(html)
            --b1--

            """)
    }

    func read(limits: SubmittedText.Limits = .init()) throws -> SubmittedText {
        let sections = try SubmittedText.sections(of: structure, limits: limits).map { Array(body[$0]) }
        return try SubmittedText(header, structure, sections: sections, limits: limits)
    }

    /// What leaves.
    func changed(_ changes: TextChanges = TextChanges()) throws -> SubmittedMail {
        let plan = try read().plan(changes, entropy: Array(0..<12))
        let result = SubmittedMail(octets: plan.header.octets + plan.octets(of: body))
        guard plan.length == result.body.count else { throw Mismatch() }
        return result
    }

    struct Mismatch: Error {}

    var testDescription: String { String(text.prefix(200)).debugDescription }

    /// The text parts, decoded, with LF.
    var texts: [String] {
        TextLeaves(structure).leaves.map { leaf in
            TextDecoder.decodedText(leaf.part, Array(body[leaf.part.bodyOffset..<leaf.part.end]))
                .split(omittingEmptySubsequences: false) { $0 == "\r\n" || $0 == "\n" }.joined(separator: "\n")
        }
    }

    var text: String { texts.first ?? "" }

    /// Media types as a tree.
    var outline: String { Self.outline(structure.root) }

    private static func outline(_ part: BodyPart) -> String {
        part.mediaType.essence + (part.children.isEmpty ? "" : " [\(part.children.map { outline($0) }.joined(separator: ", "))]")
    }
}
