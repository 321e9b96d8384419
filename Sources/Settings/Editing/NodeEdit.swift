import Desk
import MailTypes
import Yams

/// Carries out assignments on a tree.
enum NodeEdit {
    /// The keys of a path: dots part them; what holds an `@` after a dot, and what stands in double quotes, is one key.
    static func path(_ text: String) -> [String] {
        var keys: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            if rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") {
                keys.append(String(rest[rest.index(after: rest.startIndex)..<end]))
                rest = rest[rest.index(after: end)...]
                if rest.first == "." { rest = rest.dropFirst() }
            } else if !keys.isEmpty, rest.contains("@") {
                keys.append(String(rest))
                rest = ""
            } else {
                let end = rest.firstIndex(of: ".") ?? rest.endIndex
                keys.append(String(rest[..<end]))
                rest = rest[end...].dropFirst()
            }
        }
        return keys
    }

    /// The changed node; `nil` where nothing is left of it.
    static func apply(
        _ assignment: DeskAssignment, at path: ArraySlice<String>, to node: Node?
    ) throws(DeskEditRefusal) -> Node? {
        guard let key = path.first else { return try change(assignment, node) }
        var mapping = Node([(Node, Node)]())
        if let node {
            guard node.mapping != nil else {
                throw refusal(assignment, "holds no keys; give it a value as a whole")
            }
            mapping = node
        }
        let value = try apply(assignment, at: path.dropFirst(), to: mapping.value(of: key))
        mapping.setValue(of: key, to: value)
        return mapping
    }

    private static func change(_ assignment: DeskAssignment, _ node: Node?) throws(DeskEditRefusal) -> Node? {
        switch assignment.operation {
        case .unset: return nil
        case .set(let value): return try self.node(value, assignment)
        case .append(let value):
            let added = try self.node(value, assignment)
            switch node {
            case nil: return added.sequence == nil ? Node([added]) : added
            case .sequence(let sequence): return Node(Array(sequence) + (added.sequence.map(Array.init) ?? [added]))
            case .mapping:
                var result = node
                let pairs = added.mapping == nil ? [(added, Node(""))] : added.pairs.map { ($0.key, $0.value) }
                for (key, value) in pairs { result?.setValue(of: key.text ?? "", to: value) }
                return result
            case .scalar, .alias: throw refusal(assignment, "is a single value: nothing can be added to it")
            }
        case .drop(let value):
            let dropped = try self.node(value, assignment)
            let names = Set((dropped.sequence.map(Array.init) ?? [dropped]).compactMap(\.text).map(foldedName))
            switch node {
            case .sequence(let sequence):
                let rest = Array(sequence).filter {
                    !names.contains(foldedName($0.text ?? $0.value(of: "address")?.text ?? ""))
                }
                guard rest.count < sequence.count else { throw refusal(assignment, "holds nothing of that name") }
                return Node(rest)
            case .mapping(let mapping):
                let rest = Array(mapping).filter { !names.contains(foldedName($0.key.text ?? "")) }
                guard rest.count < mapping.count else { throw refusal(assignment, "holds nothing of that name") }
                return Node(rest.map { ($0.key, $0.value) })
            case nil, .scalar, .alias: throw refusal(assignment, "holds nothing that could be taken out")
            }
        }
    }

    private static func node(_ value: DeskAssignment.Value, _ assignment: DeskAssignment) throws(DeskEditRefusal)
        -> Node
    {
        switch value {
        case .text(let text): return .quoted(text)
        // A wildcard: an alias would be one of nothing here.
        case .yaml(let text) where text.hasPrefix("*"): return .quoted(text)
        case .yaml(let text):
            let source = YAMLSource(text)
            if let failure = source.failure {
                throw refusal(assignment, "\(failure.reason); put a text with special characters in quotes")
            }
            if let repeated = source.repeatedKeys.first {
                throw refusal(assignment, "names \"\(repeated.name)\" twice")
            }
            return source.root ?? Node("")
        }
    }

    private static func refusal(_ assignment: DeskAssignment, _ reason: String) -> DeskEditRefusal {
        DeskEditRefusal(.invalid, ["\(assignment.path): \(reason)"])
    }
}

extension Node {
    /// A text that stays one, whatever it looks like.
    static func quoted(_ text: String) -> Node { Node(text, .implicit, .doubleQuoted) }

    /// The text of a scalar.
    var text: String? { if case .scalar(let scalar) = self { scalar.string } else { nil } }

    /// The pairs of a mapping, in order.
    var pairs: [(key: Node, value: Node)] { mapping.map { $0.map { ($0.key, $0.value) } } ?? [] }

    func value(of key: String) -> Node? { pairs.first { $0.key.text == key }?.value }

    /// Sets, adds or, with `nil`, removes a key of a mapping.
    mutating func setValue(of key: String, to value: Node?) {
        var pairs = pairs.map { ($0.key, $0.value) }
        let index = pairs.firstIndex { $0.0.text == key }
        switch (index, value) {
        case (let index?, let value?): pairs[index].1 = value
        case (let index?, nil): pairs.remove(at: index)
        case (nil, let value?): pairs.append((.quoted(key), value))
        case (nil, nil): return
        }
        self = Node(pairs)
    }
}
