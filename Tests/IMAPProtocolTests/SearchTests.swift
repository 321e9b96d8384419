import MailTypes
import Testing

@testable import IMAPProtocol

@Suite struct SearchTests {
    static let day = CivilTime(year: 1994, month: 2, day: 1)

    static let rows: [(keys: String, key: SearchKey)] = [
        ("ALL", .all), ("NEW", .new), ("OLD", .old), ("recent", .recent),
        ("ANSWERED", .flag(.answered, isSet: true)), ("UNANSWERED", .flag(.answered, isSet: false)),
        ("DELETED", .flag(.deleted, isSet: true)), ("UNDELETED", .flag(.deleted, isSet: false)),
        ("DRAFT", .flag(.draft, isSet: true)), ("UNDRAFT", .flag(.draft, isSet: false)),
        ("FLAGGED", .flag(.flagged, isSet: true)), ("UNFLAGGED", .flag(.flagged, isSet: false)),
        ("SEEN", .flag(.seen, isSet: true)), ("UNSEEN", .flag(.seen, isSet: false)),
        ("KEYWORD $Forwarded", .flag(.forwarded, isSet: true)), ("KEYWORD refund", .keyword("refund", isSet: true)),
        ("UNKEYWORD refund", .keyword("refund", isSet: false)),
        ("FROM joe", .from("joe")), ("TO \"a b\"", .to("a b")), ("CC {2+}\r\nab", .cc("ab")), ("BCC \"\"", .bcc("")),
        ("SUBJECT zażółć", .subject("zażółć")), ("BODY x", .body("x")), ("TEXT x", .text("x")),
        ("HEADER Message-ID <a@b>", .header(fieldName: "Message-ID", "<a@b>")),
        ("HEADER X \"\"", .header(fieldName: "X", "")),
        ("BEFORE 1-Feb-1994", .date(.internalDate, .before, day)),
        ("ON \"01-feb-1994\"", .date(.internalDate, .on, day)),
        ("SINCE \" 1-FEB-1994\"", .date(.internalDate, .since, day)),
        ("SENTBEFORE 1-Feb-1994", .date(.sent, .before, day)), ("SENTON 1-Feb-1994", .date(.sent, .on, day)),
        ("SENTSINCE 1-Feb-1994", .date(.sent, .since, day)), ("SAVEDBEFORE 1-Feb-1994", .date(.saved, .before, day)),
        ("SAVEDON 1-Feb-1994", .date(.saved, .on, day)), ("SAVEDSINCE 1-Feb-1994", .date(.saved, .since, day)),
        ("SAVEDATESUPPORTED", .saveDateSupported), ("LARGER 0", .larger(0)),
        ("SMALLER 5000000000", .smaller(5_000_000_000)),
        ("OLDER 60", .older(seconds: 60)), ("YOUNGER 259200", .younger(seconds: 259200)),
        ("UID 1:5,9", .messages(MessageSet(.uids, .of((1, 5), (9, 9))))),
        ("UID $", .messages(MessageSet(.uids, .saved))),
        ("$", .messages(MessageSet(.sequenceNumbers, .saved))),
        ("*", .messages(MessageSet(.sequenceNumbers, .of((0, 0))))),
        ("2,4:7,9,12:*", .messages(MessageSet(.sequenceNumbers, .of((2, 2), (4, 7), (9, 9), (12, 0))))),
        ("MODSEQ 620162338", .modSequence(ModSequence(620_162_338))),
        ("MODSEQ \"/flags/\\\\draft\" all 620162338", .modSequence(ModSequence(620_162_338))),
        ("EMAILID M6d99", .emailID("M6d99")), ("THREADID T-1_2", .threadID("T-1_2")),
        ("NOT SEEN", .not(.flag(.seen, isSet: true))), ("OR SEEN ALL", .or(.flag(.seen, isSet: true), .all)),
        ("NOT (SEEN ALL)", .not(.and([.flag(.seen, isSet: true), .all]))), ("(ALL)", .all),
        (
            "OR (FROM a TO b) NOT 1:2",
            .or(.and([.from("a"), .to("b")]), .not(.messages(MessageSet(.sequenceNumbers, .of((1, 2))))))
        ),
        ("UNDELETED  SINCE 1-Feb-1994", .and([.flag(.deleted, isSet: false), .date(.internalDate, .since, day)])),
        ("((SEEN) (ALL NEW))", .and([.flag(.seen, isSet: true), .and([.all, .new])])),
    ]

    @Test(arguments: rows.indices) func `keys are read in one piece and in any`(index: Int) {
        let (keys, key) = Self.rows[index]
        let command = Command.search(SearchCommand(key, numbers: .sequenceNumbers))
        for pieces in everySplit(of: "a SEARCH \(keys)\r\n") {
            #expect(decode(pieces) == [.command(tag: "a", command)], "\(keys)")
        }
    }

    @Test func `results are asked for before the keys`() {
        let rows: [(String, SearchResultOptions?)] = [
            ("ALL", nil), ("RETURN () ALL", .all), ("RETURN (MIN MAX) ALL", [.min, .max]),
            ("RETURN (all COUNT SAVE) CHARSET utf-8 ALL", [.all, .count, .save]), ("CHARSET \"US-ASCII\" ALL", nil),
        ]
        for (keys, options) in rows {
            #expect(
                command("UID SEARCH \(keys)") == .search(SearchCommand(.all, numbers: .uids, resultOptions: options)),
                "\(keys)")
        }
    }

    @Test func `a search in another charset says so and nothing else`() {
        var search = SearchCommand(.all, numbers: .sequenceNumbers, resultOptions: .save)
        search.hasUnknownCharset = true
        #expect(command("SEARCH RETURN (SAVE) CHARSET ISO-8859-2 SUBJECT {1+}\r\nx") == .search(search))
        #expect(refusal("SORT (DATE) ISO-8859-2 ALL") == .unknownCharset)
    }

    @Test func `sorting and threading carry a search`() {
        let search = SearchCommand(.flag(.seen, isSet: true), numbers: .uids)
        #expect(
            command("UID SORT (REVERSE DATE subject) UTF-8 SEEN")
                == .sort(SortCommand([.init(.date, isReverse: true), .init(.subject)], search)))
        #expect(command("UID THREAD references UTF-8 SEEN") == .thread(ThreadCommand("REFERENCES", search)))
        #expect(refusal("SORT () UTF-8 ALL")?.kind == .bad)
        #expect(refusal("SORT (REVERSE) UTF-8 ALL")?.kind == .bad)
        #expect(refusal("SORT (DATE) ALL")?.kind != nil)
    }

    @Test(arguments: [
        "SEARCH", "SEARCH FOO", "SEARCH ALL)", "SEARCH (ALL", "SEARCH ()", "SEARCH NOT", "SEARCH OR ALL", "SEARCH FROM",
        "SEARCH HEADER a", "SEARCH BEFORE 31-Feb-1994", "SEARCH BEFORE 1-Foo-1994", "SEARCH BEFORE 1-Feb-94",
        "SEARCH BEFORE \"1-Feb-1994", "SEARCH BEFORE 001-Feb-1994", "SEARCH ON 0-Feb-1994", "SEARCH LARGER x",
        "SEARCH SMALLER -1", "SEARCH OLDER 0", "SEARCH UID x", "SEARCH MODSEQ \"x\" foo 1", "SEARCH 0",
        "SEARCH RETURN ALL",
        "SEARCH RETURN (FOO) ALL", "SEARCH RETURN (ALL)", "SEARCH CHARSET", "SEARCH CHARSET UTF-8", "SEARCH SEEN\"x\"",
        "SEARCH KEYWORD \"a\"", "SEARCH ALL(SEEN)",
    ]) func `what is no search program is refused`(line: String) {
        #expect(refusal(line)?.kind == .bad)
    }

    @Test func `a program nests to the limit and not beyond`() {
        let limits = DecoderLimits(nesting: 3)
        for make in [
            { (depth: Int) in String(repeating: "NOT ", count: depth) + "ALL" },
            { (depth: Int) in String(repeating: "(", count: depth) + "ALL" + String(repeating: ")", count: depth) },
            { (depth: Int) in String(repeating: "OR ALL ", count: depth) + "ALL" },
        ] {
            #expect(decode("a SEARCH \(make(3))\r\n", limits: limits).first?.isCommand == true)
            #expect(refusal("SEARCH \(make(4))", limits: limits)?.kind == .bad)
            #expect(refusal("SEARCH \(make(5000))")?.kind == .bad)
        }
    }

    @Test func `a program has so many keys and no more`() {
        let limits = DecoderLimits(listCount: 4)
        #expect(decode("a SEARCH ALL ALL (ALL)\r\n", limits: limits).first?.isCommand == true)
        #expect(refusal("SEARCH ALL ALL (ALL ALL)", limits: limits)?.kind == .bad)
        #expect(decode("a SEARCH 1,2,3,4\r\n", limits: limits).first?.isCommand == true)
        #expect(refusal("SEARCH 1,2,3,4,5", limits: limits)?.kind == .bad)
    }

    @Test func `text that is not UTF-8 is refused`() {
        let wire = Array("t SEARCH FROM {1+}\r\n".utf8) + [0xFF] + Array("\r\n".utf8)
        #expect(decode([wire]) == [.refused(tag: "t", .bad("Text is not UTF-8"))])
    }
}

extension CommandEvent {
    var isCommand: Bool { if case .command = self { true } else { false } }
}
