package import MailTypes

/// What the rules together want of a mail.
package struct RuleVerdict: Equatable, Sendable {
    /// The names of the rules that held, in order.
    package var rules: [String] = []
    package var folder: String?
    package var pool: String?
    /// An agent's login, or a group: of both the later one counts.
    package var assignment: Assignment?
    package var priority: Priority?
    package var category: String?
    package var tags: [String] = []
    package var status: RuleAction.Status?
    package var customerFields: [(name: String, value: String)] = []
    package var autoReply: AutoReplyChoice?
    package var forward: [EmailAddress] = []
    package var copy: [EmailAddress] = []
    /// The sentence of the first rule that refuses the mail.
    package var rejection: String?
    /// Rules whose expressions took more than they may: they did not hold, and somebody should look.
    package var exhausted: [String] = []

    /// Who gets the case.
    package enum Assignment: Equatable, Sendable {
        case agent(String)
        case group(String)
    }

    package init() {}

    /// A later action of the same kind replaces an earlier one; tags and addresses add up.
    mutating func add(_ action: RuleAction) {
        switch action {
        case .folder(let name): folder = name
        case .pool(let name): pool = name
        case .group(let name): assignment = .group(name)
        case .agent(let login): assignment = .agent(login)
        case .priority(let value): priority = value
        case .category(let name): category = name
        case .tag(let name): if !tags.contains(name) { tags.append(name) }
        case .status(let value): status = value
        case .customerField(let name, let value):
            customerFields.removeAll { $0.name == name }
            customerFields.append((name, value))
        case .autoReply(let choice): autoReply = choice
        case .forward(let addresses): forward += addresses.filter { !forward.contains($0) }
        case .copy(let addresses): copy += addresses.filter { !copy.contains($0) }
        case .reject(let sentence): if rejection == nil { rejection = sentence }
        case .spam: status = .spam
        }
    }

    package static func == (left: RuleVerdict, right: RuleVerdict) -> Bool {
        left.rules == right.rules && left.folder == right.folder && left.pool == right.pool
            && left.assignment == right.assignment && left.priority == right.priority && left.category == right.category
            && left.tags == right.tags && left.status == right.status && left.autoReply == right.autoReply
            && left.forward == right.forward && left.copy == right.copy && left.rejection == right.rejection
            && left.exhausted == right.exhausted
            && left.customerFields.map(\.name) == right.customerFields.map(\.name)
            && left.customerFields.map(\.value) == right.customerFields.map(\.value)
    }
}
