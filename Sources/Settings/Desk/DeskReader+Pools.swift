import Desk
import MailTypes

extension DeskReader {
    mutating func readPools(_ field: Field) -> [PoolDefinition] { field.items.compactMap { readPool($0) } }

    private mutating func readPool(_ field: Field) -> PoolDefinition? {
        guard var part = field.mapping else { return nil }
        let nameField = part.require("name", "give the pool's name")
        let name = nameField?.name
        if let nameField, let name { pools.declare(name, at: nameField) }
        var pool = PoolDefinition(name: name ?? "", addresses: [])
        pool.prefix = part.take("prefix").flatMap(prefix)
        if let list = part.require("addresses", "give the addresses that customers write to") {
            pool.addresses = list.items.compactMap { readAddress($0, of: name) }
            if list.isEmpty { list.report("is empty", "a pool has at least one address") }
        }
        pool.senderName = part.take("senderName").flatMap(\.line)
        pool.members = part.take("members").map(members) ?? []
        pool.supervisors = part.take("supervisors").map(supervisors) ?? []
        pool.calendar = part.take("calendar").flatMap(calendars.resolve)
        pool.firstAnswerWithin = part.take("firstAnswerWithin").flatMap(\.workingTime)
        pool.solveWithin = part.take("solveWithin").flatMap(\.workingTime)
        pool.priorities = part.take("priorities").map(priorities) ?? [:]
        pool.closeAfter = part.take("closeAfter")?.duration(in: Self.idleTimes)
        pool.autoReply = part.take("autoReply").flatMap(autoReply)
        pool.autoReplyClosed = part.take("autoReplyClosed").flatMap(autoReply)
        pool.closingMail = part.take("closingMail").flatMap { field in
            field.line.flatMap { templates.resolve($0, at: field) }
        }
        pool.language = part.take("language")?.word(Language.self)
        pool.takeNextOnly = part.take("takeNextOnly")?.boolean ?? pool.takeNextOnly
        pool.mayTakeOver = part.take("mayTakeOver")?.boolean ?? pool.mayTakeOver
        pool.membersSee = part.take("membersSee")?.word(PoolDefinition.MembersSee.self) ?? pool.membersSee
        pool.deleteMeans = part.take("deleteMeans")?.word(PoolDefinition.DeleteMeans.self) ?? pool.deleteMeans
        pool.starMeansPriority = part.take("starMeansPriority")?.boolean ?? pool.starMeansPriority
        pool.receipts = part.take("receipts")?.boolean ?? pool.receipts
        pool.eventMails = part.take("eventMails")?.boolean ?? pool.eventMails
        pool.questions = part.take("questions").map(readQuestions) ?? []
        part.finish()
        return name == nil ? nil : pool
    }

    /// Decoration of the stamp: it stands in raw Subject values beside the number.
    private func prefix(_ field: Field) -> String? {
        guard let text = field.line else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        guard isPlain, text.utf8.count <= 16 else {
            field.report("\(field.shown(text)) cannot be a prefix", "write at most 16 letters, digits or - _ .")
            return nil
        }
        return text
    }

    /// `help@acme.example`, or `{ address: info@acme.example, autoReply: none }`.
    private mutating func readAddress(_ field: Field, of pool: String?) -> PoolAddress? {
        guard field.isMapping else {
            return supervisedAddress(field, of: pool).map { PoolAddress(address: $0) }
        }
        guard var part = field.mapping else { return nil }
        let address = part.require("address", "give the address").flatMap { supervisedAddress($0, of: pool) }
        let reply = part.take("autoReply").flatMap(autoReply)
        let replyClosed = part.take("autoReplyClosed").flatMap(autoReply)
        let questions = part.take("questions").map(readQuestions) ?? []
        part.finish()
        return address.map {
            PoolAddress(address: $0, autoReply: reply, autoReplyClosed: replyClosed, questions: questions)
        }
    }

    private mutating func supervisedAddress(_ field: Field, of pool: String?) -> EmailAddress? {
        guard let address = field.emailAddress else { return nil }
        let limit = PoolAddress.maximumLocalPartLength
        if address.localPart.utf8.count > limit {
            field.report(
                "the part before @ has \(address.localPart.utf8.count) octets",
                "it may have \(limit), so that a signed reply address fits into 64")
        }
        if address.localPart.contains("+") {
            field.report("the part before @ contains +", "what follows a + is the signed part of a reply address")
        }
        claim(address, for: pool.map { "pool \($0)" } ?? "another pool", at: field)
        return address
    }

    /// Logins with their pick-up priority, or a list of logins whose priority is 1.
    private func members(_ field: Field) -> [PoolMember] {
        guard field.isMapping else { return logins(field).map { PoolMember(login: $0) } }
        guard let mapping = field.mapping else { return [] }
        var seen: Set<String> = []
        return mapping.entries.compactMap { key, value in
            guard let login = agents.resolve(key, at: value) else { return nil }
            guard seen.insert(login).inserted else {
                value.report("\(login) is in the list twice", "keep one of them")
                return nil
            }
            let priority = value.isNull ? 1 : value.integer(in: 1...1000)
            return PoolMember(login: login, priority: priority ?? 1)
        }
    }

    private func supervisors(_ field: Field) -> [String] {
        let logins = logins(field)
        for login in logins where trainees.contains(login) {
            field.report("\(login) is a trainee", "a trainee's own mail needs approval: name a supervisor")
        }
        return logins
    }

    /// `none`, or the name of a template.
    func autoReply(_ field: Field) -> AutoReplyChoice? {
        guard let text = field.line else { return nil }
        return text == "none" ? .silent : templates.resolve(text, at: field).map { .template($0) }
    }
}
