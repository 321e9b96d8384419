import Desk
import MailTypes
import Yams

/// A desk as the tree of its file, with its named parts at hand whatever form their kind has there: a list of mappings, a
/// mapping of mappings, or plain names.
struct DeskTree {
    /// A named part: its keys without the one that names it.
    struct Part {
        var name: String
        var keys: Node.Mapping
    }

    private(set) var root: Node
    private var parts: [DeskSection: [Part]] = [:]

    /// `nil` where it is no desk.
    init?(_ root: Node) {
        guard root.mapping != nil else { return nil }
        self.root = root
        for section in DeskSection.allCases {
            guard let node = root.value(of: section.rawValue) else { continue }
            parts[section] = Self.parts(section, node)
        }
    }

    func names(of section: DeskSection) -> [String] { parts[section, default: []].map(\.name) }

    /// How a part spells its name.
    func spelling(of name: String, in section: DeskSection) -> String? {
        let folded = foldedName(name)
        return parts[section, default: []].first { foldedName($0.name) == folded }?.name
    }

    func part(_ name: String, of section: DeskSection) -> Part? {
        parts[section, default: []].first { $0.name == name }
    }

    // MARK: - Changing

    mutating func add(
        _ name: String, to section: DeskSection, at position: Int?, _ assignments: [DeskAssignment]
    ) throws(DeskEditRefusal) {
        let part = try Self.changed(Part(name: name, keys: .init([])), section, assignments)
        var all = parts[section, default: []]
        all.insert(part, at: min(max((position ?? Int.max) - 1, 0), all.count))
        put(all, section)
    }

    mutating func set(
        _ assignments: [DeskAssignment], of name: String, in section: DeskSection
    ) throws(DeskEditRefusal) {
        var all = parts[section, default: []]
        for index in all.indices where all[index].name == name {
            all[index] = try Self.changed(all[index], section, assignments)
        }
        put(all, section)
    }

    mutating func move(_ name: String, in section: DeskSection, to position: Int) {
        var all = parts[section, default: []]
        guard let index = all.firstIndex(where: { $0.name == name }) else { return }
        let part = all.remove(at: index)
        all.insert(part, at: min(max(position, 1) - 1, all.count))
        put(all, section)
    }

    func removing(_ name: String, from section: DeskSection) throws(DeskEditRefusal) -> DeskTree {
        var tree = self
        if section == .agents {
            // The account stays, so that what names it keeps its meaning and the history its author.
            try tree.set([DeskAssignment("active", .set(.yaml("false")))], of: name, in: section)
        } else {
            tree.put(parts[section, default: []].filter { $0.name != name }, section)
        }
        return tree
    }

    private static func changed(
        _ part: Part, _ section: DeskSection, _ assignments: [DeskAssignment]
    ) throws(DeskEditRefusal) -> Part {
        var part = part
        for assignment in assignments {
            let path = NodeEdit.path(assignment.path)
            if path.first == nameKey(section) ?? "name" {
                throw DeskEditRefusal(.invalid, ["\(assignment.path): a name is changed with rename"])
            }
            if section == .folders || (listKey(section).map { $0 != path.first } ?? false) {
                let keys = listKey(section).map { "a \(section.word) has \($0) only" } ?? "a folder has nothing but its name"
                throw DeskEditRefusal(.invalid, ["\(assignment.path): unknown key; \(keys)"])
            }
            let changed = try NodeEdit.apply(assignment, at: path[...], to: .mapping(part.keys))
            part.keys = changed?.mapping ?? .init([])
        }
        return part
    }

    private mutating func put(_ all: [Part], _ section: DeskSection) {
        parts[section] = all
        root.setValue(of: section.rawValue, to: all.isEmpty ? nil : Self.node(section, all))
    }

    // MARK: - Forms

    /// What the list is called that is all there is to a part.
    private static func listKey(_ section: DeskSection) -> String? {
        switch section {
        case .groups: "members"
        case .dictionaries: "values"
        default: nil
        }
    }

    private static func nameKey(_ section: DeskSection) -> String? {
        switch section {
        case .agents: "login"
        case .pools, .departments, .rules: "name"
        case .groups, .templates, .calendars, .folders, .dictionaries: nil
        }
    }

    private static func parts(_ section: DeskSection, _ node: Node) -> [Part] {
        switch section {
        case .folders: node.array().compactMap { $0.text.map { Part(name: $0, keys: .init([])) } }
        case .groups, .dictionaries:
            node.pairs.map { Part(name: $0.key.text ?? "", keys: .init([(Node(listKey(section) ?? ""), $0.value)])) }
        case .templates, .calendars:
            node.pairs.map { Part(name: $0.key.text ?? "", keys: $0.value.mapping ?? .init([])) }
        case .agents, .pools, .departments, .rules:
            node.array().map { item in
                let key = nameKey(section)
                let name = key.flatMap { item.value(of: $0)?.text } ?? ""
                return Part(
                    name: name, keys: .init(item.pairs.filter { $0.key.text != key }.map { ($0.key, $0.value) }))
            }
        }
    }

    private static func node(_ section: DeskSection, _ all: [Part]) -> Node {
        switch section {
        case .folders: Node(all.map { Node.quoted($0.name) })
        case .groups, .dictionaries:
            Node(
                all.map { part in
                    let list = listKey(section).flatMap { Node.mapping(part.keys).value(of: $0) }
                    return (Node.quoted(part.name), list ?? Node([Node]()))
                })
        case .templates, .calendars: Node(all.map { (Node.quoted($0.name), .mapping($0.keys)) })
        case .agents, .pools, .departments, .rules:
            Node(
                all.map { part in
                    Node(
                        [(Node(nameKey(section) ?? ""), Node.quoted(part.name))] + part.keys.map { ($0.key, $0.value) })
                })
        }
    }

    // MARK: - Problems

    /// A problem of the changed desk, told by the name of the part and not by a line.
    func sentence(_ problem: Problem, about edit: DeskEdit) -> String {
        let place = place(problem.key)
        if edit.action == .remove, problem.reason.hasPrefix("no \(edit.section.word) is named") {
            return "\(place) still names it"
        }
        return "\(place): \(problem.reason)\(problem.remedy.map { "; \($0)" } ?? "")"
    }

    private func place(_ key: String) -> String {
        for (section, parts) in parts {
            for (index, part) in parts.enumerated() {
                for prefix in ["\(section.rawValue)[\(index)]", "\(section.rawValue).\(part.name)"] {
                    guard key.hasPrefix(prefix) else { continue }
                    let rest = key.dropFirst(prefix.count)
                    if rest.isEmpty { return "\(section.word) \(part.name)" }
                    if rest.first == "." { return "\(section.word) \(part.name), \(rest.dropFirst())" }
                    if rest.first == "[" { return "\(section.word) \(part.name), \(rest)" }
                }
            }
        }
        return key.isEmpty ? "desk" : key
    }
}
