package import Desk
import Yams

/// The desk file: reading it with all its problems, and writing it canonically. The written text is also what the
/// database stores: `parse(write(desk))` is `desk`, without initial passwords.
package enum DeskFile {
    /// Reads a desk; `nil` if there is any problem. `fileName` only names the file in the problems. `capabilities` are the
    /// names that `imapWithout` may say, and `patterns` tries the regular expressions of rules; `nil` takes any, as for a
    /// stored desk that a newer Stempel may have written. `isStored`: the desk was accepted once, and the fields of its
    /// templates are not held against today's.
    package static func parse(
        _ text: String, fileName: String, capabilities: [String]? = nil,
        patterns: (any PatternCompiler)? = nil, isStored: Bool = false
    ) -> (desk: DeskDefinition?, problems: [Problem]) {
        let file = FileReading(fileName: fileName)
        return read(file.root(of: text), of: file, capabilities, patterns, isStored: isStored)
    }

    /// Reads a desk from a tree that was made by hand; lines of its problems mean nothing.
    static func parse(
        _ node: Node, fileName: String, capabilities: [String]?, patterns: (any PatternCompiler)?
    ) -> (desk: DeskDefinition?, problems: [Problem]) {
        let file = FileReading(fileName: fileName)
        return read(file.root(of: node), of: file, capabilities, patterns, isStored: false)
    }

    private static func read(
        _ root: MappingReading?, of file: FileReading, _ capabilities: [String]?, _ patterns: (any PatternCompiler)?,
        isStored: Bool
    ) -> (desk: DeskDefinition?, problems: [Problem]) {
        guard let root else { return (nil, file.sortedProblems) }
        var reader = DeskReader(file: file, capabilities: capabilities, expressions: patterns, isStored: isStored)
        let desk = reader.read(root)
        return (file.problems.isEmpty ? desk : nil, file.sortedProblems)
    }

    /// The canonical text: keys in a fixed order, defaults of a part left out, no comments, no secrets.
    package static func write(_ desk: DeskDefinition) -> String { DeskWriter.text(of: desk) }
}
