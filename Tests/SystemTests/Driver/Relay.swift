import Foundation
import TestKit

/// The other end of outgoing mail: a small SMTP server that takes, refuses or hangs up as it is told.
final class Relay: Sendable {
    /// A mail that it took.
    struct Mail: Sendable, Decodable {
        let sender: String
        let recipients: [String]
        let parameters: String
        /// What RCPT said beside the recipients.
        let wishes: [String]
        let tls: Bool
        /// Octets as Latin-1.
        let content: String

        var header: String { String(content.prefix(upTo: content.firstRange(of: "\r\n\r\n")?.lowerBound ?? content.endIndex)) }

        /// The body of the first field of a name, unfolded.
        func field(_ name: String) -> String? {
            let unfolded = header.replacing("\r\n ", with: " ").replacing("\r\n\t", with: " ")
            for line in unfolded.split(separator: "\r\n") where line.lowercased().hasPrefix(name.lowercased() + ":") {
                return line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
            }
            return nil
        }
    }

    private struct Event: Decodable { let event: String }

    let port: Int
    private let process: ChildProcess

    /// Starts one whose connections behave as `modes` say, one after the other, at an address of loopback,
    /// with TLS where there is a certificate.
    init(
        port: Int = 0, modes: String = "accept", address: String = "127.0.0.1", certificate: TestCertificate? = nil
    ) throws {
        let files = certificate.map { [$0.certificate, $0.key] } ?? []
        process = try ChildProcess(["python3", Fixtures.path("relay.py"), String(port), modes, address] + files)
        guard let line = process.output.wait(for: \.first), let port = Int(line) else {
            throw WaitedInVain("the relay does not start: \(process.errors.all)")
        }
        self.port = port
    }

    /// Waits until so many mails have come, and gives all of them.
    func mails(atLeast count: Int) throws -> [Mail] {
        let found = process.output.wait { lines -> [Mail]? in
            let mails = Self.mails(in: lines)
            return mails.count >= count ? mails : nil
        }
        guard let found else { throw WaitedInVain("\(count) mails did not come: \(process.output.all)") }
        return found
    }

    /// Waits until so many different mails have come, however often each, and gives all of them.
    func differentMails(atLeast count: Int) throws -> [Mail] {
        let found = process.output.wait { lines -> [Mail]? in
            let mails = Self.mails(in: lines)
            return Set(mails.map { $0.field("Message-ID") }).count >= count ? mails : nil
        }
        guard let found else { throw WaitedInVain("\(count) different mails did not come: \(process.output.all)") }
        return found
    }

    /// How often something was told of so far.
    func events(_ name: String) -> Int {
        process.output.all.filter { $0.contains("\"event\": \"\(name)\"") }.count
    }

    /// Waits until something was told of so many times.
    func waitForEvents(_ name: String, _ count: Int) throws {
        let found = process.output.wait { $0.filter { $0.contains("\"event\": \"\(name)\"") }.count >= count ? true : nil }
        guard found != nil else { throw WaitedInVain("\(count) times \(name) did not come: \(process.output.all)") }
    }

    /// What has come so far.
    var mails: [Mail] { Self.mails(in: process.output.all) }

    /// Waits until so many connections were made.
    func waitForConnections(_ count: Int) throws {
        guard process.output.wait(for: { $0.filter { $0.contains("\"connected\"") }.count >= count ? true : nil }) != nil else {
            throw WaitedInVain("\(count) connections did not come: \(process.output.all)")
        }
    }

    /// Ends it; its port is free again.
    func stop() throws {
        process.signal(SIGKILL)
        _ = try process.waitForEnding()
    }

    private static func mails(in lines: [String]) -> [Mail] {
        lines.compactMap { line in
            let data = Data(line.utf8)
            guard (try? JSONDecoder().decode(Event.self, from: data))?.event == "mail" else { return nil }
            return try? JSONDecoder().decode(Mail.self, from: data)
        }
    }
}
