import Desk
import MailTypes

extension DeskReader {
    mutating func readRules(_ field: Field) -> [RuleDefinition] { field.items.compactMap { readRule($0) } }

    private mutating func readRule(_ field: Field) -> RuleDefinition? {
        guard var part = field.mapping else { return nil }
        let nameField = part.require("name", "give the rule a name: the log and `why` tell it")
        let name = nameField?.name
        if let nameField, let name { rules.declare(name, at: nameField) }
        var rule = RuleDefinition(name: name ?? "", then: [])
        if let when = part.take("when") { rule.when = condition(when, depth: 0) ?? rule.when }
        if let then = part.require("then", "say what is done: { folder: Systems, stop: true }") {
            readActions(then, into: &rule)
        }
        part.finish()
        return name == nil ? nil : rule
    }

    /// One mapping, or a list of mappings where an action is wanted twice.
    private func readActions(_ field: Field, into rule: inout RuleDefinition) {
        let parts = field.itemsOrSelf
        if parts.isEmpty { field.report("does nothing", "name at least one action") }
        for part in parts {
            guard let mapping = part.mapping else { continue }
            if mapping.entries.isEmpty { part.report("does nothing", "name at least one action") }
            for (key, value) in mapping.entries where !value.isNull || reportEmpty(value) {
                if key == "stop" {
                    rule.stop = value.boolean ?? rule.stop
                } else {
                    rule.then += actions(key, value)
                }
            }
        }
    }

    private func reportEmpty(_ field: Field) -> Bool {
        field.report("is empty", "give it a value or leave the key out")
        return false
    }

    private static let actionKeys = [
        "folder", "pool", "group", "agent", "priority", "category", "tag", "status", "customer", "autoReply", "forward",
        "copy", "reject", "spam", "stop",
    ]

    private func actions(_ key: String, _ field: Field) -> [RuleAction] {
        func one(_ action: RuleAction?) -> [RuleAction] { action.map { [$0] } ?? [] }
        switch key {
        case "folder": return one(folders.resolve(field).map { .folder($0) })
        case "pool": return one(pools.resolve(field).map { .pool($0) })
        case "group": return one(groups.resolve(field).map { .group($0) })
        case "agent": return one(agents.resolve(field).map { .agent($0) })
        case "priority": return one(field.word(Priority.self).map { .priority($0) })
        case "category": return one(field.line.map { .category($0) })
        case "tag": return field.itemsOrSelf.compactMap(tag).map { .tag($0) }
        case "status": return one(field.word(RuleAction.Status.self).map { .status($0) })
        case "customer": return customerFields(field)
        case "autoReply": return one(autoReply(field).map { .autoReply($0) })
        case "forward": return one(addresses(field).map { .forward($0) })
        case "copy": return one(addresses(field).map { .copy($0) })
        case "reject": return one(rejection(field))
        case "spam":
            guard let isSpam = field.boolean else { return [] }
            if !isSpam { field.report("false means nothing here", "write true or leave the key out") }
            return isSpam ? [.spam] : []
        default:
            reportUnknown(key, field, among: Self.actionKeys)
            return []
        }
    }

    private func reportUnknown(_ key: String, _ field: Field, among keys: [String]) {
        let position = file.positions[field.path] ?? field.position
        file.report(position, key: field.path, "unknown key", Spelling.hint(for: key, among: keys))
    }

    /// A case's tag becomes an IMAP keyword, whatever characters it has; a backslash would make it a system flag.
    private func tag(_ field: Field) -> String? {
        guard let text = field.line else { return nil }
        guard !text.hasPrefix("\\"), text.utf8.count <= 100 else {
            field.report("\(field.shown(text)) cannot be a tag", "a tag has at most 100 octets and no \\ in front")
            return nil
        }
        return text
    }

    private func customerFields(_ field: Field) -> [RuleAction] {
        guard let mapping = field.mapping else { return [] }
        return mapping.entries.compactMap { name, value in
            guard Field.isName(name) else {
                value.report("is no name of a customer's field", "names have at most 100 octets and no / * %")
                return nil
            }
            guard let text = value.line else { return nil }
            guard CustomerField(name) != .address else {
                value.report("is no field that a rule sets", "a customer's addresses are those of the mail")
                return nil
            }
            guard text.utf8.count <= 1000 else {
                value.report("is longer than 1000 octets", "a rule sets short values; write more by hand")
                return nil
            }
            return .customerField(name: name, value: text)
        }
    }

    private func addresses(_ field: Field) -> [EmailAddress]? {
        let addresses = field.itemsOrSelf.compactMap(\.emailAddress)
        if field.isEmpty { field.report("is empty", "name at least one address") }
        return addresses.isEmpty ? nil : addresses
    }

    /// The sentence goes into an SMTP reply, which is ASCII (RFC 5321 §4.2).
    private func rejection(_ field: Field) -> RuleAction? {
        guard let text = field.line else { return nil }
        guard text.utf8.count <= 400, text.utf8.allSatisfy({ $0 < 0x80 }) else {
            field.report("is longer than 400 octets or not ASCII", "the sentence goes into an SMTP reply")
            return nil
        }
        return .reject(text)
    }
}
