import Foundation
import Glibc
import TestKit

/// A server of a test, with the ports that the kernel chose. Killed when the value is let go.
final class RunningAppliance: Sendable {
    /// The ports by listener: `smtp`, `submission`, `submissions`, `imap`, `imaps`.
    let ports: [String: Int]
    /// The process itself.
    let process: ChildProcess
    /// What it is started from; held, since its directory goes with it.
    let installation: TestInstallation

    /// Starts `stempel serve` and waits until it says that it is ready.
    init(_ installation: TestInstallation, environment: [String: String] = [:]) throws {
        self.installation = installation
        process = try ChildProcess(
            [TestInstallation.binary, "serve", installation.configuration], environment: environment)
        let isReady = process.errors.wait { lines in lines.contains(where: { $0.hasSuffix(" ready") }) ? true : nil }
        guard isReady != nil else {
            throw WaitedInVain("the appliance is not ready: \(process.errors.all.joined(separator: "\n"))")
        }
        ports = Self.ports(in: process.errors.all)
    }

    var smtp: Int { ports["smtp", default: 0] }
    var submission: Int { ports["submission", default: 0] }
    var submissions: Int { ports["submissions", default: 0] }
    var imap: Int { ports["imap", default: 0] }
    var imaps: Int { ports["imaps", default: 0] }

    /// An IMAP dialogue of an agent of the sample desk.
    func imap(as agent: SampleDesk.Agent) throws -> IMAPDialogue {
        try IMAPDialogue(port: imap, login: agent.login, password: agent.password)
    }

    /// SIGTERM, and how it ended.
    func terminate() throws -> ChildProcess.Ending {
        process.signal(SIGTERM)
        return try process.waitForEnding()
    }

    /// SIGKILL, waited for.
    func kill() throws {
        process.signal(SIGKILL)
        _ = try process.waitForEnding()
    }

    /// What it wrote to its log so far.
    var log: [String] { process.errors.all }

    /// The name and port of every line that tells of an opened listener.
    private static func ports(in log: [String]) -> [String: Int] {
        var result: [String: Int] = [:]
        for line in log where line.contains("listening") {
            guard let name = line.firstMatch(of: /\blistener\.name=(\w+)/)?.1,
                let port = line.firstMatch(of: /127\.0\.\d+\.\d+:(\d+)/).flatMap({ Int($0.1) })
            else { continue }
            result[String(name)] = port
        }
        return result
    }
}
