import Foundation
import Testing
import TestKit

/// A client that asks for much and does not read.
@Suite struct SlowReaderTests {
    private static let mailCount = 24
    private static let fetchCount = 4

    /// Octets of memory that a process has.
    private func residentOctets(of appliance: RunningAppliance) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(appliance.process.identifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 1024
    }

    @Test func `what nobody reads is not made, and others are served meanwhile`() throws {
        let appliance = try TestInstallation().start()
        let slow = try appliance.imap(as: SampleDesk.agent1)
        #expect(try slow.run("CREATE Private/Large").isOK)
        let line = [UInt8](repeating: 0x78, count: 998) + [0x0D, 0x0A]
        let mail = Array("Subject: large\r\n\r\n".utf8) + (0..<1000).flatMap { _ in line }
        for _ in 0..<Self.mailCount { #expect(try slow.append(to: "Private/Large", mail).isOK) }
        #expect(try slow.run("SELECT Private/Large").isOK)

        let before = try residentOctets(of: appliance)
        let tags = try (0..<Self.fetchCount).map { _ in try slow.start("FETCH 1:* BODY.PEEK[]") }
        let other = try appliance.imap(as: SampleDesk.agent2)
        var most = 0
        for _ in 0..<500 {
            #expect(try other.run("NOOP").isOK)
            most = max(most, try residentOctets(of: appliance))
        }
        #expect(most - before < 24_000_000, "\(before) octets became \(most)")

        for tag in tags {
            let fetched = try slow.finish(tag)
            #expect(fetched.isOK)
            #expect(fetched.lines.map { $0.literals.first?.count } == Array(repeating: mail.count, count: Self.mailCount))
        }
    }
}
