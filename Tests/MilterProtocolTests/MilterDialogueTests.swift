import MilterProtocol
import Testing

struct MilterDialogueTests {
    /// Filter and mail server on paper: what the server sends, as `command data` a packet, NUL shown as `|`.
    private struct Table {
        var dialogue: MilterDialogue
        var reader = MilterPacketReader()
        var sent: [String] = []
        var body: [[UInt8]]
        var verdict: MilterVerdict?

        init(_ mail: MilterMail = Table.mail, body: [String] = ["line\r\n"]) {
            dialogue = MilterDialogue(about: mail)
            self.body = body.map { Array($0.utf8) }
        }

        static let mail = MilterMail(
            hostname: "[192.0.2.1]", client: .ipv4("192.0.2.1"), helo: "client.example",
            reversePath: "<jan@customer.example>", recipients: ["<help@acme.example>", "<info@acme.example>"],
            header: [(Array("Subject".utf8), Array(" a\r\n b".utf8)), (Array("X".utf8), Array("1".utf8))],
            macros: [.connect: [("j", "mx.acme.example")], .mail: [("i", "q1")]])

        /// Goes on until the filter is to speak or has spoken its last word.
        mutating func run() throws {
            while true {
                switch dialogue.next() {
                case .send(let octets):
                    reader.append(octets)
                    while let packet = try reader.next() {
                        let data = packet.data.map { $0 == 0 ? UInt8(ascii: "|") : $0 }
                        sent.append(
                            String(decoding: [packet.command], as: UTF8.self) + String(decoding: data, as: UTF8.self))
                    }
                case .receive: return
                case .readBody: dialogue.supply(body.isEmpty ? nil : body.removeFirst())
                case .end(let verdict):
                    self.verdict = verdict
                    return
                }
            }
        }

        mutating func answer(_ packets: MilterPacket...) throws {
            for packet in packets { try dialogue.take(packet) }
            try run()
        }
    }

    private static func options(_ version: UInt8 = 6, actions: UInt8 = 0x31, _ options: [UInt8] = [0, 0, 0, 0])
        -> MilterPacket
    {
        MilterPacket("O", [0, 0, 0, version, 0, 0, 0, actions] + options)
    }

    @Test func `a filter that wants everything is told everything, step by step`() throws {
        var table = Table()
        try table.run()
        #expect(table.sent.count == 1)
        table.sent = []
        try table.answer(Self.options())
        for _ in 0..<30 where table.verdict == nil { try table.answer(MilterPacket("c")) }
        #expect(
            table.sent == [
                "DCj|mx.acme.example|", "C[192.0.2.1]|4||192.0.2.1|", "Hclient.example|", "DMi|q1|",
                "M<jan@customer.example>|", "R<help@acme.example>|", "R<info@acme.example>|", "T", "LSubject|a\n b|",
                "LX|1|", "N", "Bline\r\n", "E",
            ])
        #expect(table.verdict == MilterVerdict(.accept))
    }

    @Test func `steps that a filter leaves out are not said, silent ones not waited for`() throws {
        var table = Table()
        try table.run()
        table.sent = []
        // No connect, helo, mail, rcpt, data, body; no answers to header fields and their end.
        try table.answer(Self.options(6, [0, 0x04, 0x02, 0x9F]))
        #expect(table.sent == ["LSubject|a\n b|", "LX|1|", "N", "E"])
        try table.answer(MilterPacket("a"))
        #expect(table.verdict == MilterVerdict(.accept))
    }

    @Test func `leading space stays for a filter that asks for it`() throws {
        var table = Table()
        try table.run()
        table.sent = []
        try table.answer(Self.options(6, [0, 0x14, 0x02, 0x9F]))
        #expect(table.sent.first == "LSubject| a\n b|")
    }

    static let endings: [(answer: MilterPacket, verdict: MilterVerdict)] = [
        (MilterPacket("a"), MilterVerdict(.accept)), (MilterPacket("d"), MilterVerdict(.discard)),
        (MilterPacket("r"), MilterVerdict(.reject(nil))), (MilterPacket("t"), MilterVerdict(.temporaryFailure(nil))),
        (MilterPacket("y", Array("550 5.7.1 Spam\0".utf8)), MilterVerdict(.reject("550 5.7.1 Spam"))),
        (MilterPacket("y", Array("451 4.7.1 Later\u{7}\0".utf8)), MilterVerdict(.temporaryFailure("451 4.7.1 Later "))),
    ]

    @Test(arguments: endings) func `a filter can end the dialogue at any step`(
        answer: MilterPacket, verdict: MilterVerdict
    ) throws {
        for steps in 0..<11 {
            var table = Table()
            try table.run()
            try table.answer(Self.options())
            for _ in 0..<steps { try table.answer(MilterPacket("c")) }
            try table.answer(answer)
            #expect(table.verdict == verdict)
        }
    }

    @Test func `changes come before the last word`() throws {
        var table = Table()
        try table.run()
        try table.answer(Self.options(6, [0, 0x04, 0x02, 0x9F]))
        try table.answer(
            MilterPacket("p"), MilterPacket("h", Array("X-Spam\0Yes\n more\0".utf8)),
            MilterPacket("i", [0, 0, 0, 1] + Array("X-A\0b\r\nX-Evil: 1\0".utf8)),
            MilterPacket("m", [0, 0, 0, 2] + Array("X-C\0\0".utf8)),
            MilterPacket("m", [0, 0, 0, 0] + Array("X-D\0e\0".utf8)), MilterPacket("q", Array("spam\0".utf8)),
            MilterPacket("c"))
        func octets(_ text: String) -> [UInt8] { Array(text.utf8) }
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
    }

    @Test func `a filter that has seen enough of the body gets no more of it`() throws {
        var table = Table(body: ["a", "b", "c"])
        try table.run()
        try table.answer(Self.options(6, [0, 0x04, 0x02, 0x8F]))
        try table.answer(MilterPacket("s"))
        #expect(table.sent.suffix(2) == ["Ba", "E"])
    }

    static let faults: [(packet: MilterPacket, fault: MilterFault)] = [
        (MilterPacket("h", Array("X\0y\0".utf8)), .unexpected(UInt8(ascii: "h"))),
        (MilterPacket("s"), .unexpected(UInt8(ascii: "s"))), (MilterPacket("4"), .closed),
        (MilterPacket("+", Array("<a@b.example>\0".utf8)), .unexpected(UInt8(ascii: "+"))),
        (MilterPacket("y", Array("\0".utf8)), .malformed(UInt8(ascii: "y"))),
        (MilterPacket("y", Array("250 fine\0".utf8)), .malformed(UInt8(ascii: "y"))),
    ]

    @Test(arguments: faults) func `what has no meaning ends the dialogue`(packet: MilterPacket, fault: MilterFault) throws {
        var table = Table()
        try table.run()
        try table.answer(Self.options())
        #expect(throws: fault) { try table.dialogue.take(packet) }
    }

    @Test func `a filter of a version that is too old is refused`() throws {
        var table = Table()
        try table.run()
        #expect(throws: MilterFault.badNegotiation) { try table.dialogue.take(Self.options(1)) }
    }

    @Test func `a filter that asks for more than was offered gets what was`() throws {
        var table = Table()
        try table.run()
        table.sent = []
        // A later version, every action, and recipients that are refused shown too.
        try table.answer(Self.options(7, actions: 0xFF, [0xFF, 0x04, 0x0A, 0x9F]))
        try table.answer(
            MilterPacket("+", Array("<a@b.example>\0".utf8)), MilterPacket("b", Array("x".utf8)),
            MilterPacket("h", Array("X\0y\0".utf8)), MilterPacket("a"))
        #expect(table.verdict?.changes == [.add(name: Array("X".utf8), value: Array("y".utf8))])
    }

    static let lengths: [(octets: [UInt8], length: Int)] = [
        ([0, 0, 0, 0, 0], 0), ([0xFF, 0xFF, 0xFF, 0xFF], 0xFFFF_FFFF), ([0, 0x10, 0, 1], 0x10_0001),
    ]

    @Test(arguments: lengths) func `a packet of no length or too much is none`(octets: [UInt8], length: Int) {
        var reader = MilterPacketReader()
        reader.append(octets)
        #expect(throws: MilterFault.badPacketLength(length)) { try reader.next() }
    }

    @Test func `packets come out whole however their octets arrive`() throws {
        let octets = MilterPacket("c").encoded + MilterPacket("h", Array("X\0y\0".utf8)).encoded
        var reader = MilterPacketReader()
        var found: [MilterPacket] = []
        for octet in octets {
            reader.append([octet])
            while let packet = try reader.next() { found.append(packet) }
        }
        #expect(found == [MilterPacket("c"), MilterPacket("h", Array("X\0y\0".utf8))])
    }
}
