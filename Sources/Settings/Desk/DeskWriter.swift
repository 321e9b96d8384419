import Desk
import MailTypes

/// Writes a desk in the order of the example: policy, calendars, people, pools, departments, folders, rules, templates.
/// What has its default in a part is left out; what the whole desk has is always said.
enum DeskWriter {
    static func text(of desk: DeskDefinition) -> String {
        var top: [(String, YAMLText)] = [
            ("domain", .scalar(desk.domain.ascii)), ("postmaster", .scalar(desk.postmaster)),
            ("language", .scalar(desk.language.rawValue)), ("timeZone", .scalar(desk.timeZone)),
            ("stamp", .scalar(desk.stamp)), ("undo", duration(desk.undo)),
            ("reopenWithin", duration(desk.reopenWithin)), ("closeAfter", duration(desk.closeAfter)),
            ("purgeSpamAfter", duration(desk.purgeSpamAfter)),
            ("purgeTrashAfter", duration(desk.purgeTrashAfter)), ("offerFor", duration(desk.offerFor)),
        ]
        top += priorities(desk.priorities) + limits(desk.autoReplyLimits)
        top += [
            ("quota", .scalar(Quantities.text(byteCount: desk.quota))),
            ("quotaMessages", .scalar(String(desk.quotaMessages))),
        ]
        func part(_ key: String, _ value: YAMLText, unless isEmpty: Bool) { if !isEmpty { top.append((key, value)) } }
        part("calendars", .mapping(desk.calendars.map(calendar)), unless: desk.calendars.isEmpty)
        part("dictionaries", .mapping(desk.dictionaries.map { ($0.name, names($0.values)) }), unless: desk.dictionaries.isEmpty)
        part("agents", .list(desk.agents.map(agent)), unless: desk.agents.isEmpty)
        part("groups", .mapping(desk.groups.map { ($0.name, names($0.members)) }), unless: desk.groups.isEmpty)
        part("pools", .list(desk.pools.map(pool)), unless: desk.pools.isEmpty)
        part("departments", .list(desk.departments.map(department)), unless: desk.departments.isEmpty)
        part("folders", names(desk.folders), unless: desk.folders.isEmpty)
        part("rules", .list(desk.rules.map(RuleWriter.rule)), unless: desk.rules.isEmpty)
        part("templates", .mapping(desk.templates.map(template)), unless: desk.templates.isEmpty)
        return YAMLText.mapping(top).document
    }

    private static func calendar(_ calendar: CalendarDefinition) -> (String, YAMLText) {
        let weekly = calendar.weekly.map { entry -> (String, YAMLText) in
            let spans = entry.hours.map { YAMLText.scalar(Quantities.text($0)) }
            return (Quantities.text(entry.days), spans.count == 1 ? spans[0] : .flowList(spans))
        }
        var part: [(String, YAMLText)] = [("weekly", .flowMapping(weekly))]
        if !calendar.holidays.isEmpty {
            part.append(("holidays", .flowList(calendar.holidays.map { .scalar(Quantities.text($0)) })))
        }
        if let zone = calendar.timeZone { part.append(("timeZone", .scalar(zone))) }
        return (calendar.name, .mapping(part))
    }

    private static func agent(_ agent: AgentDefinition) -> YAMLText {
        var part: [(String, YAMLText)] = [
            ("login", .scalar(agent.login)), ("name", .scalar(agent.name)), ("role", .scalar(agent.role.rawValue)),
        ]
        let rights = Right.allCases.filter(agent.rights.contains)
        if !rights.isEmpty { part.append(("rights", .flowList(rights.map { .scalar($0.rawValue) }))) }
        if let language = agent.language { part.append(("language", .scalar(language.rawValue))) }
        if !agent.active { part.append(("active", boolean(false))) }
        if !agent.imapWithout.isEmpty { part.append(("imapWithout", names(agent.imapWithout))) }
        if let size = agent.quota.storage { part.append(("quota", .scalar(Quantities.text(byteCount: size)))) }
        if let count = agent.quota.messages { part.append(("quotaMessages", .scalar(String(count)))) }
        if let signature = agent.signature { part.append(("signature", self.signature(signature))) }
        if agent.card != .shown { part.append(("card", .scalar(agent.card.rawValue))) }
        if let zone = agent.timeZone { part.append(("timeZone", .scalar(zone))) }
        if !agent.absences.isEmpty { part.append(("absences", .flowList(agent.absences.map(absence)))) }
        return .flowMapping(part)
    }

    private static func absence(_ absence: AbsenceDefinition) -> YAMLText {
        var part: [(String, YAMLText)] = [
            ("from", .scalar(Quantities.text(absence.first))), ("to", .scalar(Quantities.text(absence.last))),
        ]
        if let substitute = absence.substitute { part.append(("substitute", .scalar(substitute))) }
        return .flowMapping(part)
    }

    private static func signature(_ signature: SignatureDefinition) -> YAMLText {
        var part: [(String, YAMLText)] = [("text", .scalar(signature.text))]
        if let picture = signature.picture {
            let octets = Base64.encode(picture.octets)
            part.append(("picture", .scalar("data:image/\(picture.format.rawValue);base64,\(octets)")))
        }
        return .flowMapping(part)
    }

    private static func pool(_ pool: PoolDefinition) -> YAMLText {
        let normal = PoolDefinition(name: "", addresses: [])
        var part: [(String, YAMLText)] = [("name", .scalar(pool.name))]
        if let prefix = pool.prefix { part.append(("prefix", .scalar(prefix))) }
        part.append(("addresses", .flowList(pool.addresses.map(address))))
        if let name = pool.senderName { part.append(("senderName", .scalar(name))) }
        if !pool.members.isEmpty {
            part.append(("members", .flowMapping(pool.members.map { ($0.login, .scalar(String($0.priority))) })))
        }
        if !pool.supervisors.isEmpty { part.append(("supervisors", names(pool.supervisors))) }
        if let calendar = pool.calendar { part.append(("calendar", .scalar(calendar))) }
        if let time = pool.firstAnswerWithin { part.append(("firstAnswerWithin", .scalar(time.description))) }
        if let time = pool.solveWithin { part.append(("solveWithin", .scalar(time.description))) }
        part += priorities(pool.priorities)
        if let time = pool.closeAfter { part.append(("closeAfter", duration(time))) }
        part += autoReplies(pool.autoReply, pool.autoReplyClosed)
        if let name = pool.closingMail { part.append(("closingMail", .scalar(name))) }
        if let language = pool.language { part.append(("language", .scalar(language.rawValue))) }
        if pool.takeNextOnly != normal.takeNextOnly { part.append(("takeNextOnly", boolean(pool.takeNextOnly))) }
        if pool.mayTakeOver != normal.mayTakeOver { part.append(("mayTakeOver", boolean(pool.mayTakeOver))) }
        if pool.membersSee != normal.membersSee { part.append(("membersSee", .scalar(pool.membersSee.rawValue))) }
        if pool.deleteMeans != normal.deleteMeans { part.append(("deleteMeans", .scalar(pool.deleteMeans.rawValue))) }
        if pool.starMeansPriority != normal.starMeansPriority {
            part.append(("starMeansPriority", boolean(pool.starMeansPriority)))
        }
        if pool.receipts != normal.receipts { part.append(("receipts", boolean(pool.receipts))) }
        if pool.eventMails != normal.eventMails { part.append(("eventMails", boolean(pool.eventMails))) }
        part += questions(pool.questions)
        return .mapping(part)
    }

    /// The key with its value; nothing where there is none.
    private static func priorities(_ priorities: [Priority: ActionTimes]) -> [(String, YAMLText)] {
        let parts = Priority.allCases.compactMap { priority in
            priorities[priority].map { times -> (String, YAMLText) in
                let spans = [("firstAnswerWithin", times.firstAnswerWithin), ("solveWithin", times.solveWithin)]
                return (
                    priority.rawValue,
                    .flowMapping(spans.compactMap { key, time in time.map { (key, .scalar($0.description)) } })
                )
            }
        }
        return parts.isEmpty ? [] : [("priorities", .mapping(parts))]
    }

    private static func limits(_ limits: AutoReplyLimits) -> [(String, YAMLText)] {
        guard limits != AutoReplyLimits() else { return [] }
        let parts = DeskReader.autoReplyCaps.map { key, limit -> (String, YAMLText) in
            let cap = limits[keyPath: limit]
            return (key, .flowMapping([("tenMinutes", .scalar("\(cap.tenMinutes)")), ("day", .scalar("\(cap.day)"))]))
        }
        return [("autoReplyLimits", .mapping(parts))]
    }

    private static func address(_ address: PoolAddress) -> YAMLText {
        let more = autoReplies(address.autoReply, address.autoReplyClosed) + questions(address.questions)
        let text = YAMLText.scalar(address.address.description)
        return more.isEmpty ? text : .flowMapping([("address", text)] + more)
    }

    private static func questions(_ questions: [QuestionDefinition]) -> [(String, YAMLText)] {
        guard !questions.isEmpty else { return [] }
        let parts = questions.map { question in
            var part: [(String, YAMLText)] = [("name", .scalar(question.name)), ("text", .scalar(question.text))]
            switch question.kind {
            case .text: break
            case .choice(.list(let values)): part.append(("choices", names(values)))
            case .choice(.dictionary(let name)): part.append(("choices", .scalar(name)))
            case .number, .date, .yesNo: part.append(("kind", .scalar(DeskReader.word(of: question.kind))))
            }
            if question.isRequired { part.append(("required", boolean(true))) }
            return YAMLText.flowMapping(part)
        }
        return [("questions", .flowList(parts))]
    }

    private static func autoReplies(_ open: AutoReplyChoice?, _ closed: AutoReplyChoice?) -> [(String, YAMLText)] {
        [("autoReply", open), ("autoReplyClosed", closed)].compactMap { key, choice in
            choice.map { (key, autoReply($0)) }
        }
    }

    static func autoReply(_ choice: AutoReplyChoice) -> YAMLText {
        switch choice {
        case .silent: .scalar("none")
        case .template(let name): .scalar(name)
        }
    }

    private static func department(_ department: DepartmentDefinition) -> YAMLText {
        var part: [(String, YAMLText)] = [
            ("name", .scalar(department.name)),
            ("addresses", .flowList(department.addresses.map { .scalar($0.description) })),
        ]
        if let time = department.answerWithin { part.append(("answerWithin", .scalar(time.description))) }
        if let remind = department.remind { part.append(("remind", .scalar(remind))) }
        if let time = department.remindEvery { part.append(("remindEvery", .scalar(time.description))) }
        if let calendar = department.calendar { part.append(("calendar", .scalar(calendar))) }
        return .mapping(part)
    }

    private static func template(_ template: TemplateDefinition) -> (String, YAMLText) {
        var part: [(String, YAMLText)] = []
        if let subject = template.subject { part.append(("subject", .scalar(subject))) }
        part.append(("text", .text(template.text)))
        return (template.name, .mapping(part))
    }

    static func names(_ names: [String]) -> YAMLText { .flowList(names.map { .scalar($0) }) }
    static func boolean(_ value: Bool) -> YAMLText { .word(value ? "true" : "false") }
    private static func duration(_ duration: Duration) -> YAMLText { .scalar(Quantities.text(duration)) }
}
