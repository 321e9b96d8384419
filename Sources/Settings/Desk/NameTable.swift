import Desk
import MailTypes

/// The declared names of one kind of desk part: unique after folding, found in any spelling.
struct NameTable {
    /// `pool`, `template`: for a problem's text.
    let kind: String
    private(set) var names: [String] = []
    private var spellings: [String: (name: String, position: Position)] = [:]

    init(kind: String) { self.kind = kind }

    /// Enters a name; reports it if one that folds the same is there.
    mutating func declare(_ name: String, at field: Field) {
        let folded = foldedName(name)
        if let other = spellings[folded] {
            field.report(
                "another \(kind) is named \"\(other.name)\" (line \(other.position.line))",
                "every \(kind) needs a name of its own, whatever the case of its letters")
            return
        }
        spellings[folded] = (name, field.position)
        names.append(name)
    }

    /// The declared spelling of a name that refers to this kind; reports it if nothing is named so.
    func resolve(_ name: String, at field: Field) -> String? {
        if let found = spellings[foldedName(name)] { return found.name }
        let remedy = Spelling.hint(for: name, among: names) ?? "declare it in this file"
        field.report("no \(kind) is named \(field.shown(name))", remedy)
        return nil
    }

    /// The declared spelling of the name in a field.
    func resolve(_ field: Field) -> String? { field.line.flatMap { resolve($0, at: field) } }
}
