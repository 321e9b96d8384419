import Desk
import Foundation
import IMAPProtocol
import Settings

/// The commands that work on a desk: through the control socket where a server runs, else on the data themselves.
package struct CommandLineDesk: Sendable {
    let configuration: String

    package init(configuration: String) { self.configuration = configuration }

    /// `stempel check`.
    package func check() throws -> String {
        _ = try Installation.checked(configuration: configuration, isStarting: false)
        return "\(configuration): no problems\n"
    }

    /// `stempel desk apply`; `-` is standard input.
    package func apply(file: String) async throws -> String {
        let text: String
        if file == "-" {
            text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
        } else {
            switch TextFile.read(path: file) {
            case .success(let found): text = found
            case .failure(let problem): throw CommandFailure(.noInput, problem.description)
            }
        }
        let name = file == "-" ? "standard input" : file
        // Found here already, so that a wrong file troubles no server.
        let problems = DeskFile.parse(
            text, fileName: name, capabilities: Self.switchableCapabilities, patterns: DeskLibraries.system.patterns
        ).problems
        guard problems.isEmpty else { throw Installation.failure(problems) }
        return try await perform(.deskApply(fileName: name, text: text))
    }

    /// The names that `imapWithout` may say.
    static let switchableCapabilities = Capability.switchable.map(\.rawValue)

    /// `stempel desk export`.
    package func export() async throws -> String { try await perform(.deskExport) }

    /// `stempel agent password`: one line of standard input.
    package func setPassword(of login: String) async throws -> String {
        guard let password = readLine(strippingNewline: true) else {
            throw CommandFailure(.noInput, "no password on standard input")
        }
        return try await perform(.agentPassword(login: login, password: password))
    }

    func perform(_ request: ControlRequest) async throws -> String {
        let session = try await CommandSession(self)
        defer { session.close() }
        return try await session.perform(request)
    }
}

/// Requests of one command: to the server that runs, else to the data themselves, which are opened once.
final class CommandSession: Sendable {
    private let client: ControlClient
    private let path: String
    private let workplace: Workplace?

    init(_ desk: CommandLineDesk) async throws {
        let installation = try Installation(configuration: desk.configuration)
        (client, path) = (ControlClient(path: installation.data.controlSocket), installation.data.path)
        workplace = try await Workplace.openUnlessServed(installation)
    }

    func close() { workplace?.close() }

    func perform(_ request: ControlRequest) async throws -> String {
        let response: ControlResponse
        if let workplace {
            response = await workplace.operations.perform(request)
        } else {
            guard let answered = try client.send(request) else {
                throw CommandFailure(.temporaryFailure, "another process works on \(path); try again")
            }
            response = answered
        }
        guard response.status == 0 else {
            throw CommandFailure(ExitStatus(rawValue: response.status) ?? .software, response.output)
        }
        return response.output
    }
}

/// The two streams of a command.
package enum CommandOutput {
    package static func print(_ text: String) {
        if !text.isEmpty { FileHandle.standardOutput.write(Data(text.utf8)) }
    }
    package static func printError(_ text: String) {
        FileHandle.standardError.write(Data("stempel: \(text)\n".utf8))
    }
}
