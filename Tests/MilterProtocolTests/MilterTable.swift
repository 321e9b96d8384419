import MilterProtocol

/// Filter and mail server on paper: what the server sends, as `command data` a packet, NUL shown as `|`.
struct MilterTable {
    var session = MilterSession()
    var reader = MilterPacketReader()
    var sent: [String] = []
    var body: [[UInt8]]
    /// What the filter said to the question, if it did.
    var verdict: MilterVerdict?

    init(body: [String] = ["line\r\n"]) { self.body = body.map { Array($0.utf8) } }

    static let client = MilterQuestion.connection(hostname: "[192.0.2.1]", .ipv4("192.0.2.1", port: 0x4142))
    static let mail = MilterQuestion.mail(header: [
        (Array("Subject".utf8), Array(" a\r\n b".utf8)), (Array("X".utf8), Array("1".utf8)),
    ])

    /// A whole connection with one mail.
    static let questions: [MilterQuestion] = [
        client, .greeting("client.example"), .sender("<jan@customer.example>", parameters: ["BODY=8BITMIME"]),
        .recipient("<help@acme.example>"), .recipient("<info@acme.example>"), .content, mail,
    ]

    static func options(_ version: UInt8 = 6, actions: UInt8 = 0x31, _ options: [UInt8] = [0, 0, 0, 0]) -> MilterPacket {
        MilterPacket("O", [0, 0, 0, version, 0, 0, 0, actions] + options)
    }

    /// Asks, and goes on until the filter is to speak or has spoken.
    mutating func ask(_ question: MilterQuestion, macros: [MilterMacro] = []) throws {
        verdict = nil
        session.ask(question, macros: macros)
        try run()
    }

    mutating func run() throws {
        while true {
            switch session.next() {
            case .send(let octets):
                reader.append(octets)
                while let packet = try reader.next() {
                    let data = packet.data.map { $0 == 0 ? UInt8(ascii: "|") : $0 }
                    sent.append(String(decoding: [packet.command] + data, as: UTF8.self))
                }
            case .receive, .nothing: return
            case .readBody: session.supply(body.isEmpty ? nil : body.removeFirst())
            case .answer(let verdict): self.verdict = verdict
            }
        }
    }

    mutating func answer(_ packets: MilterPacket...) throws {
        for packet in packets { try session.take(packet) }
        try run()
    }

    /// Asks all, with a filter that goes on with everything; stops before the question of this number.
    mutating func proceed(through count: Int = questions.count, _ options: MilterPacket = options()) throws {
        for (index, question) in Self.questions.prefix(count).enumerated() {
            try ask(question)
            if index == 0 { try answer(options) }
            for _ in 0..<10 where verdict == nil { try answer(MilterPacket("c")) }
        }
    }
}
