package import Desk
import MailTypes
import Yams

/// Edits of named parts of a stored desk: the part's tree is changed as the desk file writes it, then the whole desk is
/// read by the same code that reads a file, so that an edit can do nothing that a file could not.
package struct DeskEditor: Sendable {
    /// What an edit leaves.
    package struct Edited: Sendable {
        package var desk: DeskDefinition
        /// The part's name as it was spelled before.
        package var name: String
    }

    private let capabilities: [String]?
    private let patterns: (any PatternCompiler)?

    /// As `DeskFile.parse` takes them.
    package init(capabilities: [String]? = nil, patterns: (any PatternCompiler)? = nil) {
        (self.capabilities, self.patterns) = (capabilities, patterns)
    }

    /// The desk after an edit. `text` is a stored desk: canonical, without secrets.
    package func edit(_ text: String, _ edit: DeskEdit) throws(DeskEditRefusal) -> Edited {
        guard let root = YAMLSource(text).root, var tree = DeskTree(root) else {
            throw DeskEditRefusal(.invalid, ["the stored desk cannot be read"])
        }
        var spelled = edit.name
        switch edit.action {
        case .add(let assignments):
            if let known = tree.spelling(of: edit.name, in: edit.section) {
                throw DeskEditRefusal(.exists, [Self.exists(edit.section, known)])
            }
            try tree.add(edit.name, to: edit.section, at: edit.position, assignments)
        case .set(let assignments):
            spelled = try known(edit.name, edit.section, tree)
            try tree.set(assignments, of: spelled, in: edit.section)
            if let position = edit.position { tree.move(spelled, in: edit.section, to: position) }
        case .remove:
            spelled = try known(edit.name, edit.section, tree)
            return Edited(desk: try read(try tree.removing(spelled, from: edit.section), edit), name: spelled)
        case .rename(let new):
            spelled = try known(edit.name, edit.section, tree)
            return Edited(desk: try rename(spelled, to: new, edit, tree), name: spelled)
        }
        return Edited(desk: try read(tree, edit), name: spelled)
    }

    /// A part by its name, or why there is none.
    private func known(_ name: String, _ section: DeskSection, _ tree: DeskTree) throws(DeskEditRefusal) -> String {
        if let spelling = tree.spelling(of: name, in: section) { return spelling }
        throw Self.unknown(name, section, among: tree.names(of: section))
    }

    static func unknown(_ name: String, _ section: DeskSection, among names: [String]) -> DeskEditRefusal {
        let hint = Spelling.hint(for: name, among: names).map { "; \($0)" } ?? ""
        return DeskEditRefusal(.unknown, ["no \(section.word) is named \"\(name)\"\(hint)"])
    }

    private static func exists(_ section: DeskSection, _ name: String) -> String {
        let remedy = section == .agents ? "; set active=true brings an account back" : ""
        return "there is a \(section.word) named \"\(name)\" already\(remedy)"
    }

    private func rename(
        _ name: String, to new: String, _ edit: DeskEdit, _ tree: DeskTree
    ) throws(DeskEditRefusal) -> DeskDefinition {
        if let other = tree.spelling(of: new, in: edit.section), other != name {
            throw DeskEditRefusal(.exists, [Self.exists(edit.section, other)])
        }
        guard edit.section != .agents else {
            throw DeskEditRefusal(.invalid, ["a login stays what it is; add another account and remove this one"])
        }
        var desk = try read(tree, edit)
        desk.rename(edit.section, name, to: new)
        guard let root = YAMLSource(DeskFile.write(desk)).root, let renamed = DeskTree(root) else {
            throw DeskEditRefusal(.invalid, ["\"\(new)\" cannot be a name"])
        }
        return try read(renamed, edit)
    }

    private func read(_ tree: DeskTree, _ edit: DeskEdit) throws(DeskEditRefusal) -> DeskDefinition {
        let (desk, problems) = DeskFile.parse(
            tree.root, fileName: "desk", capabilities: capabilities, patterns: patterns)
        if let desk { return desk }
        // What only follows from a bad new name says nothing new.
        let first = problems.filter { !$0.reason.hasPrefix("no \(edit.section.word) is named") }
        let told = edit.isRename && !first.isEmpty ? first : problems
        throw DeskEditRefusal(.invalid, told.map { tree.sentence($0, about: edit) })
    }
}

extension DeskEdit {
    fileprivate var isRename: Bool { if case .rename = action { true } else { false } }
}
