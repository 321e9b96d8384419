/// Quota, rights and annotations.
extension CommandParser {
    /// RFC 9208 §4.1, with the resources of SETQUOTA in any number.
    mutating func quota(_ name: String) throws(SyntaxError) -> QuotaCommand {
        try space()
        switch name {
        case "GETQUOTA": return .get(root: try text(try astring()))
        case "GETQUOTAROOT": return .getRoots(of: try mailbox())
        default:
            let root = try text(try astring())
            try space()
            try list { (parser: inout CommandParser) throws(SyntaxError) in
                _ = try parser.atom()
                try parser.space()
                _ = try parser.number64()
            }
            return .set(root: root)
        }
    }

    /// RFC 4314 §3.
    mutating func acl(_ name: String) throws(SyntaxError) -> ACLCommand {
        try space()
        let mailbox = try mailbox()
        switch name {
        case "GETACL": return .get(mailbox)
        case "MYRIGHTS": return .myRights(mailbox)
        default: break
        }
        try space()
        let identifier = try text(try astring())
        guard name == "SETACL" else {
            return name == "LISTRIGHTS"
                ? .listRights(mailbox, identifier: identifier) : .delete(mailbox, identifier: identifier)
        }
        try space()
        // `+lr`, `-x`, or rights alone; upper case and what is no letter or digit is wrong (RFC 4314 §3.1).
        let rights = try astring()
        let letters = rights.first == UInt8(ascii: "+") || rights.first == UInt8(ascii: "-") ? rights.dropFirst() : rights[...]
        guard letters.allSatisfy({ ByteClass.isDigit($0) || ByteClass.isLetter($0) && $0 & 0x20 != 0 }) else {
            throw SyntaxError("Expected rights in lower case")
        }
        return .set(mailbox, identifier: identifier)
    }

    // MARK: - METADATA (RFC 5464)

    /// Options may stand before the mailbox, as the grammar has it, or behind it, as the examples have.
    mutating func getMetadata() throws(SyntaxError) -> MetadataCommand {
        try space()
        var get = GetMetadata([])
        if next == UInt8(ascii: "(") {
            try metadataOptions(&get)
            try space()
        }
        let mailbox = try metadataMailbox()
        try space()
        if next == UInt8(ascii: "("), peek(1) != UInt8(ascii: "/"), peek(1) != UInt8(ascii: "\"") {
            try metadataOptions(&get)
            try space()
        }
        guard next == UInt8(ascii: "(") else {
            get.entries = [try metadataEntry()]
            return .get(mailbox, get)
        }
        var entries: [String] = []
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            let entry = try parser.metadataEntry()
            if !entries.contains(entry) { entries.append(entry) }
            guard entries.count <= 100 else { throw SyntaxError(.bad("Too many entries: at most 100", .limit)) }
        }
        guard !entries.isEmpty else { throw SyntaxError("Expected an entry") }
        get.entries = entries
        return .get(mailbox, get)
    }

    mutating func setMetadata() throws(SyntaxError) -> MetadataCommand {
        try space()
        let mailbox = try metadataMailbox()
        try space()
        var changes: [MetadataChange] = []
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            let entry = try parser.metadataEntry()
            try parser.space()
            let value = parser.next == UInt8(ascii: "~") ? try parser.literal8() : try parser.nstring()
            changes.append(MetadataChange(entry, value))
            guard changes.count <= 100 else { throw SyntaxError(.bad("Too many entries: at most 100", .limit)) }
        }
        guard !changes.isEmpty else { throw SyntaxError("Expected an entry") }
        return .set(mailbox, changes)
    }

    private mutating func metadataMailbox() throws(SyntaxError) -> MailboxName? {
        let octets = try astring()
        guard !octets.isEmpty else { return nil }
        guard let name = MailboxName(wire: octets, isUTF8: isUTF8) else {
            throw SyntaxError("Mailbox name is neither UTF-8 nor modified UTF-7")
        }
        return name
    }

    private mutating func metadataOptions(_ get: inout GetMetadata) throws(SyntaxError) {
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            switch try parser.word() {
            case "MAXSIZE":
                try parser.space()
                get.maximumSize = try parser.number()
            case "DEPTH":
                try parser.space()
                switch try parser.word() {
                case "0": get.depth = .zero
                case "1": get.depth = .one
                case "INFINITY": get.depth = .infinity
                default: throw SyntaxError("Expected 0, 1 or infinity")
                }
            default: throw SyntaxError("Unknown option")
            }
        }
    }

    /// `/private/…` or `/shared/…`, characters of an atom without `*`, `%`, `//` or a slash at the end (RFC 5464 §3.2).
    private mutating func metadataEntry() throws(SyntaxError) -> String {
        let octets = try astring()
        let isEntry = octets.count <= 255
            && octets.allSatisfy { ByteClass.isAstring($0) && $0 != UInt8(ascii: "*") && $0 != UInt8(ascii: "%") }
        let entry = String(decoding: octets, as: UTF8.self).lowercased()
        guard isEntry, entry == "/private" || entry == "/shared" || entry.hasPrefix("/private/")
                || entry.hasPrefix("/shared/"), !entry.hasSuffix("/"),
            !entry.contains("//")
        else { throw SyntaxError("Expected an entry such as /private/comment") }
        return entry
    }
}
