import Desk
import Yams

/// A mapping while it is read: every key that is asked for is a valid one; `finish` reports the others.
struct MappingReading {
    let path: String
    let position: Position
    let file: FileReading
    /// In the order of the file.
    let entries: [(key: String, field: Field)]
    private var asked: [String] = []

    init(_ mapping: Node.Mapping, path: String, position: Position, file: FileReading) {
        self.path = path
        self.position = position
        self.file = file
        var entries: [(key: String, field: Field)] = []
        var repeated: [(name: String, position: Position)] = []
        for (keyNode, value) in mapping {
            let keyPosition = keyNode.mark.map(Position.init) ?? position
            guard case .scalar(let scalar) = keyNode else {
                file.report(keyPosition, key: path, "a key is a list or mapping", "keys are words")
                continue
            }
            if let name = file.repeatedKeys[keyPosition] {
                repeated.append((name, keyPosition))
                continue
            }
            let keyPath = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
            guard file.visit(keyPath, at: keyPosition) else { break }
            // A scalar's problems are shown where it stands, all others at their key.
            var valuePosition = keyPosition
            if case .scalar(let valueScalar) = value, !valueScalar.string.isEmpty, let mark = value.mark {
                valuePosition = Position(mark)
            }
            entries.append(
                (scalar.string, Field(node: value, path: keyPath, position: valuePosition, file: file)))
        }
        self.entries = entries
        for (name, keyPosition) in repeated {
            let keyPath = path.isEmpty ? name : "\(path).\(name)"
            let other = file.positions[keyPath].map { "line \($0.line)" } ?? "another line"
            file.report(keyPosition, key: keyPath, "given twice, here and in \(other)", "keep one of them")
        }
    }

    /// The value of a key; `nil` if it is not there or empty.
    mutating func take(_ key: String) -> Field? {
        if !asked.contains(key) { asked.append(key) }
        guard let field = entries.first(where: { $0.key == key })?.field, !field.isNull else { return nil }
        return field
    }

    /// The value of a key that must be there; reports it otherwise.
    mutating func require(_ key: String, _ remedy: String) -> Field? {
        if let field = take(key) { return field }
        let keyPath = path.isEmpty ? key : "\(path).\(key)"
        file.report(entries.first { $0.key == key }?.field.position ?? position, key: keyPath, "is missing", remedy)
        return nil
    }

    /// Reports every key that nobody asked for.
    func finish() {
        for entry in entries where !asked.contains(entry.key) {
            let keyPosition = file.positions[entry.field.path] ?? entry.field.position
            file.report(keyPosition, key: entry.field.path, "unknown key", Spelling.hint(for: entry.key, among: asked))
        }
    }
}
