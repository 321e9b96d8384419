import Foundation
import Testing

/// Mails made to exhaust a reader: each is delivered and served whole, and the server stays small (CVE-2020-12100,
/// CVE-2020-25275, CVE-2026-26312, CVE-2026-27859, CVE-2024-23185).
@Suite(.timeLimit(.minutes(5))) struct BombTests {
    private static func mail(_ fields: [String], body: String) -> [UInt8] {
        let head = [
            "From: Jan <jan@customer.example>", "To: help@acme.example", "Message-ID: <\(UUID().uuidString)@customer.example>",
            "Date: Tue, 3 Mar 2026 12:00:00 +0100", "MIME-Version: 1.0",
        ]
        return Array(((head + fields).joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    /// Kilobytes of resident memory of a process.
    private static func resident(_ pid: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    static let bombs: [(name: String, octets: @Sendable () -> [UInt8])] = [
        ("20,000 parts", {
            mail(["Content-Type: multipart/mixed; boundary=b"],
                body: String(repeating: "--b\r\n\r\nx\r\n", count: 20_000) + "--b--\r\n")
        }),
        ("multiparts in each other, 2,000 deep", {
            let inner = (0..<2000).map { "--b\($0)\r\nContent-Type: multipart/mixed; boundary=b\($0 + 1)\r\n\r\n" }
            return mail(["Content-Type: multipart/mixed; boundary=b0"], body: inner.joined() + "--b2000\r\n\r\nx\r\n")
        }),
        ("messages in each other, 2,000 deep", {
            mail(["Content-Type: message/rfc822"],
                body: String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: 2000) + "Subject: x\r\n\r\nx\r\n")
        }),
        ("a header section of 2 MB", {
            mail((0..<25_000).map { "X-Field-\($0): " + String(repeating: "y", count: 60) }, body: "x\r\n")
        }),
        ("a field of 2 MB", {
            mail(["X-Long: " + String(repeating: "z\r\n ", count: 500_000) + "z"], body: "x\r\n")
        }),
        ("100,000 addresses", {
            mail(["Cc: " + (0..<100_000).map { "a\($0)@b.example" }.joined(separator: ",\r\n ")], body: "x\r\n")
        }),
        ("comments in each other, 100,000 deep", {
            mail(["Sender: " + String(repeating: "(\r\n ", count: 100_000)], body: "x\r\n")
        }),
        ("100,000 parameters", {
            mail(["Content-Type: text/plain" + (0..<100_000).map { ";\r\n p*\($0)*=x" }.joined()], body: "x\r\n")
        }),
        ("a boundary of 100,000 octets", {
            let boundary = String(repeating: "b", count: 100_000)
            return mail(["Content-Type: multipart/mixed; boundary=\"\(boundary)\""], body: "--\(boundary)\r\n\r\nx\r\n")
        }),
        ("100,000 encoded-words", {
            mail(["Comments: " + String(repeating: "=?utf-8?B?xbw=?=\r\n ", count: 100_000) + "x"], body: "x\r\n")
        }),
        ("a line of 5 MB", { mail([], body: String(repeating: "l", count: 5_000_000) + "\r\n") }),
        ("lines that almost are boundaries", {
            mail(["Content-Type: multipart/mixed; boundary=" + String(repeating: "b", count: 60)],
                body: String(repeating: "--" + String(repeating: "b", count: 59) + "\r\n", count: 50_000))
        }),
    ]

    @Test func `every bomb is delivered and served whole, and memory stays bounded`() throws {
        let appliance = try TestInstallation().start()
        let customer = try SMTPDialogue(port: appliance.smtp)
        try customer.begin()
        let agent = try appliance.imap(as: SampleDesk.supervisor1)
        try SMTPDialogue.deliver(CustomerMail(subject: "Harmless"), at: appliance)
        _ = try agent.run("SELECT Pools/Help")
        _ = try agent.run("FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[])")
        let before = try Self.resident(appliance.process.identifier)
        for (index, bomb) in Self.bombs.enumerated() {
            let octets = bomb.octets()
            let reply = try customer.mail(from: "jan@customer.example", to: ["help@acme.example"], octets)
            #expect(reply.hasPrefix("250"), "\(bomb.name): \(reply)")
            _ = try agent.run("NOOP")
            let uid = index + 2
            let content = try agent.content(uid: uid)
            let body = CorpusTests.split(octets).body
            #expect(content.count >= octets.count && content.suffix(body.count) == body[...], "\(bomb.name)")
            let told = try agent.run("UID FETCH \(uid) (ENVELOPE BODYSTRUCTURE RFC822.SIZE PREVIEW)")
            #expect(told.isOK && told.description.contains("RFC822.SIZE \(content.count)"), "\(bomb.name)")
            #expect(try agent.run("UID SEARCH TEXT harmless").texts.first == "* SEARCH 1", "\(bomb.name)")
        }
        let grown = try Self.resident(appliance.process.identifier) - before
        #expect(grown < 96_000, "\(grown) KiB")
        #expect(try appliance.terminate() == .exited(0))
    }
}
