import Foundation
import Glibc
import TestKit

/// A process that a test started: its output as lines, its end as a status. Killed when the value is let go.
final class ChildProcess: Sendable {
    /// How a process ended.
    enum Ending: Equatable, Sendable { case exited(Int32), killed(signal: Int32) }

    /// What it writes to standard output and to standard error.
    let output: LineLog
    let errors: LineLog
    private let process: SpawnedProcess
    private let name: String

    /// Starts a program found in PATH or named by a path. `input` is all that it reads from standard input.
    init(
        _ arguments: [String], input: String? = nil, environment: [String: String] = [:], directory: String? = nil
    ) throws {
        name = arguments.first ?? ""
        let (output, errors) = (try ProcessPipe(), try ProcessPipe())
        let words = input == nil ? nil : try ProcessPipe()
        defer {
            for descriptor in [output.writing, errors.writing, words?.reading ?? -1] { close(descriptor) }
        }
        process = try SpawnedProcess(
            arguments, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, directory: directory,
            input: words?.reading, output: output.writing, errors: errors.writing)
        self.output = LineLog(descriptor: output.reading)
        self.errors = LineLog(descriptor: errors.reading)
        if let input, let descriptor = words?.writing {
            let octets = Array(input.utf8)
            Thread {
                var sent = 0
                while sent < octets.count {
                    let count = octets.withUnsafeBytes {
                        Glibc.write(descriptor, $0.baseAddress?.advanced(by: sent), octets.count - sent)
                    }
                    guard count > 0 else { break }
                    sent += count
                }
                close(descriptor)
            }.start()
        }
    }

    deinit { process.signal(SIGKILL) }

    /// Its number.
    var identifier: Int32 { process.identifier }

    /// Sends it a signal.
    func signal(_ number: Int32) { process.signal(number) }

    /// Waits for its end.
    func waitForEnding(_ patience: Duration = Patience.default) throws -> Ending {
        guard let ending = process.waitForEnding(patience) else {
            process.signal(SIGKILL)
            throw WaitedInVain("\(name) does not end: \((output.all + errors.all).suffix(20).joined(separator: "\n"))")
        }
        return switch ending {
        case .exited(let status): .exited(status)
        case .killed(let number): .killed(signal: number)
        }
    }
}

/// What a command said that ran to its end.
struct Completed: Sendable, CustomStringConvertible {
    /// The exit status; 128 + signal for one that was killed.
    let status: Int32
    /// Standard output and standard error, whole.
    let output: String
    let errors: String

    var description: String { "status \(status)\n\(output)\n\(errors)" }

    /// Runs a command to its end.
    static func run(
        _ arguments: [String], input: String? = nil, environment: [String: String] = [:], directory: String? = nil,
        patience: Duration = Patience.default
    ) throws -> Completed {
        let child = try ChildProcess(arguments, input: input, environment: environment, directory: directory)
        let status: Int32 =
            switch try child.waitForEnding(patience) {
            case .exited(let status): status
            case .killed(let signal): 128 + signal
            }
        let text = { (lines: [String]) in lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n" }
        return Completed(
            status: status, output: text(child.output.waitForEnd(patience)), errors: text(child.errors.waitForEnd(patience)))
    }
}
