/// The kinds of named parts of a desk; the raw value is the key of the desk file that holds them.
package enum DeskSection: String, CaseIterable, Sendable, Codable {
    case pools, agents, groups, departments, templates, rules, folders, calendars, dictionaries

    /// One of them, as users read it.
    package var word: String { self == .dictionaries ? "dictionary" : String(rawValue.dropLast()) }
}

/// A change of one named part of the desk, as data: what the command line, the console and an IMAP client's CREATE,
/// RENAME and DELETE under Folders/ have in common. Whether it makes sense is found by reading the changed desk.
package struct DeskEdit: Sendable, Equatable, Codable {
    /// What happens to the part.
    package enum Action: Sendable, Equatable, Codable {
        /// A part of this name is new, or was removed before and comes back.
        case add([DeskAssignment])
        case set([DeskAssignment])
        /// Takes it out of the desk. Nothing of its history is deleted; an agent stays as an inactive account.
        case remove
        /// Everything that names it follows.
        case rename(to: String)
    }

    package var section: DeskSection
    /// The part's name, an agent's login; found in any spelling that folds the same.
    package var name: String
    package var action: Action
    /// Where the part is to stand among its kind, from 1; `nil`: where it is, a new one last. Rules are asked in order.
    package var position: Int?

    package init(_ section: DeskSection, _ name: String, _ action: Action, position: Int? = nil) {
        (self.section, self.name, self.action, self.position) = (section, name, action, position)
    }
}

/// A key of a part with what is to be done to its value.
package struct DeskAssignment: Sendable, Equatable, Codable {
    package enum Value: Sendable, Equatable, Codable {
        /// As it could stand in the desk file: `4h`, `[ a, b ]`, `{ mon-fri: "08:00-16:00" }`.
        case yaml(String)
        /// This text as it is.
        case text(String)
    }
    package enum Operation: Sendable, Equatable, Codable {
        case set(Value)
        /// To a list.
        case append(Value)
        /// Out of a list or a mapping.
        case drop(Value)
        /// The key goes.
        case unset
    }

    /// The key, with dots into what it holds: `members.agent1@acme.example`, `when.header.Subject`. What follows a dot
    /// and holds an `@` is one key, as is what stands in double quotes.
    package var path: String
    package var operation: Operation

    package init(_ path: String, _ operation: Operation) { (self.path, self.operation) = (path, operation) }
}

/// Why an edit is refused: a sentence for each problem, with what would be right.
package struct DeskEditRefusal: Error, Sendable, Equatable {
    package enum Reason: Sendable, Equatable {
        /// There is no part of that name.
        case unknown
        /// There is one already.
        case exists
        /// The desk would not be a good one.
        case invalid
    }
    package var reason: Reason
    package var sentences: [String]

    package init(_ reason: Reason, _ sentences: [String]) { (self.reason, self.sentences) = (reason, sentences) }
}
