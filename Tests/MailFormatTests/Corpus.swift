import Glibc
import Testing

@testable import MailFormat

/// The real mails that live beside the repository; tests over them are skipped, visibly, where they are not.
enum Corpus {
    struct Mail: CustomTestStringConvertible, Sendable {
        let name: String
        let octets: [UInt8]
        var testDescription: String { name }
    }

    static let isMissing: Comment = "no ../shared/corpus beside the repository"

    /// Line ends made CRLF, as they are before they are sent.
    static let mails: [Mail] = {
        guard let source = realpath(#filePath, nil) else { return [] }
        defer { free(source) }
        let parts = String(cString: source).split(separator: "/").dropLast(4)
        let folder = "/" + parts.joined(separator: "/") + "/shared/corpus"
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".eml") { names.append(name) }
        }
        return names.sorted().map { Mail(name: $0, octets: withCRLF(read("\(folder)/\($0)"))) }
    }()

    private static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return result }
            result += chunk[..<count]
        }
    }

    private static func withCRLF(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var last: UInt8 = 0
        for octet in octets {
            switch octet {
            case .lineFeed where last == .carriageReturn: break
            case .lineFeed, .carriageReturn: result += [.carriageReturn, .lineFeed]
            default: result.append(octet)
            }
            last = octet
        }
        return result
    }
}

/// Octets of a test's text.
func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Text of a test's octets, which must be UTF-8 for a comparison to mean something.
func text(_ octets: some Sequence<UInt8>) -> String { String(decoding: Array(octets), as: UTF8.self) }

func scan(_ message: [UInt8]) -> MIMEStructure {
    var scanner = MIMEScanner()
    scanner.consume(message)
    return scanner.finish()
}

func scan(_ message: String) -> MIMEStructure { scan(octets(message)) }

/// Numbers that look random and are the same on every run of a seed, which a failing test prints.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
