import MailTypes

extension CommandParser {
    /// `tag SP`, the beginning of every command; `nil` if there is none.
    mutating func tag() -> String? {
        guard let octets = try? run("a tag", where: ByteClass.isTag), take(" ") else { return nil }
        while take(" ") {}
        return String(decoding: octets, as: UTF8.self)
    }

    /// What follows the tag, up to the end.
    mutating func command() throws(SyntaxError) -> Command {
        var name = try word()
        var numbers = MessageSet.Numbering.sequenceNumbers
        if name == "UID" {
            try space()
            name = try word()
            numbers = .uids
            guard Self.namesAfterUID.contains(name) else { throw SyntaxError("Unknown command") }
        }
        let command = try arguments(of: name, numbers)
        try end()
        return command
    }

    private static let namesAfterUID: Set<String> = [
        "FETCH", "STORE", "SEARCH", "COPY", "MOVE", "EXPUNGE", "SORT", "THREAD", "REPLACE",
    ]

    private mutating func arguments(
        of name: String, _ numbers: MessageSet.Numbering
    ) throws(SyntaxError) -> Command {
        switch name {
        case "FETCH": return .fetch(try fetch(numbers))
        case "STORE": return .store(try store(numbers))
        case "SEARCH": return .search(try search(numbers))
        case "SORT": return .sort(try sort(numbers))
        case "THREAD": return .thread(try thread(numbers))
        case "NOOP": return .noop
        case "IDLE": return .idle
        case "SELECT": return .select(try select(isReadOnly: false))
        case "EXAMINE": return .select(try select(isReadOnly: true))
        case "STATUS": return try status()
        case "LIST": return .list(try list(.list))
        case "LSUB": return .list(try list(.lsub))
        case "XLIST": return .list(try list(.xlist))
        case "COPY", "MOVE":
            try space()
            let messages = MessageSet(numbers, try sequenceSet())
            try space()
            return name == "COPY" ? .copy(messages, to: try mailbox()) : .move(messages, to: try mailbox())
        case "EXPUNGE":
            guard numbers == .uids else { return .expunge(uids: nil) }
            try space()
            return .expunge(uids: try sequenceSet())
        case "GETQUOTA", "GETQUOTAROOT", "SETQUOTA": return .quota(try quota(name))
        case "GETACL", "MYRIGHTS", "LISTRIGHTS", "SETACL", "DELETEACL": return .acl(try acl(name))
        case "GETMETADATA": return .metadata(try getMetadata())
        case "SETMETADATA": return .metadata(try setMetadata())
        case "CHECK": return .check
        case "CLOSE": return .close
        case "UNSELECT": return .unselect
        case "CAPABILITY": return .capability
        case "LOGOUT": return .logout
        case "STARTTLS": return .startTLS
        case "NAMESPACE": return .namespace
        case "NOTIFY": return .notify(try notify())
        case "ID": return try id()
        case "LOGIN": return try login()
        case "AUTHENTICATE": return try authenticate()
        case "ENABLE": return try enable()
        case "CREATE": return try create()
        case "DELETE":
            try space()
            return .delete(try mailbox())
        case "RENAME":
            try space()
            let old = try mailbox()
            try space()
            return .rename(from: old, to: try mailbox())
        case "SUBSCRIBE":
            try space()
            return .subscribe(try mailbox())
        case "UNSUBSCRIBE":
            try space()
            return .unsubscribe(try mailbox())
        case "APPEND", "REPLACE": throw SyntaxError("\(name) without a message as its last argument")
        default: throw SyntaxError("Unknown command")
        }
    }

    /// RFC 2971 §3.1.
    private mutating func id() throws(SyntaxError) -> Command {
        try space()
        guard next == UInt8(ascii: "(") else {
            guard takeWord("NIL") else { throw SyntaxError("Expected a list or NIL") }
            return .id(nil)
        }
        var fields: [IDField] = []
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            let name = try parser.text(try parser.string())
            try parser.space()
            let value = try parser.nstring()
            fields.append(IDField(name, try value.map { (octets) throws(SyntaxError) in try parser.text(octets) }))
        }
        return .id(fields)
    }

    private mutating func login() throws(SyntaxError) -> Command {
        try space()
        let user = try text(try astring())
        try space()
        return .login(user: user, password: Credential(try astring()))
    }

    private mutating func authenticate() throws(SyntaxError) -> Command {
        try space()
        let mechanism = try word()
        guard takeSpaceBeforeMore() else { return .authenticate(mechanism: mechanism, initialResponse: nil) }
        // `=` alone is a response of no octets (RFC 4959 §3).
        if take("=") { return .authenticate(mechanism: mechanism, initialResponse: Credential([])) }
        let encoded = try run("a response in base64") { $0 > 0x20 && $0 < 0x7F }
        guard let response = Base64.decode(encoded) else { throw SyntaxError("The response is not base64") }
        return .authenticate(mechanism: mechanism, initialResponse: Credential(response))
    }

    private mutating func enable() throws(SyntaxError) -> Command {
        var names: [String] = []
        try space()
        repeat {
            guard names.count < limits.listCount else { throw SyntaxError(limits.listTooLong) }
            names.append(try atom().uppercased())
        } while takeSpaceBeforeMore()
        return .enable(names)
    }

    private mutating func select(isReadOnly: Bool) throws(SyntaxError) -> SelectCommand {
        try space()
        var command = SelectCommand(try mailbox(), isReadOnly: isReadOnly)
        guard takeSpaceBeforeMore() else { return command }
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            if parser.takeWord("CONDSTORE") {
                command.isCondstore = true
            } else if parser.takeWord("QRESYNC") {
                try parser.space()
                command.resynchronization = try parser.resynchronization()
            } else {
                throw SyntaxError("Unknown parameter")
            }
        }
        return command
    }

    /// `(uidvalidity modseq [known-uids] [(sequence-set uid-set)])` (RFC 7162 §3.2.5).
    private mutating func resynchronization() throws(SyntaxError) -> SelectCommand.Resynchronization {
        try expect("(")
        let uidValidity = try nonZeroNumber()
        try space()
        var result = SelectCommand.Resynchronization(uidValidity: uidValidity, modSequence: try modSequence())
        if next == UInt8(ascii: " "), peek(1) != UInt8(ascii: "(") {
            try space()
            result.knownUIDs = try knownSet()
        }
        if take(" ") {
            try expect("(")
            let sequenceNumbers = try knownSet()
            try space()
            let uids = try knownSet()
            guard sequenceNumbers.isAscending, uids.isAscending,
                sequenceNumbers.resolved(largest: 0)?.count == uids.resolved(largest: 0)?.count
            else { throw SyntaxError("Expected ascending sets of the same size") }
            result.match = .init(sequenceNumbers: sequenceNumbers, uids: uids)
            try expect(")")
        }
        try expect(")")
        return result
    }

    /// A set of what a client knows: neither `*` nor `$` (RFC 7162 §7 known-uids).
    private mutating func knownSet() throws(SyntaxError) -> SequenceSet {
        let set = try sequenceSet()
        guard set.isDefinite else { throw SyntaxError("Expected numbers without * and $") }
        return set
    }

    /// CREATE, with `(USE (…))` (RFC 6154 §3).
    private mutating func create() throws(SyntaxError) -> Command {
        try space()
        let name = try mailbox()
        var uses: [SpecialUse] = []
        if takeSpaceBeforeMore() {
            try list { (parser: inout CommandParser) throws(SyntaxError) in
                guard parser.takeWord("USE") else { throw SyntaxError("Unknown parameter") }
                try parser.space()
                try parser.list { (parser: inout CommandParser) throws(SyntaxError) in
                    try parser.expect("\\")
                    let use = "\\" + (try parser.atom().lowercased())
                    guard let known = SpecialUse.allCases.first(where: { $0.rawValue.lowercased() == use }) else {
                        throw SyntaxError(.no("Unknown special use", .useAttribute))
                    }
                    uses.append(known)
                }
            }
        }
        return .create(name, specialUses: uses)
    }

    private mutating func status() throws(SyntaxError) -> Command {
        try space()
        let name = try mailbox()
        try space()
        return .status(name, try statusItems())
    }

    /// The items of STATUS in parentheses, at least one.
    mutating func statusItems() throws(SyntaxError) -> StatusItems {
        var items: StatusItems = []
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            let name = try parser.word()
            guard let known = StatusItems.names.first(where: { $0.name == name }) else {
                throw SyntaxError("Unknown status item")
            }
            items.insert(known.item)
        }
        guard !items.isEmpty else { throw SyntaxError("Expected a status item") }
        return items
    }

    /// STORE, `UNCHANGEDSINCE` before the item (RFC 7162 §3.1.3).
    private mutating func store(_ numbers: MessageSet.Numbering) throws(SyntaxError) -> StoreCommand {
        try space()
        let messages = MessageSet(numbers, try sequenceSet())
        try space()
        var unchangedSince: ModSequence?
        if next == UInt8(ascii: "(") {
            try list { (parser: inout CommandParser) throws(SyntaxError) in
                guard parser.takeWord("UNCHANGEDSINCE") else { throw SyntaxError("Unknown parameter") }
                try parser.space()
                unchangedSince = try parser.modSequence()
            }
            try space()
        }
        let operation: StoreCommand.Operation = take("+") ? .add : take("-") ? .remove : .replace
        let item = try word()
        guard item == "FLAGS" || item == "FLAGS.SILENT" else { throw SyntaxError("Expected FLAGS") }
        try space()
        return StoreCommand(
            messages, operation, try flags(), isSilent: item == "FLAGS.SILENT", unchangedSince: unchangedSince)
    }
}
