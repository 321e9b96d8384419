import Desk
import Foundation
import Settings

/// The commands about one kind of named parts: `stempel pool list|show|add|set|rename|remove`.
package struct PartCommands: Sendable {
    private let desk: CommandLineDesk
    private let section: DeskSection

    /// `word`: `pool`, `agent`, `group`, `department`, `template`, `rule`, `folder`, `calendar`, `dictionary`.
    package init(configuration: String, word: String) {
        desk = CommandLineDesk(configuration: configuration)
        guard let section = DeskSection.allCases.first(where: { $0.word == word }) else {
            preconditionFailure("\(word) is no kind of part")
        }
        self.section = section
    }

    package func list(isJSON: Bool) async throws -> String {
        try await desk.perform(.parts(section, name: nil, isJSON: isJSON))
    }

    package func show(_ name: String, isJSON: Bool) async throws -> String {
        try await desk.perform(.parts(section, name: name, isJSON: isJSON))
    }

    package func add(_ name: String, _ arguments: [String], at position: Int?, isJSON: Bool) async throws -> String {
        try await edit(name, .add(try assignments(arguments)), position, isJSON)
    }

    package func set(_ name: String, _ arguments: [String], at position: Int?, isJSON: Bool) async throws -> String {
        let assignments = try assignments(arguments)
        if section == .agents, assignments.contains(where: { $0.path == "initialPassword" }) {
            throw CommandFailure(
                .dataError,
                "initialPassword: counts for a new account only; stempel agent password gives a new password")
        }
        return try await edit(name, .set(assignments), position, isJSON)
    }

    package func rename(_ name: String, to new: String, isJSON: Bool) async throws -> String {
        try await edit(name, .rename(to: new), nil, isJSON)
    }

    package func remove(_ name: String, isJSON: Bool) async throws -> String {
        let said = try await edit(name, .remove, nil, false)
        return isJSON ? CommandJSON.text(RemovedPart(name: name)) : said
    }

    /// What `remove --json` says.
    private struct RemovedPart: Encodable {
        let name: String
        var removed = true
    }

    private func edit(_ name: String, _ action: DeskEdit.Action, _ position: Int?, _ isJSON: Bool) async throws
        -> String
    {
        try await desk.perform(.edit(DeskEdit(section, name, action, position: position), isJSON: isJSON))
    }

    // MARK: - Arguments

    /// `KEY=VALUE` sets, `KEY+=VALUE` adds to a list, `KEY-=VALUE` takes out of one, `KEY=` removes the key, `KEY=@FILE` takes
    /// the text of a file, `KEY` alone that of standard input. A secret is never an argument: others could see it.
    private func assignments(_ arguments: [String]) throws -> [DeskAssignment] {
        var isInputTaken = false
        func input() throws -> String {
            guard !isInputTaken else {
                throw CommandFailure(.dataError, "standard input can be the value of one key only")
            }
            isInputTaken = true
            return String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
        }
        return try arguments.map { argument in
            guard let sign = argument.firstIndex(of: "=") else {
                return DeskAssignment(argument, .set(.text(Self.text(try input(), of: argument))))
            }
            var key = String(argument[..<sign])
            let value = String(argument[argument.index(after: sign)...])
            let kind = key.last
            if kind == "+" || kind == "-" { key.removeLast() }
            if key == "initialPassword", value != "@-", !value.hasPrefix("@/") {
                throw CommandFailure(
                    .dataError,
                    "initialPassword: others could see it here; write the word alone and give it on standard input")
            }
            let found: DeskAssignment.Value
            if value == "@-" {
                found = .text(Self.text(try input(), of: key))
            } else if value.hasPrefix("@") {
                found = .text(Self.text(try Self.file(String(value.dropFirst())), of: key))
            } else {
                found = .yaml(value)
            }
            switch kind {
            case "+": return DeskAssignment(key, .append(found))
            case "-": return DeskAssignment(key, .drop(found))
            default: return DeskAssignment(key, value.isEmpty ? .unset : .set(found))
            }
        }
    }

    /// A password is one line.
    private static func text(_ text: String, of key: String) -> String {
        key == "initialPassword" ? String(text.prefix { $0 != "\n" && $0 != "\r\n" }) : text
    }

    private static func file(_ path: String) throws -> String {
        switch TextFile.read(path: path) {
        case .success(let text): return text
        case .failure(let problem): throw CommandFailure(.noInput, problem.description)
        }
    }
}
