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

    /// Runs a program found in PATH to its end. Input and output may be of any size.
    package static func run(_ arguments: [String], input: [UInt8] = [], directory: String? = nil) throws -> Result {
        let folder = TemporaryDirectory()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = (environment["PATH"] ?? "") + ":/usr/bin:/bin:/usr/sbin:/sbin"
        process.environment = environment
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        try Data(input).write(to: URL(fileURLWithPath: folder.file("input")))
        for name in ["output", "errors"] { folder.write("", to: name) }
        process.standardInput = FileHandle(forReadingAtPath: folder.file("input"))
        process.standardOutput = FileHandle(forWritingAtPath: folder.file("output"))
        process.standardError = FileHandle(forWritingAtPath: folder.file("errors"))
        try process.run()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: folder.read("output"), errors: folder.read("errors"))
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
