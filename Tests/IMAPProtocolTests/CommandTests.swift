import MailTypes
import Testing

@testable import IMAPProtocol

@Suite struct CommandTests {
    static let rows: [(line: String, command: Command)] = [
        ("CAPABILITY", .capability), ("noop", .noop), ("Logout", .logout), ("STARTTLS", .startTLS),
        ("NAMESPACE", .namespace), ("IDLE", .idle), ("CHECK", .check), ("CLOSE", .close), ("UNSELECT", .unselect),
        ("EXPUNGE", .expunge(uids: nil)), ("NOOP  ", .noop),
        ("ID NIL", .id(nil)), ("ID ()", .id([])),
        (
            "ID (\"name\" \"Thunderbird\" \"version\" NIL)",
            .id([IDField("name", "Thunderbird"), IDField("version", nil)])
        ),
        ("LOGIN joe secret", .login(user: "joe", password: Credential(Array("secret".utf8)))),
        (
            "LOGIN \"joe b\" \"a\\\"\\\\b\\c\"",
            .login(user: "joe b", password: Credential(Array("a\"\\b\\c".utf8)))
        ),
        ("LOGIN {3+}\r\njoe {0+}\r\n", .login(user: "joe", password: Credential([]))),
        ("LOGIN zoë \"hasło {5}\"", .login(user: "zoë", password: Credential(Array("hasło {5}".utf8)))),
        ("LOGIN joe]x p+q", .login(user: "joe]x", password: Credential(Array("p+q".utf8)))),
        ("AUTHENTICATE PLAIN", .authenticate(mechanism: "PLAIN", initialResponse: nil)),
        ("AUTHENTICATE scram-sha-256 =", .authenticate(mechanism: "SCRAM-SHA-256", initialResponse: Credential([]))),
        (
            "AUTHENTICATE PLAIN AGpvZQBzZWNyZXQ=",
            .authenticate(mechanism: "PLAIN", initialResponse: Credential(Array("\0joe\0secret".utf8)))
        ),
        ("ENABLE condstore UTF8=ACCEPT", .enable(["CONDSTORE", "UTF8=ACCEPT"])),
        ("SELECT inbox", .select(SelectCommand(.inbox))),
        ("SELECT \"Zamkni&ARk-te\"", .select(SelectCommand("Zamknięte"))),
        ("SELECT \"Zamknięte\"", .select(SelectCommand("Zamknięte"))),
        ("SELECT Zamknie\u{328}te", .select(SelectCommand("Zamknięte"))),
        ("SELECT A&B", .select(SelectCommand("A&B"))),
        ("EXAMINE {5+}\r\nInbOx", .select(SelectCommand(.inbox, isReadOnly: true))),
        ("SELECT INBOX (CONDSTORE)", .select(SelectCommand(.inbox, isCondstore: true))),
        (
            "SELECT INBOX (QRESYNC (67890007 20050715194045000 41,43:211,214:541))",
            .select(
                SelectCommand(
                    .inbox,
                    resynchronization: .init(
                        uidValidity: 67_890_007, modSequence: ModSequence(20_050_715_194_045_000),
                        knownUIDs: .of((41, 41), (43, 211), (214, 541)))))
        ),
        (
            "SELECT INBOX (QRESYNC (67 90 1:9 (1:2 5:6)) CONDSTORE)",
            .select(
                SelectCommand(
                    .inbox, isCondstore: true,
                    resynchronization: .init(
                        uidValidity: 67, modSequence: ModSequence(90), knownUIDs: .of((1, 9)),
                        match: .init(sequenceNumbers: .of((1, 2)), uids: .of((5, 6))))))
        ),
        (
            "SELECT INBOX (QRESYNC (67 90))",
            .select(SelectCommand(.inbox, resynchronization: .init(uidValidity: 67, modSequence: ModSequence(90))))
        ),
        ("CREATE Private/a", .create("Private/a", specialUses: [])),
        ("CREATE x (USE (\\Trash \\sent))", .create("x", specialUses: [.trash, .sent])),
        ("DELETE \"\"", .delete("")), ("RENAME a \"b c\"", .rename(from: "a", to: "b c")),
        ("SUBSCRIBE a", .subscribe("a")), ("UNSUBSCRIBE inbox/b", .unsubscribe("INBOX/b")),
        ("STATUS inbox (MESSAGES)", .status(.inbox, .messages)),
        (
            "STATUS a (messages RECENT UIDNEXT UIDVALIDITY UNSEEN SIZE DELETED HIGHESTMODSEQ MAILBOXID APPENDLIMIT)",
            .status("a", StatusItems(rawValue: 1023))
        ),
        ("UID EXPUNGE 3:5", .expunge(uids: .of((3, 5)))),
        ("COPY 1:2,4 b", .copy(MessageSet(.sequenceNumbers, .of((1, 2), (4, 4))), to: "b")),
        ("UID COPY $ b", .copy(MessageSet(.uids, .saved), to: "b")),
        ("MOVE *:1 b", .move(MessageSet(.sequenceNumbers, .of((0, 1))), to: "b")),
        ("uid move 4294967295:* b", .move(MessageSet(.uids, .of((.max, 0))), to: "b")),
        (
            "STORE 1 FLAGS (\\Seen)",
            .store(StoreCommand(MessageSet(.sequenceNumbers, .of((1, 1))), .replace, FlagList(.seen)))
        ),
        (
            "STORE 1 -FLAGS.SILENT \\deleted $Forwarded tag-a TAG-A \\Recent",
            .store(
                StoreCommand(
                    MessageSet(.sequenceNumbers, .of((1, 1))), .remove,
                    FlagList([.deleted, .forwarded], keywords: ["tag-a"]), isSilent: true))
        ),
        (
            "UID STORE 7 (UNCHANGEDSINCE 320162338) +flags.silent ()",
            .store(
                StoreCommand(
                    MessageSet(.uids, .of((7, 7))), .add, FlagList(), isSilent: true,
                    unchangedSince: ModSequence(320_162_338)))
        ),
    ]

    @Test(arguments: rows.indices) func `a command is read in one piece and in any`(index: Int) {
        let (line, expected) = Self.rows[index]
        for pieces in everySplit(of: "A.1 \(line)\r\n") {
            #expect(decode(pieces) == [.command(tag: "A.1", expected)], "\(line)")
        }
    }

    @Test(arguments: [
        "", "FOO", "FETCH", "NOOP x", "NOOP(", "UID", "UID NOOP", "UID LOGIN a b", "LOGIN", "LOGIN a", "LOGIN a b c",
        "LOGIN \"a b", "LOGIN (a) b", "LOGIN a \"b", "SELECT", "SELECT a b", "SELECT a (FOO)", "SELECT a (CONDSTORE",
        "SELECT a (QRESYNC (0 1))", "SELECT a (QRESYNC (1))", "SELECT a (QRESYNC (1 2 (1 2))",
        "SELECT a (QRESYNC (1 2 1:*))", "SELECT a (QRESYNC (1 2 $))", "SELECT a (QRESYNC (1 2 1:9 (1:2 5)))",
        "SELECT a (QRESYNC (1 2 1:9 (2,1 5:6)))", "SELECT a (QRESYNC (1 2 1:9 (1:2 6:5)))",
        "SELECT a (QRESYNC (1 2 1:9 (1 *)))", "FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)", "UID FETCH 1 FLAGS (VANISHED)",
        "SELECT \"a\tb\"", "ENABLE", "ID", "ID (\"a\")", "ID (a b)", "ID (\"a\" \"b\"", "CREATE a (FOO)", "STATUS a",
        "STATUS a ()", "STATUS a (FOO)", "STATUS a MESSAGES", "COPY 0 a", "COPY 1:0 a", "COPY 4294967296 a",
        "COPY 1, a",
        "COPY ,1 a", "COPY 1: a", "COPY -1 a", "COPY a a", "COPY $,1 a", "COPY 1 ", "MOVE 1", "STORE 1 FLAGS",
        "STORE 1 FLAGS (\\Foo)", "STORE 1 FLAG (\\Seen)", "STORE 1 +-FLAGS (\\Seen)", "STORE 1 FLAGS (\\Seen",
        "STORE 1 FLAGS (\\ Seen)", "STORE 1 FLAGS (a]b)", "STORE 1 (UNCHANGEDSINCE) FLAGS ()",
        "STORE 1 (UNCHANGEDSINCE 9223372036854775808) FLAGS ()", "STORE 1 (FOO 1) FLAGS ()", "EXPUNGE 1", "UID EXPUNGE",
        "AUTHENTICATE", "AUTHENTICATE PLAIN AB", "AUTHENTICATE PLAIN AAAA BBBB", "APPEND", "APPEND a", "APPEND a b",
        "APPEND a {3}x", "LIST", "RENAME a", "DELETE", "NOOP {3+}\r\nabc", "LOGIN a p{2+}\r\nab", "SELECT {3+}\r\na\0b",
    ]) func `what is no command gets BAD, and the next one is read`(line: String) {
        #expect(refusal(line)?.kind == .bad, "\(line)")
    }

    @Test func `an unknown special use has a response code of its own`() {
        #expect(refusal("CREATE a (USE (\\Foo))") == .no("Unknown special use", .useAttribute))
    }

    @Test(arguments: ["\r\n", "\n"]) func `a line without a tag gets an untagged BAD`(lineEnd: String) {
        for line in ["(", " NOOP", "+ NOOP", "a", "\"a\" NOOP", "*", "ä NOOP"] {
            let events = decode("\(line)\(lineEnd)u NOOP\(lineEnd)")
            #expect(events.count == 2, "\(line)")
            if case .refused(nil, let response) = events[0] {
                #expect(response.kind == .bad)
            } else {
                Issue.record("\(line)")
            }
            #expect(events.last == .command(tag: "u", .noop))
        }
    }

    @Test func `with UTF-8 enabled an ampersand is an ampersand`() {
        #expect(command("DELETE Zamkni&ARk-te", usesUTF8: true) == .delete("Zamkni&ARk-te"))
        #expect(command("DELETE \"Zamknięte\"", usesUTF8: true) == .delete("Zamknięte"))
    }

    @Test func `a list has so many elements and no more`() {
        let limits = DecoderLimits(listCount: 3)
        for make in [
            { (list: String) in "STORE 1 FLAGS (\(list))" }, { "STORE 1 FLAGS \($0)" }, { "ENABLE \($0)" },
            { "LIST \"\" (\($0))" }, { "FETCH 1 BODY[HEADER.FIELDS (\($0))]" },
        ] {
            #expect(decode("t \(make("a b c"))\r\n", limits: limits).first?.isCommand == true)
            #expect(refusal(make("a b c d"), limits: limits) == limits.listTooLong, "\(make("a"))")
        }
        #expect(decode("t FETCH 1 BODY[1.2.3]\r\n", limits: limits).first?.isCommand == true)
        #expect(refusal("FETCH 1 BODY[1.2.3.4]", limits: limits)?.kind == .bad)
    }

    @Test func `nothing shows a password`() {
        let command = command("LOGIN joe secret")
        var dumped = ""
        if let command { dump(command, to: &dumped) }
        #expect(!"\(String(describing: command)) \(String(reflecting: command)) \(dumped)".contains("secret"))
        #expect(!dumped.contains("115"))
    }
}
