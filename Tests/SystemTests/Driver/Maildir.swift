import Foundation

/// A folder in the Maildir format that a client keeps.
struct Maildir {
    /// A message: its file, the UID that mbsync writes into the file's name, and its flags as letters.
    struct Message {
        let path: String
        let uid: Int?
        let flags: String
        /// The octets, with the CRLF of the wire.
        var content: String { get throws { try String(contentsOfFile: path, encoding: .utf8).replacing("\n", with: "\r\n") } }
    }

    let path: String

    /// All messages, the oldest UID first.
    var messages: [Message] {
        ["new", "cur"].flatMap { folder in
            let names = try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")
            return (names ?? []).map { name in
                let uid = name.firstMatch(of: /,U=(\d+)/).flatMap { Int($0.1) }
                let flags = name.firstMatch(of: /:2,([A-Z]*)$/).map { String($0.1) } ?? ""
                return Message(path: "\(path)/\(folder)/\(name)", uid: uid, flags: flags)
            }
        }.sorted { ($0.uid ?? 0, $0.path) < ($1.uid ?? 0, $1.path) }
    }

    /// The subjects of all messages.
    var subjects: [String] {
        get throws {
            try messages.map { String(try $0.content.firstMatch(of: /(?m)^Subject: ([^\r\n]*)/)?.1 ?? "") }
        }
    }

    /// Flags by UID, with what Maildir has letters for.
    var flags: [Int: String] {
        Dictionary(messages.compactMap { message in message.uid.map { ($0, message.flags) } }, uniquingKeysWith: +)
    }

    /// The first message whose text holds this.
    func message(with text: String) throws -> Message {
        for message in messages where try message.content.contains(text) { return message }
        throw WaitedInVain("\(path) holds no message with \(text)")
    }

    /// Puts a new message in, as another program does.
    func add(_ content: String, name: String, flags: String = "") throws {
        for folder in ["new", "cur", "tmp"] {
            try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
        }
        try content.write(toFile: "\(path)/cur/\(name).test:2,\(flags)", atomically: true, encoding: .utf8)
    }

    /// Gives a message other flags.
    func setFlags(_ flags: String, of message: Message) throws {
        let name = message.path.split(separator: "/").last.map { $0.prefix { $0 != ":" } } ?? ""
        try FileManager.default.moveItem(atPath: message.path, toPath: "\(path)/cur/\(name):2,\(flags)")
    }

    /// All folders below a path that hold messages or could, as names with slashes.
    static func folders(below path: String) -> Set<String> {
        let found = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return Set(found.filter { $0.hasSuffix("/cur") }.map { String($0.dropLast(4)) })
    }
}

extension IMAPDialogue {
    /// The letters of Maildir for the flags of a mailbox's messages, by UID. Selects the mailbox.
    func flagLetters(in mailbox: String) throws -> [Int: String] {
        let letters = [("\\Draft", "D"), ("\\Flagged", "F"), ("\\Answered", "R"), ("\\Seen", "S"), ("\\Deleted", "T")]
        guard try !run("SELECT \"\(mailbox)\"").texts.contains("* 0 EXISTS") else { return [:] }
        let lines = try run("UID FETCH 1:* (UID FLAGS)").texts
        return Dictionary(lines.compactMap { line in
            Self.number(after: "UID ", in: line).map { uid in
                (uid, letters.filter { line.contains($0.0) }.map(\.1).joined())
            }
        }, uniquingKeysWith: +)
    }

    /// The names that LIST gives, as they are on the wire.
    func names() throws -> Set<String> {
        Set(try run("LIST \"\" \"*\"").texts.compactMap { $0.firstMatch(of: /"\/" "?([^"]+)"?$/).map { String($0.1) } })
    }
}
