package import Desk
import Foundation
import Yams

/// The named parts of a stored desk as commands print them.
package struct DeskParts {
    private let tree: DeskTree

    /// `nil` where the text is no desk.
    package init?(_ text: String) {
        guard let tree = YAMLSource(text).root.flatMap(DeskTree.init) else { return nil }
        self.tree = tree
    }

    /// A line for each part: its name and what tells it from others.
    package func lines(of section: DeskSection) -> String {
        tree.names(of: section).map { name in
            let keys = tree.part(name, of: section).map { Node.mapping($0.keys) }
            let facts = Self.telling(section).compactMap { keys?.value(of: $0) }.map(Self.inOneLine).filter {
                !$0.isEmpty
            }
            return ([name] + (facts.isEmpty ? [] : [facts.joined(separator: ", ")])).joined(separator: "\t") + "\n"
        }.joined()
    }

    /// All parts of a kind as a JSON array.
    package func json(of section: DeskSection) -> String {
        Self.encode(tree.names(of: section).compactMap { object($0, section) })
    }

    /// One part as the desk file writes it.
    package func yaml(of name: String, in section: DeskSection) throws(DeskEditRefusal) -> String {
        let (name, part) = try part(name, section)
        let entries = part.keys.map { ($0.key.text ?? "", Self.yaml($0.value)) }
        return YAMLText.mapping([("name", .scalar(name))] + entries).document
    }

    /// One part as a JSON object.
    package func json(of name: String, in section: DeskSection) throws(DeskEditRefusal) -> String {
        let (name, _) = try part(name, section)
        return Self.encode(object(name, section) ?? [:])
    }

    private func part(_ name: String, _ section: DeskSection) throws(DeskEditRefusal) -> (String, DeskTree.Part) {
        guard let name = tree.spelling(of: name, in: section), let part = tree.part(name, of: section) else {
            throw DeskEditor.unknown(name, section, among: tree.names(of: section))
        }
        return (name, part)
    }

    private static func telling(_ section: DeskSection) -> [String] {
        switch section {
        case .agents: ["name", "role", "active"]
        case .pools, .departments: ["addresses"]
        case .groups: ["members"]
        case .dictionaries: ["values"]
        case .templates: ["subject"]
        case .calendars: ["timeZone"]
        case .rules, .folders: []
        }
    }

    private static func inOneLine(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.string == "false" ? "inactive" : scalar.string == "true" ? "" : scalar.string
        case .sequence(let sequence): sequence.map(inOneLine).joined(separator: " ")
        case .mapping: node.value(of: "address")?.text ?? node.pairs.compactMap(\.key.text).joined(separator: " ")
        case .alias: ""
        }
    }

    // MARK: - Forms

    private static func yaml(_ node: Node) -> YAMLText {
        switch node {
        case .scalar(let scalar):
            isWord(scalar)
                ? .word(scalar.string) : scalar.string.contains("\n") ? .text(scalar.string) : .scalar(scalar.string)
        case .sequence(let sequence): .flowList(sequence.map(yaml))
        case .mapping(let mapping): .flowMapping(mapping.map { ($0.key.text ?? "", yaml($0.value)) })
        case .alias: .scalar("")
        }
    }

    private func object(_ name: String, _ section: DeskSection) -> [String: Any]? {
        guard let part = tree.part(name, of: section) else { return nil }
        var object = Self.object(.mapping(part.keys)) as? [String: Any] ?? [:]
        // An agent has a name beside the login.
        object[section == .agents ? "login" : "name"] = name
        return object
    }

    private static func object(_ node: Node) -> Any {
        switch node {
        case .scalar(let scalar):
            if isWord(scalar) { return scalar.string == "true" }
            if scalar.style == .plain, let number = Quantities.number(scalar.string) { return number }
            return scalar.string
        case .sequence(let sequence): return sequence.map(object)
        case .mapping(let mapping):
            return Dictionary(
                mapping.map { ($0.key.text ?? "", object($0.value)) }, uniquingKeysWith: { first, _ in first })
        case .alias: return ""
        }
    }

    private static func isWord(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["true", "false"].contains(scalar.string)
    }

    private static func encode(_ value: Any) -> String {
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? JSONSerialization.data(withJSONObject: value, options: options) else { return "" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
