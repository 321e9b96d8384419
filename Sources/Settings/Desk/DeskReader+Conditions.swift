import Desk

extension DeskReader {
    /// How deep `any`, `all` and `not` may be nested.
    private static let maximumDepth = 20

    private static let conditionKeys = [
        "all", "any", "not", "header", "from", "to", "envelopeFrom", "envelopeTo", "subject", "body", "size",
        "attachment", "list", "autoSubmitted", "authentication", "pool", "customer", "time", "calendar",
    ]

    /// A mapping of conditions, all of which must hold.
    func condition(_ field: Field, depth: Int) -> RuleCondition? {
        guard depth < Self.maximumDepth else {
            field.report("is nested too deep", "use at most \(Self.maximumDepth) levels")
            return nil
        }
        guard let mapping = field.mapping else { return nil }
        guard !mapping.entries.isEmpty else {
            field.report("holds no condition", "name one such as { subject: refund }")
            return nil
        }
        let parts = mapping.entries.flatMap { key, value in conditions(key, value, depth: depth) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private func conditions(_ key: String, _ field: Field, depth: Int) -> [RuleCondition] {
        if field.isNull, Self.conditionKeys.contains(key) {
            field.report("is empty", "give it a value or leave the key out")
            return []
        }
        switch key {
        case "all": return list(field, depth: depth).map { [.all($0)] } ?? []
        case "any": return list(field, depth: depth).map { [.any($0)] } ?? []
        case "not": return condition(field, depth: depth + 1).map { [.not($0)] } ?? []
        case "header": return headers(field)
        case "from": return patterns(field) { .from($0) }
        case "to": return patterns(field) { .to($0) }
        case "envelopeFrom": return patterns(field) { .envelopeFrom($0) }
        case "envelopeTo": return patterns(field) { .envelopeTo($0) }
        case "subject": return patterns(field) { .subject($0) }
        case "body": return patterns(field) { .body($0) }
        case "size": return size(field)
        case "attachment": return attachment(field)
        case "list":
            if isBoolean(field) { return flag(field) { .isFromList($0) } }
            return patterns(field) { .list($0) }
        case "autoSubmitted": return flag(field) { .autoSubmitted($0) }
        case "authentication": return authentication(field)
        case "pool": return pools.resolve(field).map { [.pool($0)] } ?? []
        case "customer": return customer(field)
        case "time": return time(field)
        case "calendar": return calendar(field)
        default:
            let position = file.positions[field.path] ?? field.position
            let hint = Spelling.hint(for: key, among: Self.conditionKeys)
            file.report(position, key: field.path, "unknown key", hint)
            return []
        }
    }

    private func list(_ field: Field, depth: Int) -> [RuleCondition]? {
        let items = field.items
        if field.isEmpty { field.report("holds no condition", "name one such as { subject: refund }") }
        let parts = items.compactMap { condition($0, depth: depth + 1) }
        return parts.isEmpty ? nil : parts
    }

    /// One pattern, or a list of which any may match.
    private func patterns(_ field: Field, _ make: (TextPattern) -> RuleCondition) -> [RuleCondition] {
        let items = field.itemsOrSelf
        if field.isEmpty { field.report("is empty", "name at least one pattern") }
        let found = items.compactMap(pattern).map(make)
        return found.count > 1 || (field.isSequence && !found.isEmpty) ? [.any(found)] : found
    }

    /// `text`, `gl*b` or `/regular expression/`.
    private func pattern(_ field: Field) -> TextPattern? {
        guard let text = field.line else { return nil }
        guard text.utf8.count <= 1000 else {
            field.report("is longer than 1000 octets", "use a shorter pattern")
            return nil
        }
        guard text.hasPrefix("/") else { return text.contains("*") ? .glob(text) : .text(text) }
        guard text.hasSuffix("/"), text.utf8.count > 2 else {
            field.report(
                "\(field.shown(text)) is no whole regular expression", "write it between two slashes: /^auto-/")
            return nil
        }
        let expression = String(text.dropFirst().dropLast())
        if let fault = fault(of: expression) {
            field.report(
                "\(field.shown(text)) is no regular expression: \(fault.description) at octet \(fault.offset)",
                "mend it; a \\ before a sign takes its meaning away")
            return nil
        }
        return .regularExpression(expression)
    }

    private func headers(_ field: Field) -> [RuleCondition] {
        guard let mapping = field.mapping else { return [] }
        if mapping.entries.isEmpty { field.report("names no header field", "write { Auto-Submitted: \"/^auto-/\" }") }
        return mapping.entries.flatMap { name, value in
            // RFC 5322 §3.6.8: printable ASCII without colon.
            if !(1...100).contains(name.utf8.count)
                || !name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
            {
                value.report("is no name of a header field", "write one such as Auto-Submitted")
            }
            return patterns(value) { .header(name: name, $0) }
        }
    }

    private func isBoolean(_ field: Field) -> Bool {
        ["true", "false", "True", "False"].contains(field.singleValue)
    }

    private func flag(_ field: Field, _ make: (Bool) -> RuleCondition) -> [RuleCondition] {
        field.boolean.map { [make($0)] } ?? []
    }

    private func size(_ field: Field) -> [RuleCondition] {
        guard var part = field.mapping else { return [] }
        let over = part.take("over")?.byteCount(in: 0...(1 << 40)).map { RuleCondition.sizeOver($0) }
        let under = part.take("under")?.byteCount(in: 0...(1 << 40)).map { RuleCondition.sizeUnder($0) }
        part.finish()
        if part.entries.isEmpty { field.report("holds no size", "write { over: 5MB } or { under: 5MB }") }
        return [over, under].compactMap { $0 }
    }

    /// `true`, a name, or `{ name: "*.exe", type: application/* }`.
    private func attachment(_ field: Field) -> [RuleCondition] {
        if isBoolean(field) { return flag(field) { .hasAttachment($0) } }
        guard field.isMapping else { return patterns(field) { .attachmentName($0) } }
        guard var part = field.mapping else { return [] }
        let names = part.take("name").map { patterns($0) { .attachmentName($0) } } ?? []
        let types = part.take("type").map { patterns($0) { .attachmentType($0) } } ?? []
        part.finish()
        if part.entries.isEmpty { field.report("asks for nothing", "write { name: \"*.exe\" } or true") }
        return names + types
    }

    private func authentication(_ field: Field) -> [RuleCondition] {
        guard var part = field.mapping else { return [] }
        let results = AuthenticationMethod.allCases.compactMap { method in
            part.take(method.rawValue)?.word(AuthenticationVerdict.self).map {
                RuleCondition.authentication(method, $0)
            }
        }
        part.finish()
        if part.entries.isEmpty { field.report("asks for nothing", "write { dmarc: fail }") }
        return results
    }

    private enum Acquaintance: String, CaseIterable { case known, unknown }

    private func customer(_ field: Field) -> [RuleCondition] {
        field.word(Acquaintance.self).map { [.customerIsKnown($0 == .known)] } ?? []
    }

    private func time(_ field: Field) -> [RuleCondition] {
        guard field.isMapping else {
            let hours = timeSpans(field)
            return hours.isEmpty ? [] : [.time(days: [], hours: hours)]
        }
        guard var part = field.mapping else { return [] }
        let daysField = part.take("days")
        let days = daysField.flatMap { field in field.line.map { weekdays($0, at: field) } } ?? []
        let hours = part.take("hours").map { timeSpans($0) } ?? []
        part.finish()
        if part.entries.isEmpty { field.report("asks for nothing", "write { days: mon-fri, hours: \"08:00-16:00\" }") }
        return [.time(days: days, hours: hours)]
    }

    private enum Opening: String, CaseIterable { case open, closed }

    private func calendar(_ field: Field) -> [RuleCondition] {
        guard let mapping = field.mapping else { return [] }
        if mapping.entries.isEmpty { field.report("asks for nothing", "write { office: closed }") }
        return mapping.entries.compactMap { key, value in
            let name = calendars.resolve(key, at: value)
            let opening = value.word(Opening.self)
            guard let name, let opening else { return nil }
            return .calendar(name, isOpen: opening == .open)
        }
    }
}
