import Foundation
import Glibc

/// The lines that a process writes to a pipe, gathered by a thread of its own until the end of the pipe.
///
/// `@unchecked Sendable`: `lines` and `hasEnded` are touched only with `condition` held.
final class LineLog: @unchecked Sendable {
    private let condition = NSCondition()
    private var lines: [String] = []
    private var hasEnded = false

    /// Reads from a file descriptor, which it closes at the end.
    init(descriptor: Int32) {
        let thread = Thread { [self] in
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65536)
            while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 {
                rest += buffer[..<count]
                let pieces = rest.split(separator: 0x0A, omittingEmptySubsequences: false)
                append(pieces.dropLast().map { String(decoding: $0, as: UTF8.self) })
                rest = Array(pieces.last ?? [])
            }
            close(descriptor)
            append(rest.isEmpty ? [] : [String(decoding: rest, as: UTF8.self)], isEnd: true)
        }
        thread.start()
    }

    private func append(_ new: [String], isEnd: Bool = false) {
        condition.withLock {
            lines += new
            hasEnded = hasEnded || isEnd
            condition.broadcast()
        }
    }

    /// All lines so far.
    var all: [String] { condition.withLock { lines } }

    /// Waits until `find` makes something of the lines; `nil` when the process ended without it, or time is up.
    func wait<Found>(_ patience: Duration = Patience.default, for find: ([String]) -> Found?) -> Found? {
        let end = Date(timeIntervalSinceNow: Double(patience.components.seconds))
        return condition.withLock {
            while true {
                if let found = find(lines) { return found }
                if hasEnded || !condition.wait(until: end) { return find(lines) }
            }
        }
    }

    /// Waits until the other end closed the pipe, and gives everything that came.
    func waitForEnd(_ patience: Duration = Patience.default) -> [String] {
        let end = Date(timeIntervalSinceNow: Double(patience.components.seconds))
        return condition.withLock {
            while !hasEnded, condition.wait(until: end) {}
            return lines
        }
    }
}
