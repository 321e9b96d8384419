import MailTypes

extension DeskDefinition {
    /// Gives a part another name, and lets everything that names it follow. `name` is spelled as the part spells itself.
    package mutating func rename(_ section: DeskSection, _ name: String, to new: String) {
        func follow(_ other: inout String) { if other == name { other = new } }
        func follow(_ other: inout String?) { if other == name { other = new } }
        switch section {
        case .pools:
            for index in pools.indices { follow(&pools[index].name) }
            follow(&postmaster)
        case .agents:
            for index in agents.indices { follow(&agents[index].login) }
            for index in groups.indices {
                for place in groups[index].members.indices { follow(&groups[index].members[place]) }
            }
            for index in pools.indices {
                for place in pools[index].members.indices { follow(&pools[index].members[place].login) }
                for place in pools[index].supervisors.indices { follow(&pools[index].supervisors[place]) }
            }
        case .groups: for index in groups.indices { follow(&groups[index].name) }
        case .departments: for index in departments.indices { follow(&departments[index].name) }
        case .folders: for index in folders.indices { follow(&folders[index]) }
        case .rules: for index in rules.indices { follow(&rules[index].name) }
        case .templates:
            for index in templates.indices { follow(&templates[index].name) }
            for index in departments.indices { follow(&departments[index].remind) }
            for index in pools.indices { pools[index].renameTemplate(name, to: new) }
        case .calendars:
            for index in calendars.indices { follow(&calendars[index].name) }
            for index in pools.indices { follow(&pools[index].calendar) }
            for index in departments.indices { follow(&departments[index].calendar) }
        case .dictionaries:
            for index in dictionaries.indices { follow(&dictionaries[index].name) }
            for index in pools.indices { pools[index].renameDictionary(name, to: new) }
        }
        for index in rules.indices {
            rules[index].when = rules[index].when.renaming(section, name, to: new)
            rules[index].then = rules[index].then.map { $0.renaming(section, name, to: new) }
        }
    }
}

extension PoolDefinition {
    fileprivate mutating func renameDictionary(_ name: String, to new: String) {
        func rename(_ questions: inout [QuestionDefinition]) {
            for index in questions.indices where questions[index].kind == .choice(.dictionary(name)) {
                questions[index].kind = .choice(.dictionary(new))
            }
        }
        rename(&questions)
        for index in addresses.indices { rename(&addresses[index].questions) }
    }

    fileprivate mutating func renameTemplate(_ name: String, to new: String) {
        func renamed(_ choice: AutoReplyChoice?) -> AutoReplyChoice? {
            choice == .template(name) ? .template(new) : choice
        }
        if closingMail == name { closingMail = new }
        (autoReply, autoReplyClosed) = (renamed(autoReply), renamed(autoReplyClosed))
        for index in addresses.indices {
            addresses[index].autoReply = renamed(addresses[index].autoReply)
            addresses[index].autoReplyClosed = renamed(addresses[index].autoReplyClosed)
        }
    }
}

extension RuleCondition {
    fileprivate func renaming(_ section: DeskSection, _ name: String, to new: String) -> RuleCondition {
        switch self {
        case .all(let parts): .all(parts.map { $0.renaming(section, name, to: new) })
        case .any(let parts): .any(parts.map { $0.renaming(section, name, to: new) })
        case .not(let part): .not(part.renaming(section, name, to: new))
        case .pool(name) where section == .pools: .pool(new)
        case .calendar(name, let isOpen) where section == .calendars: .calendar(new, isOpen: isOpen)
        default: self
        }
    }
}

extension RuleAction {
    fileprivate func renaming(_ section: DeskSection, _ name: String, to new: String) -> RuleAction {
        switch (section, self) {
        case (.folders, .folder(name)): .folder(new)
        case (.pools, .pool(name)): .pool(new)
        case (.groups, .group(name)): .group(new)
        case (.agents, .agent(name)): .agent(new)
        case (.templates, .autoReply(.template(name))): .autoReply(.template(new))
        default: self
        }
    }
}
