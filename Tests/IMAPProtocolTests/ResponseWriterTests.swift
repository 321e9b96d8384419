import MailTypes
import NIOCore
import Testing

@testable import IMAPProtocol

@Suite struct ResponseWriterTests {
    static let codes: [(code: ResponseCode, text: String)] = [
        (.alert, "ALERT"), (.badCharset(["UTF-8", "US-ASCII"]), "BADCHARSET (UTF-8 US-ASCII)"),
        (.capability(["IMAP4rev1", "LITERAL+"]), "CAPABILITY IMAP4rev1 LITERAL+"), (.parse, "PARSE"),
        (
            .permanentFlags(FlagList([.seen, .deleted], keywords: ["x"]), allowsNewKeywords: true),
            "PERMANENTFLAGS (\\Seen \\Deleted x \\*)"
        ),
        (.permanentFlags(FlagList(), allowsNewKeywords: true), "PERMANENTFLAGS (\\*)"),
        (.permanentFlags(FlagList(), allowsNewKeywords: false), "PERMANENTFLAGS ()"), (.readOnly, "READ-ONLY"),
        (.readWrite, "READ-WRITE"), (.tryCreate, "TRYCREATE"), (.uidNext(UID(4392)), "UIDNEXT 4392"),
        (.uidValidity(3_857_529_045), "UIDVALIDITY 3857529045"), (.unseen(12), "UNSEEN 12"),
        (.appendUID(uidValidity: 38505, [UID(3955)]), "APPENDUID 38505 3955"),
        (
            .copyUID(
                uidValidity: 38505, from: [304, 319, 320].map { UID($0) }, to: [3956, 3957, 3958].map { UID($0) }),
            "COPYUID 38505 304,319:320 3956:3958"
        ),
        (
            .copyUID(uidValidity: 1, from: [5, 4, 3, 9].map { UID($0) }, to: [1, 2, 4, 3].map { UID($0) }),
            "COPYUID 1 5,4,3,9 1:2,4,3"
        ),
        (.uidNotSticky, "UIDNOTSTICKY"),
        (.highestModSequence(ModSequence(715_194_045_007)), "HIGHESTMODSEQ 715194045007"),
        (.noModSequence, "NOMODSEQ"), (.modified(NumberSet([7, 9, 8, 1])), "MODIFIED 1,7:9"), (.closed, "CLOSED"),
        (.notSaved, "NOTSAVED"), (.unknownCTE, "UNKNOWN-CTE"), (.tooBig, "TOOBIG"),
        (.mailboxID("F1"), "MAILBOXID (F1)"),
        (.useAttribute, "USEATTR"), (.unavailable, "UNAVAILABLE"), (.authenticationFailed, "AUTHENTICATIONFAILED"),
        (.authorizationFailed, "AUTHORIZATIONFAILED"), (.expired, "EXPIRED"), (.privacyRequired, "PRIVACYREQUIRED"),
        (.contactAdmin, "CONTACTADMIN"), (.noPermission, "NOPERM"), (.inUse, "INUSE"),
        (.expungeIssued, "EXPUNGEISSUED"),
        (.corruption, "CORRUPTION"), (.serverBug, "SERVERBUG"), (.clientBug, "CLIENTBUG"), (.cannot, "CANNOT"),
        (.limit, "LIMIT"), (.overQuota, "OVERQUOTA"), (.alreadyExists, "ALREADYEXISTS"), (.nonExistent, "NONEXISTENT"),
        (.hasChildren, "HASCHILDREN"),
    ]

    @Test(arguments: codes.indices) func `a response code has its spelling`(index: Int) {
        let (code, text) = Self.codes[index]
        #expect(written { $0.status(tag: "a1", .no("x", code)) } == "a1 NO [\(text)] x\r\n")
    }

    static let rows: [(text: String, write: @Sendable (inout ResponseWriter) -> Void)] = [
        ("* OK ready\r\n", { $0.status(.ok("ready")) }), ("* BYE -\r\n", { $0.status(.bye("")) }),
        ("* PREAUTH hi\r\n", { $0.status(StatusResponse(.preauth, "hi")) }),
        ("a BAD no\r\n", { $0.status(tag: "a", .bad("no")) }),
        ("a NO x  b NOOP zażółć\r\n", { $0.status(tag: "a", .no("x\r\nb NOOP zażółć")) }),
        ("+ OK\r\n", { $0.continuation() }), ("+ idling\r\n", { $0.continuation("idling") }),
        ("+ \r\n", { $0.continuation(challenge: []) }),
        ("+ Zm9v\r\n", { $0.continuation(challenge: Array("foo".utf8)) }),
        ("* CAPABILITY IMAP4rev1 IDLE\r\n", { $0.capability(["IMAP4rev1", "IDLE"]) }),
        ("* ENABLED CONDSTORE\r\n", { $0.enabled(["CONDSTORE"]) }), ("* ENABLED\r\n", { $0.enabled([]) }),
        ("* ID NIL\r\n", { $0.id(nil) }),
        ("* ID (\"name\" \"Stempel\" \"os\" NIL)\r\n", { $0.id([IDField("name", "Stempel"), IDField("os", nil)]) }),
        ("* LIST () \"/\" \"INBOX\"\r\n", { $0.list(.list, "inbox", []) }),
        (
            "* LIST (\\HasNoChildren \\Subscribed \\Sent) \"/\" \"Wys&AUI-ane\"\r\n",
            { $0.list(.list, "Wysłane", [.sent, .hasNoChildren, .subscribed]) }
        ),
        (
            "* LIST (\\NonExistent) \"/\" \"a\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n",
            { $0.list(.list, "a", .nonExistent, hasSubscribedChild: true) }
        ),
        ("* LSUB (\\Noselect) \"/\" \"a \\\"b\\\\\"\r\n", { $0.list(.lsub, "a \"b\\", .noSelect) }),
        ("* LIST (\\Junk) NIL \"A &- B\"\r\n", { $0.list(.list, "A & B", .junk, delimiter: nil) }),
        ("* XLIST (\\Inbox \\HasChildren) \"/\" \"INBOX\"\r\n", { $0.list(.xlist, .inbox, .hasChildren) }),
        ("* XLIST (\\Spam) \"/\" \"Spam\"\r\n", { $0.list(.xlist, "Spam", .junk) }),
        ("* LIST (\\Noselect) \"/\" \"\"\r\n", { $0.listDelimiter(.list) }),
        ("* STATUS \"a\" ()\r\n", { $0.mailboxStatus("a", [], MailboxStatus()) }),
        (
            "* STATUS \"a\" (MESSAGES 1 RECENT 2 UIDNEXT 3 UIDVALIDITY 4 UNSEEN 5 SIZE 6 DELETED 7 HIGHESTMODSEQ 8 "
                + "MAILBOXID (F9) APPENDLIMIT NIL)\r\n",
            {
                var status = MailboxStatus()
                (status.messages, status.recent, status.uidNext, status.uidValidity) = (1, 2, UID(3), 4)
                (status.unseen, status.size, status.deleted, status.mailboxID) = (5, 6, 7, "F9")
                status.highestModSequence = ModSequence(8)
                $0.mailboxStatus("a", StatusItems(rawValue: 1023), status)
            }
        ),
        (
            "* NAMESPACE ((\"\" \"/\")) ((\"Zesp&APMBQg-/\" \"/\")) ((\"Groups/\" \"/\")(\"Pools/\" \"/\"))\r\n",
            {
                $0.namespace(
                    personal: [Namespace("")], otherUsers: [Namespace("Zespół/")],
                    shared: [Namespace("Groups/"), Namespace("Pools/")])
            }
        ),
        (
            "* NAMESPACE ((\"\" NIL)) NIL NIL\r\n",
            { $0.namespace(personal: [Namespace("", delimiter: nil)], otherUsers: [], shared: []) }
        ),
        ("* FLAGS (\\Seen $Forwarded x)\r\n", { $0.flags(FlagList([.forwarded, .seen], keywords: ["x"])) }),
        ("* 23 EXISTS\r\n", { $0.exists(23) }), ("* 0 RECENT\r\n", { $0.recent(0) }),
        ("* 44 EXPUNGE\r\n", { $0.expunge(44) }),
        ("* VANISHED 1:3,7\r\n", { $0.vanished(NumberSet([1, 2, 3, 7])) }),
        ("* VANISHED (EARLIER) 5\r\n", { $0.vanished(NumberSet([5]), isEarlier: true) }),
        ("", { $0.vanished(NumberSet()) }),
        ("* SEARCH\r\n", { $0.beginSearch(); $0.endSearch(modSequence: nil) }),
        (
            "* SEARCH 2 3 6\r\n",
            { $0.beginSearch(); $0.numbers([2, 3]); $0.numbers([6]); $0.endSearch(modSequence: nil) }
        ),
        (
            "* SEARCH 2 5 (MODSEQ 917162500)\r\n",
            { $0.beginSearch(); $0.numbers([2, 5]); $0.endSearch(modSequence: ModSequence(917_162_500)) }
        ),
        ("* SORT 5 3 4\r\n", { $0.beginSort(); $0.numbers([5, 3, 4]); $0.endSearch(modSequence: nil) }),
        (
            "* ESEARCH (TAG \"a\") UID MIN 1 MAX 9 ALL 1:3,9 COUNT 4 MODSEQ 8\r\n",
            {
                $0.beginESearch(tag: "a", .uids, [.min, .max, .all, .count], ends: (1, 9))
                $0.eSearchNumbers(NumberSet([1, 2, 3]), isFirst: true)
                $0.eSearchNumbers(NumberSet([9]), isFirst: false)
                $0.endESearch([.min, .max, .all, .count], count: 4, modSequence: ModSequence(8))
            }
        ),
        (
            "* ESEARCH (TAG \"a\") ALL 5,3:4,4\r\n",
            {
                $0.beginESearch(tag: "a", .sequenceNumbers, .all, ends: (5, 4))
                $0.eSortNumbers([5, 3, 4], isFirst: true)
                $0.eSortNumbers([4], isFirst: false)
                $0.endESearch(.all, count: 4, modSequence: nil)
            }
        ),
        (
            "* ESEARCH (TAG \"a\") COUNT 0\r\n",
            {
                $0.beginESearch(tag: "a", .sequenceNumbers, [.min, .all, .count], ends: nil)
                $0.endESearch([.min, .all, .count], count: 0, modSequence: nil)
            }
        ),
        (
            "* ESEARCH (TAG \"a\")\r\n",
            {
                $0.beginESearch(tag: "a", .sequenceNumbers, .save, ends: (1, 1))
                $0.endESearch(.save, count: 1, modSequence: nil)
            }
        ),
        ("* THREAD\r\n", { $0.beginThread(isEmpty: true); $0.endThread() }),
        ("* THREAD (1 2)\r\n", { $0.beginThread(isEmpty: false); $0.raw(Array("(1 2)".utf8)); $0.endThread() }),
    ]

    @Test(arguments: rows.indices) func `a response has its spelling`(index: Int) {
        let (text, write) = Self.rows[index]
        #expect(written(write) == text)
    }

    @Test func `a plain response in one piece is the one made item by item`() {
        let numbers: [UInt32] = [1, 9, 10, 4711, .max]
        var writer = ResponseWriter()
        for number in numbers {
            for flags in [nil, [], .seen, [.seen, .deleted], Flags(rawValue: -1)] as [Flags?] {
                for modSequence in [nil, 0, 7, Int64.max] as [Int64?] {
                    for (uid, isRecent) in [(nil, false), (number, true)] as [(UInt32?, Bool)] {
                        writer.plainFetch(
                            number, uid: uid, flags: flags, isRecent: isRecent, modSequence: modSequence.map { ModSequence($0) })
                        let plain = String(decoding: writer.takeOctets(), as: UTF8.self)
                        #expect(
                            plain
                                == written {
                                    $0.beginFetch(number)
                                    if let uid { $0.fetchUID(UID(uid)) }
                                    if let flags { $0.fetchFlags(flags, isRecent: isRecent) }
                                    if let modSequence { $0.fetchModSequence(ModSequence(modSequence)) }
                                    $0.endFetch()
                                })
                    }
                }
            }
        }
    }

    static let section = FetchItem.section(BodySection(), partial: nil, isPeek: true)

    static let items: [(text: String, write: @Sendable (inout ResponseWriter) -> Void)] = [
        ("UID 4711", { $0.fetchUID(UID(4711)) }), ("FLAGS ()", { $0.fetchFlags([]) }),
        ("FLAGS (\\Recent \\Seen x)", { $0.fetchFlags(.seen, keywords: ["x"], isRecent: true) }),
        ("FLAGS (x y)", { $0.fetchFlags([], keywords: ["x", "y"]) }),
        ("RFC822.SIZE 4294967296", { $0.fetchSize(4_294_967_296) }),
        ("INTERNALDATE \"17-Jul-1996 02:44:25 +0000\"", { $0.fetchInternalDate(Timestamp(seconds: 837_571_465)) }),
        ("INTERNALDATE \"01-Jan-1970 01:00:00 +0100\"", { $0.fetchInternalDate(Timestamp(seconds: 0), offset: 60) }),
        ("INTERNALDATE \"31-Dec-1969 16:30:00 -0730\"", { $0.fetchInternalDate(Timestamp(seconds: 0), offset: -450) }),
        ("MODSEQ (624140003)", { $0.fetchModSequence(ModSequence(624_140_003)) }),
        ("ENVELOPE (NIL)", { $0.fetchEnvelope(Array("(NIL)".utf8)) }),
        ("BODY (x)", { $0.fetchBody(Array("(x)".utf8)) }),
        ("BODYSTRUCTURE (x)", { $0.fetchBodyStructure(Array("(x)".utf8)) }),
        ("EMAILID (M1)", { $0.fetchEmailID("M1") }),
        ("THREADID (T1)", { $0.fetchThreadID("T1") }), ("THREADID NIL", { $0.fetchThreadID(nil) }),
        ("SAVEDATE NIL", { $0.fetchSaveDate(nil) }),
        ("SAVEDATE \"01-Jan-1970 00:00:00 +0000\"", { $0.fetchSaveDate(Timestamp(seconds: 0)) }),
        ("PREVIEW NIL", { $0.fetchPreview(nil) }), ("PREVIEW \"a\"", { $0.fetchPreview("a") }),
        ("PREVIEW {2}\r\né", { $0.fetchPreview("é") }),
        ("BINARY.SIZE[1.2] 7", { $0.fetchBinarySize(.binarySize(part: [1, 2]), 7) }),
        ("BODY[] {2}\r\nab", { $0.fetchOctets(section, Array("ab".utf8)) }), ("BODY[] NIL", { $0.fetchNil(section) }),
        (
            "BODY[1.HEADER.FIELDS (From \"a b\")]<5> {0}\r\n",
            {
                $0.fetchOctets(
                    .section(
                        BodySection(.headerFields(["From", "a b"]), part: [1]),
                        partial: FetchPartial(offset: 5, count: 9),
                        isPeek: false), [])
            }
        ),
        (
            "BODY[HEADER.FIELDS.NOT (x)] {1}\r\na",
            { $0.fetchOctets(.section(BodySection(.headerFieldsNot(["x"])), partial: nil, isPeek: true), [97]) }
        ),
        (
            "BODY[2.MIME] {1}\r\na",
            { $0.fetchOctets(.section(BodySection(.mime, part: [2]), partial: nil, isPeek: true), [97]) }
        ),
        ("BODY[2] {1}\r\na", { $0.fetchOctets(.section(BodySection(part: [2]), partial: nil, isPeek: true), [97]) }),
        ("BODY[TEXT] {1}\r\na", { $0.fetchOctets(.section(BodySection(.text), partial: nil, isPeek: true), [97]) }),
        ("RFC822 {1}\r\na", { $0.fetchOctets(.rfc822(.whole, isPeek: true), [97]) }),
        ("RFC822.HEADER {1}\r\na", { $0.fetchOctets(.rfc822(.header, isPeek: true), [97]) }),
        ("RFC822.TEXT {1}\r\na", { $0.fetchOctets(.rfc822(.text, isPeek: false), [97]) }),
        (
            "BINARY[1]<0> ~{2}\r\na\0",
            {
                $0.fetchLiteral(
                    .binary(part: [1], partial: FetchPartial(offset: 0, count: 2), isPeek: true), octetCount: 2,
                    isBinary: true)
                $0.raw([97, 0])
            }
        ),
    ]

    @Test(arguments: items.indices) func `an item has its spelling, alone and behind another`(index: Int) {
        let (text, write) = Self.items[index]
        let response = written { writer in
            writer.beginFetch(12)
            write(&writer)
            writer.fetchUID(UID(1))
            write(&writer)
            writer.endFetch()
        }
        #expect(response == "* 12 FETCH (\(text) UID 1 \(text))\r\n")
    }

    @Test func `every flag is written as it is spelt`() {
        for (flag, spelling) in Flags.spellings {
            #expect(written { $0.flags(FlagList(flag)) } == "* FLAGS (\(spelling))\r\n")
        }
    }

    @Test func `numbers are written whole`() {
        var generator = Seeded()
        for number in [0, 9, 10, 99, 100, 1_000_000_000, .max]
            + (0..<200).map({ _ in
                UInt64.random(in: 0...UInt64.max, using: &generator) >> UInt64.random(in: 0..<64, using: &generator)
            })
        {
            #expect(written { $0.write(number: number) } == String(number))
        }
    }

    @Test func `a string is quoted if it can be`() {
        let rows: [(String, Bool, String)] = [
            ("", false, "\"\""), ("a\"b\\", false, "\"a\\\"b\\\\\""), ("a\r\nb", false, "{4}\r\na\r\nb"),
            ("\0", true, "{1}\r\n\0"), ("é", false, "{2}\r\né"), ("é", true, "\"é\""), ("a\tb", false, "\"a\tb\""),
        ]
        for (text, usesUTF8, expected) in rows {
            #expect(written(usesUTF8: usesUTF8) { $0.write(string: text) } == expected)
        }
    }

    @Test func `after UTF-8 is enabled names go out as they are`() {
        #expect(
            written(usesUTF8: true) { $0.list(.list, "Wysłane & more", []) } == "* LIST () \"/\" \"Wysłane & more\"\r\n"
        )
    }

    @Test func `what was written is handed over once`() {
        var writer = ResponseWriter()
        writer.exists(1)
        #expect(writer.count == 12 && !writer.isEmpty)
        #expect(String(buffer: writer.take()) == "* 1 EXISTS\r\n")
        #expect(writer.isEmpty)
        writer.recent(1)
        #expect(String(buffer: writer.buffer) == "* 1 RECENT\r\n")
    }
}
