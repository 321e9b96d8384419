import Desk
import Gateway
import IMAPProtocol
import MailFormat
import MailTypes

/// What one FETCH asks of every message: which columns to read, and how to write what was read. A value that goes along
/// into transactions.
struct FetchPlan: Sendable {
    let items: [FetchItem]
    let columns: MessageColumns
    /// Answering sets `\Seen` where it is missing.
    let setsSeen: Bool
    /// What is not asked for and told beside of a message that becomes seen.
    let addedWhenSeen: [FetchItem]
    /// Flags may stand in the answer.
    var showsFlags: Bool { setsSeen || items.contains(.flags) }

    /// Nothing but UID, flags and mod-sequence: what clients ask of whole mailboxes, and often.
    let isPlain: Bool
    /// Asks for more of messages than their header: somebody may be about to read them.
    let readsText: Bool
    private let plainUID: Bool
    private let plainFlags: Bool
    private let plainModSequence: Bool

    init(_ items: [FetchItem], isUID: Bool, needsModSequence: Bool, tellsModSequences: Bool = false) {
        var items = items
        // UID FETCH always tells the UID (RFC 3501 §6.4.8), CHANGEDSINCE the mod-sequence (RFC 7162 §3.1.4.1).
        if isUID, !items.contains(.uid) { items.insert(.uid, at: 0) }
        if needsModSequence, !items.contains(.modSequence) { items.append(.modSequence) }
        var columns: MessageColumns = []
        for item in items {
            switch item {
            case .uid, .flags, .modSequence: break
            case .preview: columns.formUnion([.preview, .facts, .structure])
            case .saveDate: columns.insert(.saveDate)
            case .internalDate, .rfc822Size, .emailID, .threadID: columns.insert(.facts)
            case .envelope: columns.insert(.envelope)
            case .body, .bodyStructure: columns.formUnion([.structure, .facts])
            case .rfc822(let part, _): columns.formUnion(Self.columns(for: part.section))
            case .section(let section, _, _): columns.formUnion(Self.columns(for: section))
            case .binary(let part, _, _), .binarySize(let part):
                columns.formUnion(Self.columns(for: BodySection(part: part)))
            }
        }
        self.items = items
        self.columns = columns
        (plainUID, plainFlags) = (items.contains(.uid), items.contains(.flags))
        plainModSequence = items.contains(.modSequence)
        isPlain = items.allSatisfy { $0 == .uid || $0 == .flags || $0 == .modSequence }
        setsSeen = items.contains(where: \.setsSeen)
        readsText = items.contains(where: \.readsText)
        // Who knows mod-sequences hears them, with the UID, of every change (RFC 7162 §3.2.4).
        let told: [FetchItem] = tellsModSequences ? [.uid, .modSequence, .flags] : [.flags]
        addedWhenSeen = setsSeen ? told.filter { !items.contains($0) } : []
    }

    private static func columns(for section: BodySection) -> MessageColumns {
        if !section.part.isEmpty { return [.facts, .structure, .header] }
        return section.specifier == .text ? .facts : [.facts, .header]
    }

    /// What stands where a literal is asked for.
    enum Octets {
        case absent
        /// At hand.
        case ready([UInt8])
        /// A range of the message as served.
        case range(Range<Int>)
        /// A range of which a transfer encoding is to be undone, and the stretch of the outcome that is asked for.
        case encoded(Range<Int>, TransferDecoder, Range<Int>)
        /// Only how many octets that would be.
        case sizeOfEncoded(Range<Int>, TransferDecoder)
        /// A transfer encoding that nobody here knows (RFC 3516 §4.3 UNKNOWN-CTE).
        case unknownEncoding

        /// Octets that have to be read or held for it.
        var cost: Int {
            switch self {
            case .absent, .unknownEncoding: 0
            case .ready(let octets): octets.count
            case .range(let range), .encoded(let range, _, _), .sizeOfEncoded(let range, _): range.count
            }
        }
    }

    /// The octets that an item shows; `nil` for items that are not octets. `reading` brings content for the few sections
    /// that have to be looked into.
    func octets(
        of item: FetchItem, _ row: MessageRow, _ structure: MIMEStructure?,
        reading: (Range<Int>) throws -> [UInt8]
    ) rethrows -> Octets? {
        let (section, partial): (BodySection, FetchPartial?)
        switch item {
        case .rfc822(let part, _): (section, partial) = (part.section, nil)
        case .section(let named, let piece, _): (section, partial) = (named, piece)
        case .binary(let part, let partial, _): return binary(part, row, structure) { .encoded($0, $1, .init(partial)) }
        case .binarySize(let part): return binary(part, row, structure) { .sizeOfEncoded($0, $1) }
        default: return nil
        }
        let whole: Octets
        switch section.specifier {
        case .whole: whole = .init(range(section.part, .content, row, structure))
        case .text: whole = .init(range(section.part, .text, row, structure))
        case .mime: whole = .init(range(section.part, .mime, row, structure))
        case .header: whole = .init(range(section.part, .header, row, structure))
        case .headerFields(let names):
            guard let header = try header(section.part, row, structure, reading) else { return .absent }
            whole = .ready(header.fields(named: names))
        case .headerFieldsNot(let names):
            guard let header = try header(section.part, row, structure, reading) else { return .absent }
            whole = .ready(header.fieldsNot(named: names))
        }
        guard let partial else { return whole }
        switch whole {
        case .absent, .encoded, .sizeOfEncoded, .unknownEncoding: return whole
        case .ready(let octets): return .ready(Array(octets[partial.range(in: octets.count)]))
        case .range(let range):
            let piece = partial.range(in: range.count)
            return .range(range.lowerBound + piece.lowerBound..<range.lowerBound + piece.upperBound)
        }
    }

    /// A part with its transfer encoding undone (RFC 3516 §4.2). A multipart has none, nor has the message as a whole.
    private func binary(
        _ path: [Int], _ row: MessageRow, _ structure: MIMEStructure?,
        _ octets: (Range<Int>, TransferDecoder) -> Octets
    ) -> Octets {
        guard let range = range(path, .content, row, structure) else { return .absent }
        guard let (part, _) = structure?.part(at: path), !path.isEmpty, !part.isMultipart else {
            return octets(range, TransferDecoder([]))
        }
        guard TransferDecoder.knows(part.transferEncoding ?? []) else { return .unknownEncoding }
        return octets(range, TransferDecoder(part))
    }

    private func range(
        _ part: [Int], _ piece: SectionPiece, _ row: MessageRow, _ structure: MIMEStructure?
    ) -> Range<Int>? {
        if part.isEmpty {
            switch piece {
            case .content: return 0..<row.size
            case .header: return 0..<row.headerSize
            case .text: return row.headerSize..<row.size
            case .mime: return nil
            }
        }
        guard let range = structure?.range(of: part, piece, headerLength: row.headerSize) else { return nil }
        return range.clamped(to: 0..<row.size)
    }

    private func header(
        _ part: [Int], _ row: MessageRow, _ structure: MIMEStructure?, _ reading: (Range<Int>) throws -> [UInt8]
    ) rethrows -> HeaderSection? {
        if part.isEmpty { return HeaderSection(row.header) }
        guard let range = range(part, .header, row, structure) else { return nil }
        return HeaderSection(try reading(range.lowerBound..<min(range.upperBound, range.lowerBound + 1_048_576)))
    }

    /// The structure, where an item needs it. One that this build cannot read shows as a single text part.
    func structure(of row: MessageRow) -> MIMEStructure? {
        guard columns.contains(.structure) else { return nil }
        if let structure = MIMEStructure(encoded: row.structure) { return structure }
        var part = BodyPart()
        part.bodyLength = row.size - row.headerSize
        return MIMEStructure(root: part)
    }

    /// Writes the whole response of a plain plan.
    func writePlain(_ row: MessageRow, _ number: UInt32, isRecent: Bool, to writer: inout ResponseWriter) {
        guard row.keywords != nil, plainFlags else {
            return writer.plainFetch(
                number, uid: plainUID ? row.uid : nil, flags: plainFlags ? row.flags : nil, isRecent: isRecent,
                modSequence: plainModSequence ? row.modSequence : nil)
        }
        writer.beginFetch(number)
        defer { writer.endFetch() }
        if plainUID { writer.fetchUID(UID(row.uid)) }
        if plainFlags { writer.fetchFlags(row.flags, keywords: row.keywordList, isRecent: isRecent) }
        if plainModSequence { writer.fetchModSequence(row.modSequence) }
    }

    /// Writes an item that is no octets.
    func write(
        _ item: FetchItem, _ row: MessageRow, _ structure: MIMEStructure?, isRecent: Bool,
        to writer: inout ResponseWriter
    ) {
        switch item {
        case .uid: writer.fetchUID(UID(row.uid))
        case .flags: writer.fetchFlags(row.flags, keywords: row.keywordList, isRecent: isRecent)
        case .internalDate: writer.fetchInternalDate(row.internalDate)
        case .rfc822Size: writer.fetchSize(row.size)
        case .envelope: writer.fetchEnvelope(row.envelope)
        case .body: if let structure { writer.fetchBody(BodyStructure.render(structure, extended: false)) }
        case .bodyStructure:
            if let structure { writer.fetchBodyStructure(BodyStructure.render(structure, extended: true)) }
        case .modSequence: writer.fetchModSequence(row.modSequence)
        case .emailID: writer.fetchEmailID("E\(row.emailID)")
        case .threadID: writer.fetchThreadID(row.thread.map { "T\($0)" })
        case .saveDate: writer.fetchSaveDate(row.savedAt)
        case .preview: writer.fetchPreview(row.preview)
        case .rfc822, .section, .binary, .binarySize: break
        }
    }
}

extension Range<Int> {
    /// The stretch that a partial means, of octets whose number is not known yet.
    fileprivate init(_ partial: FetchPartial?) {
        guard let partial else {
            self = 0..<Int.max
            return
        }
        self = partial.offset..<(partial.offset + Swift.min(partial.count, Int.max - partial.offset))
    }
}

extension FetchPlan.Octets {
    init(_ range: Range<Int>?) { self = range.map { .range($0) } ?? .absent }
}

extension MessageRow {
    /// Octets of the message as served: its header section, then the stored body.
    func served(_ range: Range<Int>, _ transaction: any MailboxTransaction) throws -> [UInt8] {
        let inHeader = range.clamped(to: 0..<header.count)
        let inBody = range.clamped(to: header.count..<max(header.count, range.upperBound))
        if inBody.isEmpty { return Array(header[inHeader]) }
        let offset = bodyOffset - header.count
        let body = try transaction.octets(inBody.lowerBound + offset..<inBody.upperBound + offset, of: content)
        return inHeader.isEmpty ? body : Array(header[inHeader]) + body
    }

    /// The same where the header section was not read: for ranges behind it.
    func servedBody(_ range: Range<Int>, _ transaction: any MailboxTransaction) throws -> [UInt8] {
        guard header.isEmpty else { return try served(range, transaction) }
        let offset = bodyOffset - headerSize
        return try transaction.octets(range.lowerBound + offset..<range.upperBound + offset, of: content)
    }
}

extension FetchPlan {
    /// The row with its preview: made now where the index has not come yet, unless all that is asked for is one that is
    /// ready (RFC 8970 §3.1).
    func withPreview(_ row: MessageRow, _ transaction: any MailboxTransaction) throws -> MessageRow {
        guard columns.contains(.preview), row.preview == nil, items.contains(.preview(isLazy: false)) else { return row }
        var row = row
        row.preview = PreviewText.make(try BodyTexts(row, transaction, isPreview: true).first ?? "")
        return row
    }
}

extension FetchItem {
    /// Asks for the text of a message or a part of it.
    fileprivate var readsText: Bool {
        switch self {
        case .rfc822(let part, _): part != .header
        case .section(let section, _, _): section.specifier == .whole || section.specifier == .text
        case .binary: true
        default: false
        }
    }
}
