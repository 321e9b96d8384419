internal import CSpawn
internal import Foundation
internal import Glibc

/// A child process. It gets three descriptors, no others, and no blocked signals; a thread waits for its end.
///
/// Foundation's Process is not used: on Linux it lists its own descriptors through a copy of each `dirent` by value, which
/// reads past the end of the directory's buffer and traps once a process has some 1,300 of them open.
///
/// `@unchecked Sendable`: `ending` is touched only with `condition` held.
package final class SpawnedProcess: @unchecked Sendable {
    /// How a process ended.
    package enum Ending: Equatable, Sendable { case exited(Int32), killed(signal: Int32) }

    /// Its number.
    package let identifier: Int32
    private let condition = NSCondition()
    private var ending: Ending?

    /// Starts a program found in PATH or named by a path. The descriptors stay the caller's, who closes them; `nil` is
    /// /dev/null.
    package init(
        _ arguments: [String], environment: [String: String], directory: String? = nil, input: Int32? = nil,
        output: Int32? = nil, errors: Int32? = nil
    ) throws {
        let program = try Self.locate(arguments.first ?? "")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, descriptor) in [(0, input), (1, output), (2, errors)] as [(Int32, Int32?)] {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            } else {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", target == 0 ? O_RDONLY : O_WRONLY, 0)
            }
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        if let directory { posix_spawn_file_actions_addchdir_np(&actions, directory) }
        // A child inherits the mask of the thread that starts it and what is ignored; getmail waits for SIGCHLD.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, ordinary) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&ordinary)
        for signal in [SIGPIPE, SIGCHLD, SIGHUP, SIGINT, SIGTERM] { sigaddset(&ordinary, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &ordinary)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, program, &actions, &attributes, &words, &variables)
        guard code == 0 else {
            throw ExternalTool.Failure(description: "\(program) does not start: \(String(cString: strerror(code)))")
        }
        self.identifier = identifier
        Thread { [self] in reap() }.start()
    }

    /// Sends it a signal, if it has not ended.
    package func signal(_ number: Int32) {
        condition.withLock { if ending == nil { _ = kill(identifier, number) } }
    }

    /// Waits for its end; `nil` when it is still there.
    package func waitForEnding(_ patience: Duration) -> Ending? {
        let end = Date(timeIntervalSinceNow: Double(patience.components.seconds))
        return condition.withLock {
            while ending == nil, condition.wait(until: end) {}
            return ending
        }
    }

    /// Its number is free for another process as soon as it is waited for, so that happens with `condition` held.
    private func reap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        condition.withLock {
            var status: Int32 = 0
            waitpid(identifier, &status, 0)
            let signal = status & 0x7F
            ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
            condition.broadcast()
        }
    }

    private static func locate(_ name: String) throws -> String {
        if name.contains("/") { return name }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        for folder in path.split(separator: ":") where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        throw ExternalTool.Failure(description: "there is no program \(name)")
    }
}

/// A pipe; a spawned process gets none of its ends but the one given to it.
package struct ProcessPipe: Sendable {
    package let reading: Int32
    package let writing: Int32

    package init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ExternalTool.Failure(description: "no pipe: \(errno)") }
        (reading, writing) = (ends[0], ends[1])
    }
}
