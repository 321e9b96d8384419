import Desk
import MailTypes

/// Writes a rule: conditions and actions in flow style, actions as a list where one kind stands twice.
enum RuleWriter {
    static func rule(_ rule: RuleDefinition) -> YAMLText {
        var part: [(String, YAMLText)] = [("name", .scalar(rule.name))]
        if rule.when != .all([]) { part.append(("when", .flowMapping([condition(rule.when)]))) }
        var actions = rule.then.map(action)
        if rule.stop { actions.append(("stop", DeskWriter.boolean(true))) }
        let areDistinct = Set(actions.map(\.0)).count == actions.count
        part.append(("then", areDistinct ? .flowMapping(actions) : .flowList(actions.map { .flowMapping([$0]) })))
        return .mapping(part)
    }

    private static func condition(_ condition: RuleCondition) -> (String, YAMLText) {
        switch condition {
        case .all(let parts): ("all", list(parts))
        case .any(let parts): ("any", list(parts))
        case .not(let part): ("not", .flowMapping([self.condition(part)]))
        case .header(let name, let pattern): ("header", .flowMapping([(name, text(pattern))]))
        case .from(let pattern): ("from", text(pattern))
        case .to(let pattern): ("to", text(pattern))
        case .envelopeFrom(let pattern): ("envelopeFrom", text(pattern))
        case .envelopeTo(let pattern): ("envelopeTo", text(pattern))
        case .subject(let pattern): ("subject", text(pattern))
        case .body(let pattern): ("body", text(pattern))
        case .sizeOver(let count): ("size", .flowMapping([("over", .scalar(Quantities.text(byteCount: count)))]))
        case .sizeUnder(let count): ("size", .flowMapping([("under", .scalar(Quantities.text(byteCount: count)))]))
        case .hasAttachment(let has): ("attachment", DeskWriter.boolean(has))
        case .attachmentName(let pattern): ("attachment", .flowMapping([("name", text(pattern))]))
        case .attachmentType(let pattern): ("attachment", .flowMapping([("type", text(pattern))]))
        case .isFromList(let isFromList): ("list", DeskWriter.boolean(isFromList))
        case .list(let pattern): ("list", text(pattern))
        case .autoSubmitted(let isAutomatic): ("autoSubmitted", DeskWriter.boolean(isAutomatic))
        case .authentication(let method, let verdict):
            ("authentication", .flowMapping([(method.rawValue, .scalar(verdict.rawValue))]))
        case .pool(let name): ("pool", .scalar(name))
        case .customerIsKnown(let isKnown): ("customer", .scalar(isKnown ? "known" : "unknown"))
        case .time(let days, let hours): ("time", time(days, hours))
        case .calendar(let name, let isOpen): ("calendar", .flowMapping([(name, .scalar(isOpen ? "open" : "closed"))]))
        }
    }

    private static func list(_ parts: [RuleCondition]) -> YAMLText {
        .flowList(parts.map { .flowMapping([condition($0)]) })
    }

    private static func text(_ pattern: TextPattern) -> YAMLText {
        switch pattern {
        case .text(let text), .glob(let text): .scalar(text)
        case .regularExpression(let expression): .scalar("/\(expression)/")
        }
    }

    private static func time(_ days: [Weekday], _ hours: [TimeSpan]) -> YAMLText {
        var part: [(String, YAMLText)] = []
        if !days.isEmpty { part.append(("days", .scalar(Quantities.text(days)))) }
        if !hours.isEmpty { part.append(("hours", .flowList(hours.map { .scalar(Quantities.text($0)) }))) }
        return .flowMapping(part)
    }

    private static func action(_ action: RuleAction) -> (String, YAMLText) {
        switch action {
        case .folder(let name): ("folder", .scalar(name))
        case .pool(let name): ("pool", .scalar(name))
        case .group(let name): ("group", .scalar(name))
        case .agent(let login): ("agent", .scalar(login))
        case .priority(let priority): ("priority", .scalar(priority.rawValue))
        case .category(let name): ("category", .scalar(name))
        case .tag(let name): ("tag", .scalar(name))
        case .status(let status): ("status", .scalar(status.rawValue))
        case .customerField(let name, let value): ("customer", .flowMapping([(name, .scalar(value))]))
        case .autoReply(let choice): ("autoReply", DeskWriter.autoReply(choice))
        case .forward(let addresses): ("forward", .flowList(addresses.map { .scalar($0.description) }))
        case .copy(let addresses): ("copy", .flowList(addresses.map { .scalar($0.description) }))
        case .reject(let text): ("reject", .scalar(text))
        case .spam: ("spam", DeskWriter.boolean(true))
        }
    }
}
