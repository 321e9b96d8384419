import MailTypes
import Testing

@testable import IMAPProtocol

@Suite struct FetchTests {
    static let rows: [(items: String, expected: [FetchItem])] = [
        ("ALL", [.flags, .internalDate, .rfc822Size, .envelope]), ("FAST", [.flags, .internalDate, .rfc822Size]),
        ("full", [.flags, .internalDate, .rfc822Size, .envelope, .body]), ("FLAGS", [.flags]), ("(UID)", [.uid]),
        ("(UID FLAGS RFC822.SIZE INTERNALDATE ENVELOPE)", [.uid, .flags, .rfc822Size, .internalDate, .envelope]),
        ("BODY", [.body]), ("BODYSTRUCTURE", [.bodyStructure]), ("(FLAGS flags UID)", [.flags, .uid]),
        ("( FLAGS )", [.flags]),
        ("RFC822", [.rfc822(.whole, isPeek: false)]), ("RFC822.PEEK", [.rfc822(.whole, isPeek: true)]),
        ("RFC822.HEADER", [.rfc822(.header, isPeek: true)]), ("RFC822.TEXT", [.rfc822(.text, isPeek: false)]),
        ("RFC822.TEXT.PEEK", [.rfc822(.text, isPeek: true)]),
        ("BODY[]", [section()]), ("BODY.PEEK[]", [section(isPeek: true)]),
        ("body.peek[]<0.2048>", [section(partial: FetchPartial(offset: 0, count: 2048), isPeek: true)]),
        ("BODY[HEADER]", [section(.header)]),
        ("BODY[TEXT]<7.1>", [section(.text, partial: FetchPartial(offset: 7, count: 1))]),
        ("BODY[1]", [section(part: [1])]), ("BODY[1.2.3]", [section(part: [1, 2, 3])]),
        ("BODY[1.MIME]", [section(.mime, part: [1])]), ("BODY[2.1.HEADER]", [section(.header, part: [2, 1])]),
        ("BODY[3.TEXT]", [section(.text, part: [3])]),
        ("BODY[HEADER.FIELDS (Subject \"From\" {2+}\r\nTo)]", [section(.headerFields(["Subject", "From", "To"]))]),
        ("BODY.PEEK[4.HEADER.FIELDS.NOT (X)]", [section(.headerFieldsNot(["X"]), part: [4], isPeek: true)]),
        ("BINARY[1]", [.binary(part: [1], partial: nil, isPeek: false)]),
        ("BINARY.PEEK[]<1.2>", [.binary(part: [], partial: FetchPartial(offset: 1, count: 2), isPeek: true)]),
        ("BINARY.SIZE[1.2]", [.binarySize(part: [1, 2])]),
        ("(MODSEQ EMAILID THREADID SAVEDATE)", [.modSequence, .emailID, .threadID, .saveDate]),
        ("PREVIEW", [.preview(isLazy: false)]), ("(UID PREVIEW (LAZY) FLAGS)", [.uid, .preview(isLazy: true), .flags]),
        ("PREVIEW (LAZY)", [.preview(isLazy: true)]),
    ]

    static func section(
        _ specifier: BodySection.Specifier = .whole, part: [Int] = [], partial: FetchPartial? = nil,
        isPeek: Bool = false
    ) -> FetchItem {
        .section(BodySection(specifier, part: part), partial: partial, isPeek: isPeek)
    }

    @Test(arguments: rows.indices) func `items are read in one piece and in any`(index: Int) {
        let (items, expected) = Self.rows[index]
        let command = Command.fetch(FetchCommand(MessageSet(.uids, .of((1, 0))), expected))
        for pieces in everySplit(of: "a UID FETCH 1:* \(items)\r\n") {
            #expect(decode(pieces) == [.command(tag: "a", command)], "\(items)")
        }
    }

    @Test func `modifiers stand behind the items`() {
        let messages = MessageSet(.uids, .of((1, 0)))
        #expect(
            command("UID FETCH 1:* FLAGS (CHANGEDSINCE 0)")
                == .fetch(FetchCommand(messages, [.flags], changedSince: ModSequence(0))))
        #expect(
            command("UID FETCH 1:* PREVIEW (CHANGEDSINCE 5)")
                == .fetch(FetchCommand(messages, [.preview(isLazy: false)], changedSince: ModSequence(5))))
        #expect(
            command("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345 VANISHED)")
                == .fetch(
                    FetchCommand(messages, [.flags], changedSince: ModSequence(12345), includesVanished: true)))
    }

    @Test(arguments: [
        "FETCH 1", "FETCH 1 ", "FETCH 1 ()", "FETCH 1 FOO", "FETCH 1 (FLAGS", "FETCH 1 FLAGS UID", "FETCH 1 BODY[",
        "FETCH 1 BODY[FOO]", "FETCH 1 BODY[MIME]", "FETCH 1 BODY[0]", "FETCH 1 BODY[1.0]", "FETCH 1 BODY[1.]",
        "FETCH 1 BODY[.1]", "FETCH 1 BODY[1..2]", "FETCH 1 BODY[HEADER.FIELDS]", "FETCH 1 BODY[HEADER.FIELDS ()]",
        "FETCH 1 BODY[HEADER.FIELDS (a:b)]", "FETCH 1 BODY[HEADER.FIELDS (\"\")]", "FETCH 1 BODY[]<0.0>",
        "FETCH 1 BODY[]<0>", "FETCH 1 BODY[]<.1>", "FETCH 1 BODY[]<99999999999999999999.1>", "FETCH 1 BODY.PEEK",
        "FETCH 1 BINARY[TEXT]", "FETCH 1 FLAGS (FOO)", "FETCH 1 FLAGS (CHANGEDSINCE x)", "FETCH 1 FLAGS (VANISHED)",
        "FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)", "UID FETCH 1 FLAGS (VANISHED)", "FETCH 1 BODY[4294967296]",
        "FETCH 1 BODY[HEADER.FIELDS ({3+}\r\na\r\n)]",
    ]) func `what is no item is refused`(line: String) {
        #expect(refusal(line)?.kind == .bad)
    }

    @Test func `an item named many times is fetched once`() {
        let names = (1...40).map { "BODY[\($0)]" }
        guard case .fetch(let fetch)? = command("FETCH 1 (\((names + names).joined(separator: " ")))") else {
            Issue.record("refused")
            return
        }
        #expect(fetch.items == (1...40).map { Self.section(part: [$0]) })
    }

    @Test func `only reading sets the seen flag`() {
        #expect(Self.section().setsSeen)
        #expect(!Self.section(isPeek: true).setsSeen)
        #expect(FetchItem.rfc822(.whole, isPeek: false).setsSeen)
        #expect(!FetchItem.rfc822(.whole, isPeek: true).setsSeen)
        #expect(!FetchItem.rfc822(.header, isPeek: false).setsSeen)
        #expect(!FetchItem.envelope.setsSeen)
    }

    @Test func `a partial ends where the octets end`() {
        #expect(FetchPartial(offset: 2, count: 3).range(in: 10) == 2..<5)
        #expect(FetchPartial(offset: 8, count: 5).range(in: 10) == 8..<10)
        #expect(FetchPartial(offset: 10, count: 5).range(in: 10) == 10..<10)
        #expect(FetchPartial(offset: .max, count: .max).range(in: 10) == 10..<10)
        #expect(FetchPartial(offset: 1, count: .max).range(in: 10) == 1..<10)
    }
}
