import Foundation
import Glibc

/// A process that a test started: its output as lines, its end as a status. Killed when the value is let go.
final class ChildProcess: Sendable {
    /// How a process ended.
    enum Ending: Equatable, Sendable { case exited(Int32), killed(signal: Int32) }

    /// What it writes to standard output and to standard error.
    let output: LineLog
    let errors: LineLog
    private let process: Running
    private let name: String

    /// Starts a program found in PATH or named by a path. `input` is all that it reads from standard input.
    init(
        _ arguments: [String], input: String? = nil, environment: [String: String] = [:], directory: String? = nil
    ) throws {
        let process = Process()
        name = arguments.first ?? ""
        process.executableURL = URL(fileURLWithPath: try Self.locate(name))
        process.arguments = Array(arguments.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        let (output, errors, inputPipe) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = input == nil ? FileHandle.nullDevice : inputPipe
        let running = Running(process)
        try running.start()
        self.process = running
        self.output = LineLog(descriptor: Self.detach(output.fileHandleForReading))
        self.errors = LineLog(descriptor: Self.detach(errors.fileHandleForReading))
        if let input {
            let descriptor = Self.detach(inputPipe.fileHandleForWriting)
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
        return ending
    }

    private static func detach(_ handle: FileHandle) -> Int32 {
        let copy = fcntl(handle.fileDescriptor, F_DUPFD_CLOEXEC, 3)
        try? handle.close()
        return copy
    }

    private static func locate(_ name: String) throws -> String {
        if name.contains("/") { return name }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        for folder in path.split(separator: ":") where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        throw WaitedInVain("there is no program \(name)")
    }

    /// `@unchecked Sendable`: `ending` is touched only with `condition` held; Process itself is set up before it starts and
    /// only asked for its number afterwards.
    private final class Running: @unchecked Sendable {
        private let process: Process
        private let condition = NSCondition()
        private var ending: Ending?

        init(_ process: Process) { self.process = process }

        func start() throws {
            process.terminationHandler = { [self] ended in
                condition.withLock {
                    ending = ended.terminationReason == .exit
                        ? .exited(ended.terminationStatus) : .killed(signal: ended.terminationStatus)
                    condition.broadcast()
                }
            }
            // A child inherits the mask of the thread that starts it; getmail waits for SIGCHLD, which may be blocked here.
            var (none, before) = (sigset_t(), sigset_t())
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, &before)
            defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
            try process.run()
        }

        var identifier: Int32 { process.processIdentifier }

        func signal(_ number: Int32) {
            condition.withLock { if ending == nil { _ = kill(process.processIdentifier, number) } }
        }

        func waitForEnding(_ patience: Duration) -> Ending? {
            let end = Date(timeIntervalSinceNow: Double(patience.components.seconds))
            return condition.withLock {
                while ending == nil, condition.wait(until: end) {}
                return ending
            }
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
