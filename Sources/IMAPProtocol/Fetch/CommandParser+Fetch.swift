import MailTypes

extension CommandParser {
    mutating func fetch(_ numbers: MessageSet.Numbering) throws(SyntaxError) -> FetchCommand {
        try space()
        let messages = MessageSet(numbers, try sequenceSet())
        try space()
        var items = FetchItems()
        if next == UInt8(ascii: "(") {
            try list { (parser: inout CommandParser) throws(SyntaxError) in
                items.add(try parser.fetchItems())
                guard items.ordered.count <= parser.limits.itemCount else {
                    throw SyntaxError(parser.limits.tooManyItems)
                }
            }
        } else {
            items.add(try fetchItems())
        }
        guard !items.ordered.isEmpty else { throw SyntaxError("Expected an item to fetch") }
        var command = FetchCommand(messages, items.ordered)
        guard takeSpaceBeforeMore() else { return command }
        try fetchModifiers(&command)
        return command
    }

    /// `(CHANGEDSINCE n [VANISHED])` (RFC 7162 §3.1.4.1, §3.2.6).
    private mutating func fetchModifiers(_ command: inout FetchCommand) throws(SyntaxError) {
        var changedSince: ModSequence?
        var includesVanished = false
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            if parser.takeWord("CHANGEDSINCE") {
                try parser.space()
                changedSince = try parser.modSequence()
            } else if parser.takeWord("VANISHED") {
                includesVanished = true
            } else {
                throw SyntaxError("Unknown fetch modifier")
            }
        }
        guard !includesVanished || (changedSince != nil && command.messages.numbers == .uids) else {
            throw SyntaxError("VANISHED needs UID FETCH and CHANGEDSINCE")
        }
        (command.changedSince, command.includesVanished) = (changedSince, includesVanished)
    }

    /// `(item item …)`, at least one.
    mutating func fetchItemList() throws(SyntaxError) -> [FetchItem] {
        var items = FetchItems()
        try list { (parser: inout CommandParser) throws(SyntaxError) in items.add(try parser.fetchItems()) }
        guard !items.ordered.isEmpty else { throw SyntaxError("Expected an item to fetch") }
        return items.ordered
    }

    /// One item, or those of a macro (RFC 3501 §6.4.5). Macros are taken within parentheses too, where only careless
    /// clients write them.
    private mutating func fetchItems() throws(SyntaxError) -> [FetchItem] {
        let name = try word()
        switch name {
        case "ALL": return [.flags, .internalDate, .rfc822Size, .envelope]
        case "FAST": return [.flags, .internalDate, .rfc822Size]
        case "FULL": return [.flags, .internalDate, .rfc822Size, .envelope, .body]
        case "UID": return [.uid]
        case "FLAGS": return [.flags]
        case "INTERNALDATE": return [.internalDate]
        case "RFC822.SIZE": return [.rfc822Size]
        case "ENVELOPE": return [.envelope]
        case "BODYSTRUCTURE": return [.bodyStructure]
        case "RFC822": return [.rfc822(.whole, isPeek: false)]
        // The PEEK forms are older than BODY.PEEK (RFC 1730); old Outlook still sends them.
        case "RFC822.PEEK": return [.rfc822(.whole, isPeek: true)]
        case "RFC822.HEADER": return [.rfc822(.header, isPeek: true)]
        case "RFC822.HEADER.PEEK": return [.rfc822(.header, isPeek: true)]
        case "RFC822.TEXT": return [.rfc822(.text, isPeek: false)]
        case "RFC822.TEXT.PEEK": return [.rfc822(.text, isPeek: true)]
        case "BODY":
            guard next == UInt8(ascii: "[") else { return [.body] }
            return [.section(try section(), partial: try partial(), isPeek: false)]
        case "BODY.PEEK":
            return [.section(try section(), partial: try partial(), isPeek: true)]
        case "BINARY":
            return [.binary(part: try binaryPart(), partial: try partial(), isPeek: false)]
        case "BINARY.PEEK":
            return [.binary(part: try binaryPart(), partial: try partial(), isPeek: true)]
        case "BINARY.SIZE":
            return [.binarySize(part: try binaryPart())]
        case "MODSEQ": return [.modSequence]
        case "EMAILID": return [.emailID]
        case "THREADID": return [.threadID]
        case "SAVEDATE": return [.saveDate]
        case "PREVIEW": return [.preview(isLazy: try takeLazy())]
        default: throw SyntaxError("Unknown fetch item")
        }
    }

    /// `[section]`
    private mutating func section() throws(SyntaxError) -> BodySection {
        try expect("[")
        var section = BodySection(part: try part())
        if !section.part.isEmpty, !take(".") {
            try expect("]")
            return section
        }
        if section.part.isEmpty, take("]") { return section }
        switch try word() {
        case "HEADER": section.specifier = .header
        case "TEXT": section.specifier = .text
        case "HEADER.FIELDS": section.specifier = .headerFields(try fieldNames())
        case "HEADER.FIELDS.NOT": section.specifier = .headerFieldsNot(try fieldNames())
        case "MIME":
            guard !section.part.isEmpty else { throw SyntaxError("MIME needs a part number") }
            section.specifier = .mime
        default: throw SyntaxError("Unknown section")
        }
        try expect("]")
        return section
    }

    /// `1.2.3`, or nothing; a dot before anything but a number stays.
    private mutating func part() throws(SyntaxError) -> [Int] {
        var part: [Int] = []
        while let octet = next, ByteClass.isDigit(octet) {
            guard part.count < limits.listCount else { throw SyntaxError("Part number too long") }
            part.append(Int(try nonZeroNumber()))
            guard next == UInt8(ascii: "."), let following = peek(1), ByteClass.isDigit(following) else { break }
            advance()
        }
        return part
    }

    private mutating func fieldNames() throws(SyntaxError) -> [String] {
        try space()
        var names: [String] = []
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            let name = try parser.text(try parser.astring())
            // A name is repeated in the answer: with a line end in it, it could be no header field anyway.
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }) else {
                throw SyntaxError("Not a header field name")
            }
            names.append(name)
        }
        guard !names.isEmpty else { throw SyntaxError("Expected a header field name") }
        return names
    }

    private mutating func binaryPart() throws(SyntaxError) -> [Int] {
        try expect("[")
        let part = try part()
        try expect("]")
        return part
    }

    /// `<offset.count>`
    private mutating func partial() throws(SyntaxError) -> FetchPartial? {
        guard take("<") else { return nil }
        let offset = try count()
        try expect(".")
        let length = try count()
        guard length > 0 else { throw SyntaxError("0 is not allowed here") }
        try expect(">")
        return FetchPartial(offset: offset, count: length)
    }

    /// `PREVIEW (LAZY)` (RFC 8970 §3.2); other parentheses are the command's modifiers.
    private mutating func takeLazy() throws(SyntaxError) -> Bool {
        let start = index
        if take(" "), take("("), takeWord("LAZY") {
            try expect(")")
            return true
        }
        rewind(to: start)
        return false
    }
}

/// Items in their order, each once, so that an answer has no part twice however often it is named.
private struct FetchItems {
    private(set) var ordered: [FetchItem] = []
    /// Filled once there are so many that looking through them all would take long.
    private var known: Set<FetchItem> = []

    init() {}

    mutating func add(_ items: [FetchItem]) {
        for item in items {
            if ordered.count < 16 {
                if ordered.contains(item) { continue }
            } else {
                if known.isEmpty { known = Set(ordered) }
                guard known.insert(item).inserted else { continue }
            }
            ordered.append(item)
        }
    }
}
