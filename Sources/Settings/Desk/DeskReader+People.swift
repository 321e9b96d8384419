import Desk
import Foundation
import MailTypes

extension DeskReader {
    mutating func readAgents(_ field: Field) -> [AgentDefinition] {
        var absences: [(login: String, field: Field)] = []
        var found = field.items.compactMap { readAgent($0, &absences) }
        // Who stands in may come later in the file.
        for (login, field) in absences {
            guard let index = found.firstIndex(where: { $0.login == login }) else { continue }
            found[index].absences = field.itemsOrSelf.compactMap { readAbsence($0, of: login) }
        }
        return found
    }

    /// `{ from: 2026-12-01, to: 2026-12-10, substitute: agent2@acme.example }`
    private func readAbsence(_ field: Field, of login: String) -> AbsenceDefinition? {
        guard var part = field.mapping else { return nil }
        let first = part.require("from", "give the first day: 2026-12-01").flatMap(readDay)
        let lastField = part.take("to")
        let last = lastField.map(readDay) ?? first
        let substituteField = part.take("substitute")
        let substitute = substituteField.flatMap { agents.resolve($0) }
        part.finish()
        if let substituteField, substitute == login {
            substituteField.report("\(login) is who is away", "name somebody else, or leave the key out")
        }
        guard let first, let last else { return nil }
        guard first <= last else {
            (lastField ?? field).report("is before the first day", "write the later day in `to`")
            return nil
        }
        return AbsenceDefinition(first: first, last: last, substitute: substitute)
    }

    private func readDay(_ field: Field) -> CalendarDate? {
        guard let text = field.line else { return nil }
        if let day = Quantities.date(text) { return day }
        field.report("\(field.shown(text)) is no day", "write one such as 2026-12-25")
        return nil
    }

    private mutating func readAgent(
        _ field: Field, _ absences: inout [(login: String, field: Field)]
    ) -> AgentDefinition? {
        guard var part = field.mapping else { return nil }
        let login = part.require("login", "give what is typed into the mail client: agent1@acme.example")
            .flatMap { readLogin($0) }
        let name = part.take("name").flatMap(\.line)
        let role = part.take("role").map { $0.word(Role.self) ?? .agent } ?? .agent
        let rights = part.take("rights").map(readRights) ?? []
        let language = part.take("language")?.word(Language.self)
        let password = part.take("initialPassword").flatMap(\.line)
        let active = part.take("active")?.boolean ?? true
        let without = part.take("imapWithout").map(readCapabilities) ?? []
        let quota = QuotaDefinition(
            storage: part.take("quota")?.byteCount(in: Self.quotas),
            messages: part.take("quotaMessages")?.integer(in: Self.messageQuotas))
        let signature = part.take("signature").flatMap(readSignature)
        let card = part.take("card")?.word(CardChoice.self) ?? .shown
        let zone = part.take("timeZone").flatMap(timeZone)
        let away = part.take("absences")
        part.finish()
        guard let login else { return nil }
        if role == .trainee { trainees.insert(login) }
        if let away { absences.append((login, away)) }
        return AgentDefinition(
            login: login, name: name ?? login, role: role, rights: rights, language: language,
            initialPassword: password, active: active, imapWithout: without, quota: quota,
            signature: signature, card: card, timeZone: zone)
    }

    /// A text, or a text and a picture as a data URL (RFC 2397).
    private func readSignature(_ field: Field) -> SignatureDefinition? {
        guard field.isMapping else { return checked(field.text, field).map { SignatureDefinition(text: $0) } }
        guard var part = field.mapping else { return nil }
        let text = part.require("text", "give the text of the signature")
        let picture = part.take("picture").flatMap(readPicture)
        part.finish()
        return text.flatMap { checked($0.text, $0) }.map { SignatureDefinition(text: $0, picture: picture) }
    }

    private func readPicture(_ field: Field) -> SignatureDefinition.Picture? {
        guard let text = field.line else { return nil }
        let remedy = "write data:image/jpeg;base64,… with at most \(SignatureDefinition.maximumPicture) octets"
        for format in SignatureDefinition.Picture.Format.allCases {
            let prefix = "data:image/\(format.rawValue);base64,"
            guard text.hasPrefix(prefix) else { continue }
            guard let octets = Base64.decode(String(text.dropFirst(prefix.count))), !octets.isEmpty,
                octets.count <= SignatureDefinition.maximumPicture
            else { break }
            return SignatureDefinition.Picture(format: format, octets: octets)
        }
        field.report("is no picture, or too large a one", remedy)
        return nil
    }

    /// Names of IMAP capabilities, each once, as the server spells them.
    private func readCapabilities(_ field: Field) -> [String] {
        var result: [String] = []
        for item in field.itemsOrSelf {
            guard let text = item.line else { continue }
            guard let name = capabilities.map({ known in known.first { $0.lowercased() == text.lowercased() } }) ?? text
            else {
                let remedy = Spelling.hint(for: text, among: capabilities ?? [])
                item.report("\(item.shown(text)) is no capability that an account can be without", remedy)
                continue
            }
            if !result.contains(name) { result.append(name) }
        }
        return result
    }

    private mutating func readLogin(_ field: Field) -> String? {
        guard let text = field.line else { return nil }
        guard text.utf8.count <= 254, !text.contains(where: \.isWhitespace), Field.isName(text) else {
            field.report(
                "\(field.shown(text)) cannot be a login", "a login has no spaces, no / * % and at most 100 octets")
            return nil
        }
        let login = text.precomposedStringWithCanonicalMapping
        agents.declare(login, at: field)
        return login
    }

    private func readRights(_ field: Field) -> Set<Right> { Set(field.itemsOrSelf.compactMap { $0.word(Right.self) }) }

    mutating func readGroups(_ field: Field) -> [GroupDefinition] {
        guard let mapping = field.mapping else { return [] }
        return mapping.entries.map { name, field in
            let name = Self.declare(name, at: field, in: &groups)
            return GroupDefinition(name: name, members: field.isNull ? [] : logins(field))
        }
    }

    /// A list of logins, each once, as the agents are spelt.
    func logins(_ field: Field) -> [String] {
        var seen: Set<String> = []
        return field.items.compactMap { item in
            guard let login = agents.resolve(item) else { return nil }
            guard seen.insert(login).inserted else {
                item.report("\(login) is in the list twice", "keep one of them")
                return nil
            }
            return login
        }
    }

    mutating func readDepartments(_ field: Field) -> [DepartmentDefinition] {
        field.items.compactMap { readDepartment($0) }
    }

    private mutating func readDepartment(_ field: Field) -> DepartmentDefinition? {
        guard var part = field.mapping else { return nil }
        let name = part.require("name", "give the department's name")
        let text = name?.name
        if let name, let text { departments.declare(text, at: name) }
        var addresses: [EmailAddress] = []
        if let list = part.require("addresses", "give the addresses that questions go to") {
            for item in list.items {
                guard let address = item.emailAddress else { continue }
                claim(address, for: text.map { "department \($0)" } ?? "another department", at: item)
                addresses.append(address)
            }
            if list.isEmpty { list.report("is empty", "a department has at least one address") }
        }
        let answerWithin = part.take("answerWithin").flatMap(\.workingTime)
        let remind = part.take("remind").flatMap(templates.resolve)
        let remindEvery = part.take("remindEvery").flatMap(\.workingTime)
        let calendar = part.take("calendar").flatMap(calendars.resolve)
        part.finish()
        guard let text else { return nil }
        return DepartmentDefinition(
            name: text, addresses: addresses, answerWithin: answerWithin, remind: remind, remindEvery: remindEvery,
            calendar: calendar)
    }
}
