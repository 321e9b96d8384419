import TestKit
import Testing

/// Damaged dialogues thrown at the running server: it answers or hangs up, and goes on serving everybody else.
@Suite struct HostilityTests {
    /// A way in, and what a client that means well would say there.
    struct Door: Sendable, CustomTestStringConvertible {
        var name: String
        var port: @Sendable (RunningAppliance) -> Int
        /// Said as it stands.
        var opening: [String]
        /// Said damaged.
        var lines: [String]
        var testDescription: String { name }
    }

    private static let mail = [
        "MAIL FROM:<jan@customer.example> SIZE=300", "RCPT TO:<help@acme.example>", "DATA", "Subject: damage",
        "From: jan@x",
        "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "text", "--b--", ".", "RSET",
        "MAIL FROM:<>", "RCPT TO:<help@acme.example>", "BDAT 4", "x", "BDAT 2 LAST", "", "NOOP", "QUIT",
    ]
    private static let commands = [
        "a1 CAPABILITY", "a2 LIST (SUBSCRIBED) \"\" (% *) RETURN (CHILDREN STATUS (MESSAGES))",
        "a3 SELECT New (CONDSTORE)",
        "a4 UID FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (Subject)]<0.20>)",
        "a5 SEARCH RETURN (ALL COUNT) OR (NOT SEEN) (SUBJECT \"x\" SINCE 1-Feb-2026)",
        "a6 STORE 1:* +FLAGS (\\Flagged $x)",
        "a7 COPY 1 Drafts", "a8 IDLE", "DONE", "a9 APPEND Drafts (\\Draft) {12+}", "Subject: x", "",
        "a10 CREATE \"Żółw/&ARk-\"", "a11 STATUS INBOX (MESSAGES UIDNEXT UNSEEN)", "a12 FETCH 1 BODY[1.MIME]",
        "a13 LOGOUT",
    ]
    private static let agent = SampleDesk.agent1
    private static let login = "AUTH PLAIN \(base64("\0\(agent.login)\0\(agent.password)"))"

    static let doors = [
        Door(name: "smtp", port: \.smtp, opening: ["EHLO x.example"], lines: mail),
        Door(name: "submission", port: \.submission, opening: ["EHLO x.example"], lines: [login] + mail),
        Door(name: "submission, logged in", port: \.submission, opening: ["EHLO x.example", login], lines: mail),
        Door(name: "imap", port: \.imap, opening: [], lines: ["l LOGIN \(agent.login) {3+}", "abc"] + commands),
        Door(
            name: "imap, logged in", port: \.imap, opening: ["l LOGIN \(agent.login) \"\(agent.password)\""],
            lines: commands),
    ]

    @Test func `damaged dialogues end with their connections, and clean ones are held beside them`() throws {
        var damage = Damage()
        let seed = "seed \(damage.seed)"
        print("HostilityTests", seed)
        let appliance = try TestInstallation().start()
        for round in 0..<12 {
            for door in Self.doors { try throwAt(appliance, door, &damage, seed) }
            let dialogue = try SMTPDialogue(port: appliance.smtp)
            try dialogue.begin()
            let customer = "jan\(round)@customer.example"
            let reply = try dialogue.mail(
                from: customer, to: ["help@acme.example"], CustomerMail(subject: "Whole \(round)").octets)
            #expect(reply.hasPrefix("250"), "\(seed): \(reply)")
            let subjects = try appliance.imap(as: SampleDesk.agent2).subjects(in: "New").map(\.subject)
            #expect(subjects.contains { $0.hasSuffix("Whole \(round)") }, "\(seed): \(subjects)")
        }
        #expect(try appliance.terminate() == .exited(0), "\(seed)")
    }

    /// Says it all, then nothing more, and reads until the server hangs up.
    private func throwAt(_ appliance: RunningAppliance, _ door: Door, _ damage: inout Damage, _ seed: String) throws {
        let wire = try WireClient(port: door.port(appliance))
        #expect(try wire.readLine() != nil, "no greeting: \(door.name), \(seed)")
        for line in door.opening {
            try wire.send(line: line)
            #expect(try wire.readLine() != nil, "no answer to \(line): \(door.name), \(seed)")
        }
        for piece in damage.pieces(of: damage.damaged(door.lines)) {
            // It may have hung up on us already.
            do { try wire.send(piece) } catch is WaitedInVain { break }
        }
        wire.finishSending()
        while try wire.readLine() != nil {}
    }
}

/// Makes damaged octets of lines; the same ones for the same seed.
private struct Damage {
    let seed = UInt64.random(in: 0..<1_000_000)
    private lazy var state = seed

    private static let nasty =
        Array("\"\\(){}[]<>*%+-:,.$& \r\n\0\u{7F}0199{5}{9+}{99999999999999999999}".utf8) + [0x80, 0xC3, 0xFF]

    /// SplitMix64.
    private mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, bound)))
    }

    mutating func damaged(_ lines: [String]) -> [UInt8] {
        var lines = lines
        for _ in 0..<next(4) {
            switch next(3) {
            case 0: lines.remove(at: next(lines.count))
            case 1: lines.insert(lines[next(lines.count)], at: next(lines.count))
            default: lines.swapAt(next(lines.count), next(lines.count))
            }
        }
        var octets = Array(lines.joined(separator: "\r\n").utf8) + [0x0D, 0x0A]
        for _ in 0..<next(12) {
            let place = next(octets.count)
            switch next(4) {
            case 0: octets[place] = Self.nasty[next(Self.nasty.count)]
            case 1: octets.remove(at: place)
            case 2: octets.insert(contentsOf: Self.nasty[next(Self.nasty.count)...].prefix(1 + next(30)), at: place)
            default: octets.insert(contentsOf: octets[place...].prefix(next(200)), at: place)
            }
        }
        return octets
    }

    mutating func pieces(of octets: [UInt8]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var rest = octets[...]
        while !rest.isEmpty {
            result.append(Array(rest.prefix(1 + next(next(4) == 0 ? 8 : 600))))
            rest = rest.dropFirst(result[result.count - 1].count)
        }
        return result
    }
}
