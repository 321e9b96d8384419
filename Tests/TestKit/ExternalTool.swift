internal import Foundation
internal import Glibc

/// A program of the system that a test asks: keys, signatures, second opinions.
package enum ExternalTool {
    /// How a run ended.
    package struct Result: Sendable {
        package var status: Int32
        package var output: String
        package var errors: String
    }

    /// A program that cannot be started, or that failed where it may not.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// Generous: a loaded machine is slow.
    private static let patience: Duration = .seconds(240)

    /// Runs a program found in PATH to its end. Input and output may be of any size.
    package static func run(_ arguments: [String], input: [UInt8] = [], directory: String? = nil) throws -> Result {
        let folder = TemporaryDirectory()
        try Data(input).write(to: URL(fileURLWithPath: folder.file("input")))
        let descriptors = [
            open(folder.file("input"), O_RDONLY | O_CLOEXEC),
            open(folder.file("output"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600),
            open(folder.file("errors"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600),
        ]
        defer { for descriptor in descriptors { close(descriptor) } }
        let process = try SpawnedProcess(
            arguments, environment: ProcessInfo.processInfo.environment, directory: directory, input: descriptors[0],
            output: descriptors[1], errors: descriptors[2])
        guard let ending = process.waitForEnding(patience) else {
            process.signal(SIGKILL)
            throw Failure(description: "\(arguments.joined(separator: " ")) does not end")
        }
        let status: Int32 =
            switch ending {
            case .exited(let status): status
            case .killed(let signal): 128 + signal
            }
        return Result(
            status: status, output: folder.read("output"), errors: folder.read("errors"))
    }

    /// As `run`, where anything but success is a failure of the test; what it wrote to standard output.
    @discardableResult
    package static func mustRun(
        _ arguments: [String], input: [UInt8] = [], directory: String? = nil
    ) throws -> String {
        let result = try run(arguments, input: input, directory: directory)
        guard result.status == 0 else {
            throw Failure(
                description: "\(arguments.joined(separator: " ")): \(result.status) \(result.output)\(result.errors)")
        }
        return result.output
    }
}
