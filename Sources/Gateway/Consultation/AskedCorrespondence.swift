import Desk
import MailFormat
import MailTypes

/// The correspondence with the customer as a department gets to see it: texts, and files up to a size. Notes, cards and
/// what other departments said are no part of it.
struct AskedCorrespondence {
    /// A file of a mail.
    struct File {
        var name: String
        var part: BodyPart
        var body: StoredBody
    }

    private static let mails = 20
    private static let octetsOfText = 200_000
    /// Octets of all files together, as they are transferred: what goes into one mail and, for a moment, into memory.
    static let octetsOfFiles = 4_000_000
    private static let filesLimit = 50

    private(set) var text = ""
    private(set) var files: [File] = []
    /// Names of those that are too large.
    private(set) var leftOut: [String] = []

    init(of ticket: TicketNumber, _ words: ConsultationWords, _ transaction: any DeskTransaction) throws {
        let texts = CaseTexts(transaction)
        var room = Self.octetsOfFiles
        for row in try transaction.correspondence(of: ticket, limit: Self.mails) {
            let header = HeaderSection(row.header)
            let author = header.addresses(of: "From").first
            let from = author.map { $0.displayName.map { "\($0) <\(author?.address.description ?? "")>" } ?? $0.address.description }
            let heading = words.heading(
                from: from ?? "?", at: row.at, subject: Self.line(header.text("Subject") ?? ""))
            let body = try texts.texts(in: row.body).first ?? ""
            if text.utf8.count < Self.octetsOfText {
                text += "\n\(heading)\n\n\(body.prefix(Self.octetsOfText - text.utf8.count))\n"
            }
            for file in Self.files(in: row.body) where files.count < Self.filesLimit {
                guard file.part.bodyLength <= room else {
                    leftOut.append(file.name)
                    continue
                }
                room -= file.part.bodyLength
                files.append(file)
            }
        }
    }

    private static func line(_ text: String) -> String {
        String(text.map { $0 == "\r\n" || $0 == "\r" || $0 == "\n" ? " " : $0 }.prefix(300))
    }

    /// What is attached to a mail: parts with a name that are no text of its own.
    static func files(in body: StoredBody) -> [File] {
        guard let structure = MIMEStructure(encoded: body.structure) else { return [] }
        var found: [File] = []
        var open = [structure.root]
        while let part = open.popLast(), found.count < filesLimit {
            if part.isMultipart {
                open += part.children.reversed()
            } else if let name = part.filename, !name.isEmpty, !part.isMessage, part.bodyLength > 0 {
                found.append(File(name: String(name.prefix(200)), part: part, body: body))
            }
        }
        return found
    }

    /// The octets of a file, its transfer encoding undone.
    static func octets(of file: File, _ transaction: any DeskTransaction) throws -> [UInt8] {
        let start = min(file.body.bodyOffset + max(0, file.part.bodyOffset), file.body.size)
        let end = min(start + max(0, file.part.bodyLength), file.body.size)
        let octets = try transaction.octets(start..<end, of: file.body.content)
        var decoder = TransferDecoder(file.part)
        var output: [UInt8] = []
        octets.withUnsafeBytes { decoder.decode($0, into: &output) }
        decoder.finish(into: &output)
        return output
    }
}
