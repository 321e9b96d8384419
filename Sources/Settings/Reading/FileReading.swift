import Yams

/// One file while it is read: what is wrong so far, and where each key stands.
final class FileReading {
    let fileName: String
    private(set) var problems: [Problem] = []
    private(set) var positions: [String: Position] = [:]
    private(set) var repeatedKeys: [Position: String] = [:]
    private var visitedFields = 0

    /// Aliases can make a small file a huge tree; beyond this many values nothing is read any more.
    private static let maximumFields = 200_000

    init(fileName: String) { self.fileName = fileName }

    /// The file's top mapping; `nil`, with the problem noted, if there is none.
    func root(of text: String) -> MappingReading? {
        let source = YAMLSource(text)
        if let failure = source.failure {
            report(failure.position, key: "", failure.reason, nil)
            return nil
        }
        for repeated in source.repeatedKeys { repeatedKeys[repeated.position] = repeated.name }
        return root(of: source.root)
    }

    /// The same of a tree.
    func root(of node: Node?) -> MappingReading? {
        guard let mapping = node?.mapping else {
            report(node?.mark.map(Position.init), key: "", "holds no keys", "it should be a mapping of keys to values")
            return nil
        }
        return MappingReading(mapping, path: "", position: Position(line: 1, column: 1), file: self)
    }

    func report(_ position: Position?, key: String, _ reason: String, _ remedy: String?) {
        problems.append(
            Problem(
                file: fileName, line: position?.line, column: position?.column, key: key, reason: reason,
                remedy: remedy))
    }

    /// All problems in the order of the file.
    var sortedProblems: [Problem] {
        problems.enumerated().sorted { left, right in
            let (l, r) = (left.element, right.element)
            return (l.line ?? 0, l.column ?? 0, left.offset) < (r.line ?? 0, r.column ?? 0, right.offset)
        }.map(\.element)
    }

    func visit(_ path: String, at position: Position) -> Bool {
        visitedFields += 1
        guard visitedFields <= Self.maximumFields else {
            if visitedFields == Self.maximumFields + 1 {
                report(position, key: path, "the file holds too many values", "write it without aliases")
            }
            return false
        }
        positions[path] = position
        return true
    }
}

/// A value with its key and place.
struct Field {
    let node: Node
    let path: String
    /// Where the key, or else the value, stands.
    let position: Position
    let file: FileReading

    func report(_ reason: String, _ remedy: String? = nil) { file.report(position, key: path, reason, remedy) }

    /// Nothing, `~` or `null`: as if the key were not there.
    var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// What kind of value it is, for a problem's text.
    var kind: String {
        switch node {
        case .scalar: isNull ? "is empty" : "is a single value"
        case .mapping: "is a mapping"
        case .sequence: "is a list"
        case .alias: "is an alias"
        }
    }

    var mapping: MappingReading? {
        guard case .mapping(let mapping) = node else {
            report(kind, "it should be a mapping of keys to values")
            return nil
        }
        return MappingReading(mapping, path: path, position: position, file: file)
    }

    /// The elements of a list.
    var items: [Field] {
        guard case .sequence(let sequence) = node else {
            report(kind, "it should be a list")
            return []
        }
        return elements(sequence)
    }

    /// The elements of a list, or the one value that stands instead of a list.
    var itemsOrSelf: [Field] {
        guard case .sequence(let sequence) = node else { return [self] }
        return elements(sequence)
    }

    /// The text of a value that is neither list nor mapping.
    var singleValue: String? { if case .scalar(let scalar) = node { scalar.string } else { nil } }

    var isSequence: Bool { if case .sequence = node { true } else { false } }
    /// Whether it is a list without elements.
    var isEmpty: Bool { if case .sequence(let sequence) = node { sequence.isEmpty } else { false } }
    var isMapping: Bool { if case .mapping = node { true } else { false } }

    private func elements(_ sequence: Node.Sequence) -> [Field] {
        sequence.enumerated().compactMap { index, node in
            let itemPath = "\(path)[\(index)]"
            let itemPosition = node.mark.map(Position.init) ?? position
            guard file.visit(itemPath, at: itemPosition) else { return nil }
            return Field(node: node, path: itemPath, position: itemPosition, file: file)
        }
    }
}
