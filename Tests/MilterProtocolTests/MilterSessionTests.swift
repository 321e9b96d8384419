import MilterProtocol
import Testing

@Suite struct MilterSessionTests {
    private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `a filter that wants everything is told everything, step by step`() throws {
        var table = MilterTable()
        try table.ask(MilterTable.client, macros: [("j", "mx.acme.example")])
        #expect(table.sent.count == 1 && table.sent[0].hasPrefix("O"))
        try table.answer(MilterTable.options())
        #expect(table.verdict == nil)
        try table.answer(MilterPacket("c"))
        #expect(table.verdict == MilterVerdict(.accept))
        table.sent.removeFirst()
        for question in MilterTable.questions.dropFirst() {
            var macros: [MilterMacro] = []
            if case .sender = question { macros = [("i", "q1")] }
            try table.ask(question, macros: macros)
            for _ in 0..<10 where table.verdict == nil { try table.answer(MilterPacket("c")) }
            #expect(table.verdict == MilterVerdict(.accept))
        }
        #expect(
            table.sent == [
                "DCj|mx.acme.example|", "C[192.0.2.1]|4AB192.0.2.1|", "Hclient.example|", "DMi|q1|",
                "M<jan@customer.example>|BODY=8BITMIME|", "R<help@acme.example>|", "R<info@acme.example>|", "T",
                "LSubject|a\n b|", "LX|1|", "N", "Bline\r\n", "E",
            ])
    }

    @Test func `steps that a filter leaves out are not said, silent ones not waited for`() throws {
        var table = MilterTable()
        // No connect, helo, mail, rcpt, data, body; no answers to header fields and their end.
        try table.proceed(through: 6, MilterTable.options(6, [0, 0x04, 0x02, 0x9F]))
        #expect(table.sent.count == 1)
        try table.ask(MilterTable.mail)
        #expect(table.sent.dropFirst() == ["LSubject|a\n b|", "LX|1|", "N", "E"])
        try table.answer(MilterPacket("a"))
        #expect(table.verdict == MilterVerdict(.accept))
        // Nothing to answer before the end of the mail.
        table = MilterTable()
        try table.ask(MilterTable.client)
        try table.answer(MilterTable.options(6, [0, 0x0F, 0xF0, 0x80]))
        for question in MilterTable.questions.dropFirst() {
            #expect(table.verdict == MilterVerdict(.accept))
            try table.ask(question)
        }
        #expect(table.verdict == nil && table.sent.last == "E" && table.sent.count == 12)
    }

    @Test func `a filter of an old version is not told of DATA`() throws {
        var table = MilterTable()
        try table.proceed(through: 5, MilterTable.options(2))
        try table.ask(.content)
        #expect(table.verdict == MilterVerdict(.accept) && table.sent.last == "R<info@acme.example>|")
    }

    @Test func `leading space stays for a filter that asks for it`() throws {
        var table = MilterTable()
        try table.proceed(through: 6, MilterTable.options(6, [0, 0x14, 0x02, 0x9F]))
        try table.ask(MilterTable.mail)
        #expect(table.sent[1] == "LSubject| a\n b|")
    }

    /// What an answer means where, and what it means for the questions that follow: `nil`, they are asked.
    struct Row: Sendable, CustomStringConvertible {
        var answer: MilterPacket
        var step: Int
        var decision: MilterVerdict.Decision
        var next: MilterVerdict.Decision?
        var description: String { "\(Character(UnicodeScalar(answer.command))) at \(step)" }
    }

    static let rows: [Row] = [(0, "a"), (1, "a"), (2, "a"), (3, "a"), (5, "a")].map {
        Row(answer: MilterPacket($0.1), step: $0.0, decision: .accept, next: .accept)
    } + [2, 3, 5].map { Row(answer: MilterPacket("d"), step: $0, decision: .discard, next: .discard) }
        + [0, 1, 2, 5].map { Row(answer: MilterPacket("r"), step: $0, decision: .reject(nil), next: .reject(nil)) }
        + [
            Row(answer: MilterPacket("r"), step: 3, decision: .reject(nil), next: nil),
            Row(answer: MilterPacket("t"), step: 3, decision: .temporaryFailure(nil), next: nil),
            Row(
                answer: MilterPacket("y", Array("450 4.7.1 Not to her\0".utf8)), step: 3,
                decision: .temporaryFailure("450 4.7.1 Not to her"), next: nil),
            Row(
                answer: MilterPacket("y", Array("550 5.7.1 Spam\u{7}\0".utf8)), step: 1,
                decision: .reject("550 5.7.1 Spam "), next: .reject("550 5.7.1 Spam ")),
        ]

    @Test(arguments: rows) func `an answer settles its step, its mail or its connection`(row: Row) throws {
        var table = MilterTable()
        try table.proceed(through: row.step)
        try table.ask(MilterTable.questions[row.step])
        if row.step == 0 { try table.answer(MilterTable.options()) }
        try table.answer(row.answer)
        #expect(table.verdict == MilterVerdict(row.decision))
        let before = table.sent.count
        try table.ask(MilterTable.questions[row.step + 1])
        #expect(table.verdict == row.next.map { MilterVerdict($0) })
        #expect((table.sent.count > before) == (row.next == nil))
        if row.next == nil { try table.answer(MilterPacket("c")) }
        // Another mail is asked about again, unless it is the connection that was settled.
        table.sent = []
        try table.ask(MilterTable.questions[2])
        #expect(table.sent.contains { $0.hasPrefix("M") } == (row.step > 1))
    }

    static let endings: [(answer: MilterPacket, verdict: MilterVerdict)] = [
        (MilterPacket("a"), MilterVerdict(.accept)), (MilterPacket("d"), MilterVerdict(.discard)),
        (MilterPacket("r"), MilterVerdict(.reject(nil))), (MilterPacket("t"), MilterVerdict(.temporaryFailure(nil))),
        (MilterPacket("y", Array("550 5.7.1 Spam\0".utf8)), MilterVerdict(.reject("550 5.7.1 Spam"))),
        (MilterPacket("y", Array("451 4.7.1 Later\u{7}\0".utf8)), MilterVerdict(.temporaryFailure("451 4.7.1 Later "))),
    ]

    @Test(arguments: endings) func `a filter can end a mail at any point of its content`(
        answer: MilterPacket, verdict: MilterVerdict
    ) throws {
        for steps in 0..<5 {
            var table = MilterTable()
            try table.proceed(through: 6)
            try table.ask(MilterTable.mail)
            for _ in 0..<steps { try table.answer(MilterPacket("c")) }
            try table.answer(answer)
            #expect(table.verdict == verdict)
            // The next mail over the same connection begins without ABORT: this one has ended.
            table.sent = []
            try table.ask(.sender("<>", parameters: []))
            #expect(table.sent == ["M<>|"])
        }
    }

    @Test func `a mail that comes to nothing is told of, a whole one and one that was let go are not`() throws {
        var table = MilterTable()
        try table.proceed(through: 4)
        table.sent = []
        table.session.abort()
        table.session.abort()
        try table.run()
        #expect(table.sent == ["A"])
        try table.ask(.sender("<a@b.example>", parameters: []))
        try table.answer(MilterPacket("c"))
        try table.ask(.greeting("other.example"))
        #expect(table.sent == ["A", "M<a@b.example>|", "A", "Hother.example|"])
        try table.answer(MilterPacket("c"))
        try table.ask(.sender("<a@b.example>", parameters: []))
        try table.answer(MilterPacket("a"))
        table.sent = []
        table.session.abort()
        table.session.quit()
        try table.run()
        #expect(table.sent == ["Q"])
    }

    @Test func `changes come before the last word`() throws {
        var table = MilterTable()
        try table.proceed(through: 6, MilterTable.options(6, [0, 0x04, 0x02, 0x9F]))
        try table.ask(MilterTable.mail)
        try table.answer(
            MilterPacket("p"), MilterPacket("h", octets("X-Spam\0Yes\n more\0")),
            MilterPacket("i", [0, 0, 0, 1] + octets("X-A\0b\r\nX-Evil: 1\0")),
            MilterPacket("m", [0, 0, 0, 2] + octets("X-C\0\0")), MilterPacket("m", [0, 0, 0, 0] + octets("X-D\0e\0")),
            MilterPacket("q", octets("spam\0")), MilterPacket("c"))
        #expect(
            table.verdict
                == MilterVerdict(
                    .accept,
                    changes: [
                        .add(name: octets("X-Spam"), value: octets("Yes\r\n more")),
                        .add(name: octets("X-A"), value: octets("b\r\n\tX-Evil: 1")),
                        .replace(name: octets("X-C"), occurrence: 2, value: nil),
                        .replace(name: octets("X-D"), occurrence: 1, value: octets("e")),
                    ], quarantine: "spam"))
        // They are of that mail only.
        try table.ask(.sender("<>", parameters: []))
        try table.ask(MilterTable.mail)
        try table.answer(MilterPacket("a"))
        #expect(table.verdict == MilterVerdict(.accept))
    }

    @Test func `a filter that has seen enough of the body gets no more of it`() throws {
        var table = MilterTable(body: ["a", "b", "c"])
        try table.proceed(through: 6, MilterTable.options(6, [0, 0x04, 0x02, 0x8F]))
        try table.ask(MilterTable.mail)
        try table.answer(MilterPacket("s"))
        #expect(table.sent.suffix(2) == ["Ba", "E"])
    }

    static let faults: [(step: Int, packet: MilterPacket, fault: MilterFault)] = [
        (1, MilterPacket("h", Array("X\0y\0".utf8)), .unexpected(UInt8(ascii: "h"))),
        (1, MilterPacket("d"), .unexpected(UInt8(ascii: "d"))),
        (2, MilterPacket("s"), .unexpected(UInt8(ascii: "s"))), (3, MilterPacket("4"), .closed),
        (6, MilterPacket("+", Array("<a@b.example>\0".utf8)), .unexpected(UInt8(ascii: "+"))),
        (3, MilterPacket("y", Array("\0".utf8)), .malformed(UInt8(ascii: "y"))),
        (6, MilterPacket("y", Array("250 fine\0".utf8)), .malformed(UInt8(ascii: "y"))),
    ]

    @Test(arguments: faults) func `what has no meaning ends the dialogue`(
        step: Int, packet: MilterPacket, fault: MilterFault
    ) throws {
        var table = MilterTable()
        try table.proceed(through: step)
        try table.ask(MilterTable.questions[step])
        #expect(throws: fault) { try table.session.take(packet) }
    }

    @Test func `a filter of a version that is too old is refused`() throws {
        var table = MilterTable()
        try table.ask(MilterTable.client)
        #expect(throws: MilterFault.badNegotiation) { try table.session.take(MilterTable.options(1)) }
    }

    @Test func `a filter that asks for more than was offered gets what was`() throws {
        var table = MilterTable()
        // A later version, every action, and recipients that are refused shown too.
        try table.proceed(through: 6, MilterTable.options(7, actions: 0xFF, [0xFF, 0x04, 0x0A, 0x9F]))
        try table.ask(MilterTable.mail)
        try table.answer(
            MilterPacket("+", octets("<a@b.example>\0")), MilterPacket("b", octets("x")),
            MilterPacket("h", octets("X\0y\0")), MilterPacket("a"))
        #expect(table.verdict?.changes == [.add(name: octets("X"), value: octets("y"))])
    }
}
