/// The client's side of an IMAP dialogue: commands with tags, responses with their literals.
final class IMAPDialogue {
    /// A response line whole. Where a literal stood, `text` holds `{n}` and `literals` its octets, in order.
    struct Line: Sendable, CustomStringConvertible {
        var text: String
        var literals: [[UInt8]] = []
        var description: String { text }
    }

    /// What came of a command: the untagged lines, and the tagged one without its tag.
    struct Result: Sendable, CustomStringConvertible {
        var lines: [Line] = []
        var status = ""
        var isOK: Bool { status.hasPrefix("OK") }
        /// The untagged lines as texts.
        var texts: [String] { lines.map(\.text) }
        var description: String { (texts + [status]).joined(separator: "\n") }
    }

    /// The connection below.
    let wire: WireClient
    private var count = 0

    /// Connects and reads the greeting.
    convenience init(port: Int, tls: Bool = false, patience: Duration = Patience.default) throws {
        try self.init(wire: WireClient(port: port, tls: tls, patience: patience))
    }

    /// Reads the greeting from a connection.
    init(wire: WireClient) throws {
        self.wire = wire
        guard let greeting = try wire.readLine(), greeting.hasPrefix("* OK") || greeting.hasPrefix("* PREAUTH") else {
            throw WaitedInVain("there is no greeting")
        }
        self.greeting = greeting
    }

    /// Connects and logs in.
    convenience init(port: Int, login: String, password: String) throws {
        self.init(try Self(port: port))
        guard try run("LOGIN \"\(login)\" \"\(password)\"").isOK else { throw WaitedInVain("\(login) cannot log in") }
    }

    private init(_ other: IMAPDialogue) { (wire, greeting) = (other.wire, other.greeting) }

    /// What the server said first.
    let greeting: String

    /// The next line, untagged, tagged or a continuation request; `nil` at the end of the connection.
    func readLine() throws -> Line? {
        var result = Line(text: "")
        while let piece = try wire.readLine() {
            result.text += piece
            guard let length = Self.literalLength(piece) else { return result }
            result.literals.append(try wire.read(count: length))
        }
        return nil
    }

    private static func literalLength(_ line: String) -> Int? {
        guard line.hasSuffix("}"), let brace = line.lastIndex(of: "{") else { return nil }
        return Int(line[line.index(after: brace)...].dropLast())
    }

    /// Sends a command and reads until its tagged response.
    @discardableResult func run(_ command: String) throws -> Result {
        let tag = try start(command)
        return try finish(tag)
    }

    /// Sends a command without waiting; its tag.
    func start(_ command: String) throws -> String {
        count += 1
        try wire.send(line: "A\(count) \(command)")
        return "A\(count)"
    }

    /// Reads until the tagged response.
    func finish(_ tag: String) throws -> Result {
        var result = Result()
        while let line = try readLine() {
            if line.text.hasPrefix("\(tag) ") {
                result.status = String(line.text.dropFirst(tag.count + 1))
                return result
            }
            result.lines.append(line)
        }
        throw WaitedInVain("the server hung up: \(result.lines)")
    }

    /// APPENDs octets as a synchronizing literal.
    func append(to mailbox: String, flags: String = "", _ octets: [UInt8]) throws -> Result {
        let tag = try start("APPEND \"\(mailbox)\" (\(flags)) {\(octets.count)}")
        while let line = try readLine() {
            if line.text.hasPrefix("+") {
                try wire.send(octets + [0x0D, 0x0A])
                return try finish(tag)
            }
            if line.text.hasPrefix("\(tag) ") { return Result(status: String(line.text.dropFirst(tag.count + 1))) }
        }
        throw WaitedInVain("the server hung up within APPEND")
    }

    /// Begins IDLE; the server's continuation request was read.
    func idle() throws -> String {
        let tag = try start("IDLE")
        guard let line = try readLine(), line.text.hasPrefix("+") else { throw WaitedInVain("IDLE is refused") }
        return tag
    }

    /// Reads untagged lines until one holds the text.
    func waitFor(_ text: String) throws -> Line {
        while let line = try readLine() {
            if line.text.contains(text) { return line }
        }
        throw WaitedInVain("the server hung up before \(text)")
    }

    /// Ends IDLE.
    func done(_ tag: String) throws -> Result {
        try wire.send(line: "DONE")
        return try finish(tag)
    }

    // MARK: - Common questions

    /// The subjects of a mailbox's messages by UID, in its order. Selects the mailbox.
    func subjects(in mailbox: String) throws -> [(uid: Int, subject: String)] {
        let selected = try run("SELECT \"\(mailbox)\"")
        guard selected.isOK else { throw WaitedInVain("\(mailbox): \(selected.status)") }
        guard !selected.texts.contains("* 0 EXISTS") else { return [] }
        let fetched = try run("UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        return fetched.lines.compactMap { line in
            guard let field = line.literals.first, let uid = Self.number(after: "UID ", in: line.text) else { return nil }
            let text = String(decoding: field, as: UTF8.self).replacing("\r\n", with: "")
            return (uid, String(text.drop { $0 != ":" }.dropFirst().drop { $0 == " " }))
        }
    }

    /// What follows an action in a moment, told by IDLE: waits for a response with a word unless a mailbox shows it already.
    func wait(
        for word: String, in mailbox: String, until isThere: ([(uid: Int, subject: String)]) -> Bool
    ) throws {
        guard try !isThere(subjects(in: mailbox)) else { return }
        let idling = try idle()
        _ = try waitFor(word)
        guard try done(idling).isOK, try isThere(subjects(in: mailbox)) else {
            throw WaitedInVain("\(mailbox) does not show it")
        }
    }

    /// The octets of a message of the selected mailbox.
    func content(uid: Int) throws -> [UInt8] {
        let fetched = try run("UID FETCH \(uid) (BODY.PEEK[])")
        guard let octets = fetched.lines.compactMap(\.literals.first).first else {
            throw WaitedInVain("UID \(uid): \(fetched)")
        }
        return octets
    }

    /// The number that follows a word in a text.
    static func number(after word: String, in text: String) -> Int? {
        guard let range = text.firstRange(of: word) else { return nil }
        return Int(text[range.upperBound...].prefix { $0.isNumber })
    }
}
