import FuzzKit
import MilterProtocol

/// A filter that says what it likes, about a connection with three mails of which one breaks off.
func fuzzMilter(_ input: FuzzInput) {
    var (one, several) = (MilterDialogue(input, [input.octets]), MilterDialogue(input, input.pieces))
    let (whole, cut) = (one.run(), several.run())
    must(whole == cut, "pieces change what a filter says: \(whole) \(cut)")
}

/// Mail server and filter on paper.
private struct MilterDialogue {
    private let input: FuzzInput
    private var session = MilterSession()
    private var reader = MilterPacketReader()
    private var sent = MilterPacketReader()
    private var pieces: ArraySlice<[UInt8]>
    private var answers: [MilterVerdict] = []
    private var bodyPieces = 0

    init(_ input: FuzzInput, _ pieces: [[UInt8]]) { (self.input, self.pieces) = (input, pieces[...]) }

    private static let header = [
        (name: Array("Subject".utf8), value: Array(" a\r\n b".utf8)), (Array("X".utf8), Array("1".utf8)),
    ]

    /// What the filter said to all questions, until it has nothing to say any more or says what it may not.
    mutating func run() -> [MilterVerdict] {
        var questions: [MilterQuestion] = [
            .connection(hostname: "[192.0.2.1]", .ipv4("192.0.2.1", port: 2525)), .greeting("client.example"),
        ]
        for _ in 0..<3 {
            questions += [
                .sender("<jan@customer.example>", parameters: ["BODY=8BITMIME"]), .recipient("<help@acme.example>"),
                .recipient("<info@acme.example>"), .content, .mail(header: Self.header),
            ]
        }
        for (place, question) in questions.enumerated() {
            session.ask(question, macros: [("i", "q1")])
            do throws(MilterFault) {
                guard try answer(breaksOff: place == 6 && input.chooses(0)) else { return answers }
            } catch {
                return answers
            }
            if place == 8, input.chooses(1) { session.abort() }
        }
        session.quit()
        if case .send(let octets) = session.next() { check(octets) }
        return answers
    }

    /// `false`: there is nothing to read any more.
    private mutating func answer(breaksOff: Bool) throws(MilterFault) -> Bool {
        var left = 3
        // Of one question and one piece of input little can follow.
        for _ in 0..<20_000 {
            switch session.next() {
            case .send(let octets): check(octets)
            case .receive:
                guard let packet = try packet() else { return false }
                try session.take(packet)
            case .readBody where breaksOff:
                session.takeBack()
                must(session.next() != .readBody, "the body of a mail that broke off is asked for")
                return true
            case .readBody:
                bodyPieces += 1
                must(bodyPieces <= 12, "a body is read on behind its end")
                left -= 1
                session.supply(left > 0 ? Array("line\r\n".utf8) : nil)
            case .answer(let verdict):
                check(verdict)
                answers.append(verdict)
                return true
            case .nothing: return true
            }
        }
        must(false, "a question has no end")
        return false
    }

    private mutating func packet() throws(MilterFault) -> MilterPacket? {
        while true {
            if let packet = try reader.next() { return packet }
            guard let piece = pieces.popFirst() else { return nil }
            reader.append(piece)
        }
    }

    /// What is sent are whole packets.
    private mutating func check(_ octets: [UInt8]) {
        sent.append(octets)
        while let packet = try? sent.next() {
            must("OCHMRTLNBEADQ".utf8.contains(packet.command), "the command \(packet.command) was sent")
        }
        must(sent.waitingOctets == 0, "half a packet was sent")
    }

    /// A field that a filter adds is one field.
    private func check(_ verdict: MilterVerdict) {
        must(verdict.changes.count <= MilterSession.maximumChanges, "\(verdict.changes.count) changes")
        for change in verdict.changes {
            let (name, value): ([UInt8], [UInt8]) =
                switch change {
                case .add(let name, let value): (name, value)
                case .replace(let name, let occurrence, let value): (occurrence > 0 ? name : [], value ?? [])
                }
            must(!name.isEmpty && name.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }, "a name is \(name)")
            for (place, octet) in value.enumerated() where octet == 0x0D || octet == 0x0A {
                let next = place + 1 < value.count ? value[place + 1] : 0
                must(octet == 0x0D ? next == 0x0A : next == 0x20 || next == 0x09, "a value is \(value)")
            }
        }
    }
}
