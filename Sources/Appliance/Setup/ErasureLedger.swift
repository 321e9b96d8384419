import Desk
import Foundation
import Gateway
import Glibc
import MailTypes
import OpenSSL
import Synchronization

/// Which people were erased, in a file beside the database that a restore leaves alone: an older database that is put back
/// knows them still, and they are erased again before anybody sees it (DESIGN §10). Addresses stand in it as digests with a
/// salt of the file's own: it tells whom to erase to who has the addresses already, and to nobody else.
final class ErasureLedger: Sendable {
    /// One erasure.
    struct Entry: Sendable, Equatable {
        /// What the audit calls it.
        var name: String
        var at: Timestamp
        var deciders: Erasure.Deciders
        var digests: [String]
    }

    private let path: String
    private let lock = Mutex(())

    init(path: String) { self.path = path }

    /// All erasures, the oldest first.
    func entries() throws -> [Entry] {
        try lock.withLock { _ in try read().entries }
    }

    /// Writes an erasure down, durably, and answers it.
    func add(identities: [String], deciders: Erasure.Deciders, at now: Timestamp) throws -> Entry {
        try lock.withLock { _ in
            var (salt, entries) = try read()
            if salt.isEmpty { salt = Self.hexadecimal(randomBytes(32)) }
            let entry = Entry(
                name: Self.hexadecimal(randomBytes(12)), at: now, deciders: deciders,
                digests: identities.map { Self.digest($0, salt) })
            entries.append(entry)
            try write(salt, entries)
            return entry
        }
    }

    /// Whether the entry is about an address.
    func matcher(for entry: Entry) throws -> @Sendable (String) -> Bool {
        let salt = try lock.withLock { _ in try read().salt }
        let digests = Set(entry.digests)
        return { digests.contains(Self.digest($0, salt)) }
    }

    private static func digest(_ identity: String, _ salt: String) -> String {
        hexadecimal(HMACSHA256.code(of: Array(identity.utf8), key: Array(salt.utf8)))
    }

    private static func hexadecimal(_ octets: [UInt8]) -> String {
        octets.map { octet in
            let digits = String(octet, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    // MARK: - The file: a line `salt HEX`, then `erased NAME MICROSECONDS ADMIN SUPERVISOR DIGEST…`

    private func read() throws -> (salt: String, entries: [Entry]) {
        guard FileManager.default.fileExists(atPath: path) else { return ("", []) }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure(.noInput, "\(path): the ledger of erasures cannot be read")
        }
        var (salt, entries) = ("", [Entry]())
        for (number, line) in text.split(separator: "\n").enumerated() {
            let words = line.split(separator: " ").map(String.init)
            switch words.first {
            case "salt" where words.count == 2: salt = words[1]
            case "erased" where words.count >= 5 && Int64(words[2]) != nil:
                let at = Int64(words[2]) ?? 0
                entries.append(
                    Entry(
                        name: words[1], at: Timestamp(microseconds: at),
                        deciders: .init(
                            admin: Int64(words[3]).map(AgentID.init(rawValue:)),
                            supervisor: Int64(words[4]).map(AgentID.init(rawValue:))),
                        digests: Array(words[5...])))
            default: throw CommandFailure(.configuration, "\(path):\(number + 1): no line of a ledger of erasures")
            }
        }
        return (salt, entries)
    }

    private func write(_ salt: String, _ entries: [Entry]) throws {
        let lines = entries.map { entry in
            let (admin, supervisor) = (entry.deciders.admin, entry.deciders.supervisor)
            let people = [admin, supervisor].map { $0.map(\.description) ?? "-" }
            return (["erased", entry.name, String(entry.at.microseconds)] + people + entry.digests).joined(
                separator: " ")
        }
        try DataDirectory.write((["salt \(salt)"] + lines).joined(separator: "\n") + "\n", to: path)
    }
}
