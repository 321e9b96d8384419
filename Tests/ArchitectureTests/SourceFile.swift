import Foundation

/// A Swift file of the package, read as text.
struct SourceFile: Sendable, CustomStringConvertible {
    /// Below the package's root: `Sources/Desk/Matching/Matching.swift`.
    let path: String
    let lines: [String]

    var description: String { path }
    /// The target: the folder below Sources or Tests.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let sources = files(under: "Sources")
    static let tests = files(under: "Tests")

    private static func files(under folder: String) -> [SourceFile] {
        let base = root.appendingPathComponent(folder).resolvingSymlinksInPath()
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let text = (try? String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)) ?? ""
            return SourceFile(
                path: "\(folder)/\(name)",
                lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }

    /// The modules that the file imports, attributes and access level aside; `import struct A.B` counts as A.
    var imports: [String] {
        lines.compactMap { line in
            var words = line.split(separator: " ").map(String.init)[...]
            while let first = words.first, first.hasPrefix("@") || Self.accessLevels.contains(first) { words.removeFirst() }
            guard words.popFirst() == "import", var name = words.popFirst() else { return nil }
            if Self.kinds.contains(name), let next = words.popFirst() { name = next }
            return name.split(separator: ".").first.map(String.init)
        }
    }

    private static let accessLevels: Set<String> = ["package", "public", "internal", "private", "fileprivate"]
    private static let kinds: Set<String> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]

    /// The lines outside comments, each with its number from 1.
    var code: [(number: Int, text: Substring)] {
        lines.enumerated().compactMap { index, line in
            let text = line.drop { $0 == " " }
            return text.isEmpty || text.hasPrefix("//") ? nil : (index + 1, text)
        }
    }

    /// `path:line: text` of every line of code with one of these words in it.
    func places(of words: [String]) -> [String] {
        code.filter { line in words.contains { line.text.contains($0) } }.map { "\(path):\($0.number): \($0.text)" }
    }
}
