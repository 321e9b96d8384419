import Yams

/// The YAML of a file as a tree with marks. YAML stops at the first repeated key of a mapping; since all problems of a
/// file are told together, a repeated key is renamed in place to a private-use character and read on.
struct YAMLSource {
    /// A key that stands twice: its place, and the name it had.
    struct RepeatedKey {
        var position: Position
        var name: String
    }

    var root: Node?
    var repeatedKeys: [RepeatedKey] = []
    /// What made the text no YAML at all.
    var failure: (position: Position?, reason: String)?

    /// Larger texts are refused unread.
    static let maximumLength = 4 << 20

    init(_ text: String) {
        guard text.utf8.count <= Self.maximumLength else {
            failure = (nil, "is larger than 4 MiB")
            return
        }
        var scalars = Array(text.unicodeScalars)
        while failure == nil, root == nil {
            do throws(YAMLFailure) {
                guard let node = try Self.compose(scalars) else { return }
                root = node
            } catch {
                guard let name = error.repeatedKey, let position = error.position, repeatedKeys.count < 100,
                    Self.rename(at: position, to: repeatedKeys.count, in: &scalars)
                else {
                    failure = (error.position, error.reason)
                    return
                }
                repeatedKeys.append(RepeatedKey(position: position, name: name))
            }
        }
    }

    fileprivate struct YAMLFailure: Error {
        var position: Position?
        var reason: String
        var repeatedKey: String?
    }

    private static func compose(_ scalars: [Unicode.Scalar]) throws(YAMLFailure) -> Node? {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        do {
            return try Yams.compose(yaml: String(view), .basic, .default, .utf8)
        } catch let error as YamlError {
            throw YAMLFailure(error)
        } catch {
            throw YAMLFailure(position: nil, reason: "is not YAML")
        }
    }

    /// Puts a private-use character into the first place of the key's name; columns stay as they are.
    private static func rename(at position: Position, to number: Int, in scalars: inout [Unicode.Scalar]) -> Bool {
        guard var index = index(of: position, in: scalars) else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        guard index < scalars.count, let substitute = Unicode.Scalar(0xE000 + UInt32(number)),
            !"&!?*|>{[%@`\n\"'".unicodeScalars.contains(scalars[index])
        else { return false }
        scalars[index] = substitute
        return true
    }

    /// Where a line and column stand, with the line breaks of YAML 1.1 §4.2.
    private static func index(of position: Position, in scalars: [Unicode.Scalar]) -> Int? {
        var line = 1
        var column = 1
        for index in scalars.indices {
            if line == position.line, column == position.column { return index }
            switch scalars[index] {
            case "\r" where index + 1 < scalars.count && scalars[index + 1] == "\n": column += 1
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": (line, column) = (line + 1, 1)
            case "\u{FEFF}" where index == 0: break
            default: column += 1
            }
            guard line <= position.line else { return nil }
        }
        return nil
    }
}

/// A place in a file, counted from 1.
package struct Position: Hashable, Comparable, Sendable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }

    package static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

extension YAMLSource.YAMLFailure {
    fileprivate init(_ error: YamlError) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let where_ = context.map { " (\($0.text))" } ?? ""
            self.init(position: Position(mark), reason: "is not YAML: \(problem)\(where_)")
        case .reader(let problem, _, _, _): self.init(position: nil, reason: "is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            self.init(
                position: Position(context.mark), reason: "the key \"\(keys.first ?? "")\" stands twice",
                repeatedKey: keys.first)
        default: self.init(position: nil, reason: "is not YAML")
        }
    }
}
