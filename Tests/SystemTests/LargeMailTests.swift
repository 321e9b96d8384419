import Testing
import TestKit

/// Mails that never lie whole in memory.
@Suite struct LargeMailTests {
    /// Lines of pseudo-random letters.
    private func body(octets: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        var result: [UInt8] = []
        result.reserveCapacity(octets + 80)
        while result.count < octets {
            for _ in 0..<76 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                result.append(UInt8(0x41 + (state >> 33) % 26))
            }
            result += [0x0D, 0x0A]
        }
        return result
    }

    @Test(arguments: [60_000, 65_536, 70_000, 5_000_000])
    func `a mail of any size comes back as it went in, whole and in pieces, by DATA and by BDAT`(size: Int) throws {
        let appliance = try TestInstallation().start()
        let bodies = [body(octets: size, seed: 1), body(octets: size, seed: 2)]
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let first = CustomerMail(subject: "DATA", body: "").octets + bodies[0]
        #expect(try dialogue.mail(from: "jan@customer.example", to: ["help@acme.example"], first).hasPrefix("250"))

        let second = CustomerMail(subject: "BDAT", body: "").octets + bodies[1]
        _ = try dialogue.say("MAIL FROM:<jan@customer.example>")
        _ = try dialogue.say("RCPT TO:<help@acme.example>")
        var start = 0
        while start < second.count {
            let end = min(start + 1_000_003, second.count)
            try dialogue.wire.send(line: "BDAT \(end - start)\(end == second.count ? " LAST" : "")")
            try dialogue.wire.send(Array(second[start..<end]))
            #expect(try dialogue.reply().hasPrefix("250"))
            start = end
        }

        let agent = try appliance.imap(as: SampleDesk.agent1)
        let found = try agent.subjects(in: "New")
        #expect(found.map(\.subject) == ["[#1] DATA", "[#2] BDAT"])
        for (message, body) in zip(found, bodies) {
            let content = try agent.content(uid: message.uid)
            #expect(content.suffix(body.count) == body[...])
            let piece = try agent.run("UID FETCH \(message.uid) (BODY.PEEK[TEXT]<\(size / 2).1000>)")
            #expect(piece.lines.first?.literals.first.map { $0[...] } == body[(size / 2)..<(size / 2 + 1000)])
            let counted = try agent.run("UID FETCH \(message.uid) (RFC822.SIZE)")
            #expect(counted.description.contains("RFC822.SIZE \(content.count)"), "\(counted)")
        }
    }

    @Test func `what a sender gives up in the middle leaves nothing behind`() throws {
        let appliance = try TestInstallation().start()
        do {
            let dialogue = try SMTPDialogue(port: appliance.smtp)
            try dialogue.begin()
            _ = try dialogue.say("MAIL FROM:<jan@customer.example>")
            _ = try dialogue.say("RCPT TO:<help@acme.example>")
            _ = try dialogue.say("DATA")
            try dialogue.wire.send(CustomerMail(subject: "Half", body: "").octets + body(octets: 300_000, seed: 3))
            dialogue.wire.finishSending()
            while try !dialogue.wire.isAtEnd() { _ = try dialogue.wire.readLine() }
        }
        try SMTPDialogue.deliver(CustomerMail(subject: "Whole"), at: appliance)
        #expect(try appliance.imap(as: SampleDesk.agent1).subjects(in: "New").map(\.subject) == ["[#1] Whole"])
    }
}
