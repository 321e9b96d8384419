extension CommandParser {
    /// NOTIFY (RFC 5465 §8).
    mutating func notify() throws(SyntaxError) -> NotifyCommand {
        try space()
        if takeWord("NONE") { return .none }
        guard takeWord("SET") else { throw SyntaxError("Expected SET or NONE") }
        try space()
        let tellsStatus = takeWord("STATUS")
        if tellsStatus { try space() }
        var groups: [EventGroup] = []
        repeat {
            guard groups.count < limits.listCount else { throw SyntaxError("List too long") }
            groups.append(try eventGroup())
        } while takeSpaceBeforeMore()
        guard groups.count(where: \.filter.isOfSelected) <= 1 else {
            throw SyntaxError("The selected mailbox can be in one group only")
        }
        return .set(tellsStatus: tellsStatus, groups)
    }

    private mutating func eventGroup() throws(SyntaxError) -> EventGroup {
        try expect("(")
        var group = EventGroup(try mailboxFilter(), [])
        try space()
        if !takeWord("NONE") {
            try list { (parser: inout CommandParser) throws(SyntaxError) in try parser.event(into: &group) }
            guard !group.events.isEmpty else { throw SyntaxError("Expected an event") }
        }
        try expect(")")
        try check(group)
        return group
    }

    private mutating func mailboxFilter() throws(SyntaxError) -> EventGroup.Filter {
        switch try word() {
        case "SELECTED": return .selected
        case "SELECTED-DELAYED": return .selectedDelayed
        case "INBOXES": return .inboxes
        case "PERSONAL": return .personal
        case "SUBSCRIBED": return .subscribed
        case "SUBTREE":
            try space()
            return .subtree(try oneOrMoreMailboxes())
        case "MAILBOXES":
            try space()
            return .mailboxes(try oneOrMoreMailboxes())
        default: throw SyntaxError("Unknown choice of mailboxes")
        }
    }

    /// One or more mailboxes; wildcards in them mean nothing (§6.6).
    private mutating func oneOrMoreMailboxes() throws(SyntaxError) -> [MailboxName] {
        guard next == UInt8(ascii: "(") else { return [try mailbox()] }
        var names: [MailboxName] = []
        try list { (parser: inout CommandParser) throws(SyntaxError) in names.append(try parser.mailbox()) }
        guard !names.isEmpty else { throw SyntaxError("Expected a mailbox") }
        return names
    }

    private mutating func event(into group: inout EventGroup) throws(SyntaxError) {
        let name = try word()
        guard let known = MailboxEvents.names.first(where: { $0.name.uppercased() == name }) else {
            // Well formed and not supported: NO, with what is (§3.1).
            throw SyntaxError(.no("Unknown event", .badEvent(.all)))
        }
        group.events.insert(known.event)
        guard known.event == .messageNew, next == UInt8(ascii: " "), peek(1) == UInt8(ascii: "(") else { return }
        try space()
        group.fetchItems = try fetchItemList()
    }

    /// What the grammar leaves to prose (§5, §8).
    private func check(_ group: EventGroup) throws(SyntaxError) {
        let events = group.events
        guard events.contains(.messageNew) == events.contains(.messageExpunge) else {
            throw SyntaxError("MessageNew and MessageExpunge go together")
        }
        guard !events.contains(.flagChange) || events.contains(.messageNew) else {
            throw SyntaxError("FlagChange needs MessageNew and MessageExpunge")
        }
        if group.filter.isOfSelected {
            guard events.isSubset(of: .ofMessages) else {
                throw SyntaxError("Only events of messages can be asked for of the selected mailbox")
            }
        } else {
            guard group.fetchItems.isEmpty else {
                throw SyntaxError("Items can be asked for of the selected mailbox only")
            }
        }
    }
}
