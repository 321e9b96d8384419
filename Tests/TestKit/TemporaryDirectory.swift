internal import Foundation
internal import Glibc

/// A directory of a test's own, removed with everything in it when the value is let go.
package final class TemporaryDirectory: Sendable {
    /// Its absolute path.
    package let path: String

    /// Makes an empty directory.
    package init() {
        var template = Array("/tmp/stempel-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("cannot make a temporary directory: errno \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, over the old one if there is one, and gives its path.
    @discardableResult
    package func write(_ text: String, to name: String) -> String {
        guard let stream = fopen(file(name), "w") else { fatalError("cannot write \(name): errno \(errno)") }
        fputs(text, stream)
        fclose(stream)
        return file(name)
    }

    /// What a file holds.
    package func read(_ name: String) -> String {
        guard let stream = fopen(file(name), "r") else { fatalError("cannot read \(name): errno \(errno)") }
        defer { fclose(stream) }
        var octets: [UInt8] = []
        while case let octet = fgetc(stream), octet != EOF { octets.append(UInt8(truncatingIfNeeded: octet)) }
        return String(decoding: octets, as: UTF8.self)
    }
}
