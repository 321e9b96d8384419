import Foundation
package import Gateway
import Glibc
import OpenSSL

/// The directory of the embedded database: database, keys, generation mark, lock and control socket.
package struct DataDirectory: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    package var database: String { path + "/stempel.sqlite" }
    package var controlSocket: String { path + "/control.sock" }
    private var lockFile: String { path + "/lock" }
    private var keyFile: String { path + "/keys" }
    private var generationFile: String { path + "/generation" }
    /// Who was erased; see `ErasureLedger`.
    var ledger: String { path + "/erasures" }

    /// Makes the directory, readable by its owner only.
    package func create() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(.cannotCreate, "\(path): cannot make the data directory: \(error.localizedDescription)")
        }
    }

    /// Takes the lock that one server per directory holds; `nil` where another process has it.
    package func lock() throws -> DataLock? {
        let descriptor = open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(.cannotCreate, "\(lockFile): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return DataLock(descriptor: descriptor)
    }

    /// Whether a server is running on this data.
    package func isServed() -> Bool {
        guard FileManager.default.fileExists(atPath: lockFile), let held = try? lock() else {
            return FileManager.default.fileExists(atPath: lockFile)
        }
        held.release()
        return false
    }

    // MARK: - Keys

    /// Reads the ring of signing keys, or makes one with a first key. A line is a letter, a space and 64 hexadecimal
    /// digits; the last line signs.
    package func keyRing(_ cryptography: any Cryptography) throws -> KeyRing {
        if !FileManager.default.fileExists(atPath: keyFile) {
            let secret = randomBytes(32).map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
            try Self.write("a \(secret)\n", to: keyFile)
        }
        guard let text = try? String(contentsOfFile: keyFile, encoding: .utf8) else {
            throw CommandFailure(.noInput, "\(keyFile): the signing keys cannot be read")
        }
        var keys: [KeyRing.Key] = []
        for (number, line) in text.split(separator: "\n").enumerated() where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 2, words[0].count == 1, let name = words[0].first, let secret = Self.octets(words[1]),
                secret.count >= 16
            else {
                throw CommandFailure(
                    .configuration, "\(keyFile):\(number + 1): not a key; a line is a letter and 64 hexadecimal digits")
            }
            keys.append(KeyRing.Key(name: name, secret: secret))
        }
        guard let ring = KeyRing(keys: keys, cryptography: cryptography) else {
            throw CommandFailure(.configuration, "\(keyFile): there is no key in it")
        }
        return ring
    }

    private static func octets(_ hexadecimal: Substring) -> [UInt8]? {
        let digits = Array(hexadecimal)
        guard digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).reduce(into: [UInt8]?([])) { result, index in
            guard let byte = UInt8(String(digits[index...index + 1]), radix: 16) else { return result = nil }
            result?.append(byte)
        }
    }

    // MARK: - Generation

    /// How often a server was started on this data, as the mark beside the keys has it.
    package func generation() -> Int64 {
        let text = try? String(contentsOfFile: generationFile, encoding: .utf8)
        return text.flatMap { Int64($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
    }

    package func setGeneration(_ generation: Int64) throws { try Self.write("\(generation)\n", to: generationFile) }

    /// Writes a file of mode 0600 whole or not at all.
    func write(_ text: String, to file: String) throws { try Self.write(text, to: file) }

    /// The same, for who has the path only.
    static func write(_ text: String, to file: String) throws {
        let new = file + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure(.cannotCreate, "\(new): \(String(cString: strerror(errno)))") }
        let octets = Array(text.utf8)
        let isWritten = Glibc.write(descriptor, octets, octets.count) == octets.count && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, rename(new, file) == 0 else {
            throw CommandFailure(.ioError, "\(file): \(String(cString: strerror(errno)))")
        }
    }
}

/// The held lock of a data directory.
package final class DataLock: Sendable {
    private let descriptor: Int32
    fileprivate init(descriptor: Int32) { self.descriptor = descriptor }
    package func release() { close(descriptor) }
}
