import Desk
import Foundation
import MailTypes

/// Reads a desk from its top mapping. Parts are read in an order in which every name is declared before it is used.
struct DeskReader {
    let file: FileReading
    /// The IMAP capabilities that an account can be without; `nil`: any name is taken.
    let capabilities: [String]?
    var calendars = NameTable(kind: "calendar")
    var agents = NameTable(kind: "agent")
    var groups = NameTable(kind: "group")
    var pools = NameTable(kind: "pool")
    var departments = NameTable(kind: "department")
    var folders = NameTable(kind: "folder")
    var rules = NameTable(kind: "rule")
    var templates = NameTable(kind: "template")
    var dictionaries = NameTable(kind: "dictionary")
    var trainees: Set<String> = []
    /// Who an address belongs to, by the address's identity.
    var addressOwners: [String: String] = [:]

    private let expressions: (any PatternCompiler)?
    private let isStored: Bool

    init(file: FileReading, capabilities: [String]?, expressions: (any PatternCompiler)?, isStored: Bool) {
        (self.file, self.capabilities, self.expressions) = (file, capabilities, expressions)
        self.isStored = isStored
    }

    /// Why a regular expression is none; `nil` for a good one.
    func fault(of expression: String) -> PatternFault? {
        do {
            _ = try expressions?.compile(expression)
            return nil
        } catch {
            return error
        }
    }

    /// The longest times that make sense here.
    static let century: Duration = .seconds(36525 * 86400)
    /// After what times a case can close or go by itself.
    static let idleTimes = .seconds(60)...century

    /// What a quota can be: no smaller than a mail or two, no larger than what STORAGE in KiB and SQL can say.
    static let quotas = 1_000_000...(1 << 50)
    static let messageQuotas = 10...1_000_000_000

    mutating func read(_ top: MappingReading) -> DeskDefinition? {
        var top = top
        let domain = top.require("domain", "give the domain of note@ and desk@").flatMap(\.domain)
        if let domain {
            for word in ["note", "desk"] {
                addressOwners["\(word)@\(domain.ascii)"] = "the desk itself"
            }
        }
        let postmaster = top.require("postmaster", "name the pool that gets postmaster@ and abuse@")
        // The name stands for a domain that was not understood; the desk is not handed out then.
        guard let desired = domain ?? DomainName("invalid") else { return nil }
        var desk = DeskDefinition(domain: desired, postmaster: "")
        readPolicy(&top, into: &desk)
        if let field = top.take("calendars") { desk.calendars = readCalendars(field) }
        if let field = top.take("templates") { desk.templates = readTemplates(field) }
        if let field = top.take("dictionaries") { desk.dictionaries = readDictionaries(field) }
        if let field = top.take("agents") { desk.agents = readAgents(field) }
        if let field = top.take("groups") { desk.groups = readGroups(field) }
        if let field = top.require("pools", "a desk has at least one pool") {
            desk.pools = readPools(field)
            if field.isEmpty { field.report("is empty", "a desk has at least one pool") }
        }
        if let field = top.take("departments") { desk.departments = readDepartments(field) }
        if let field = top.take("folders") { desk.folders = readFolders(field) }
        if let field = top.take("rules") { desk.rules = readRules(field) }
        if let name = postmaster.flatMap(pools.resolve) { desk.postmaster = name }
        top.finish()
        return domain == nil ? nil : desk
    }

    private func readPolicy(_ top: inout MappingReading, into desk: inout DeskDefinition) {
        if let language = top.take("language")?.word(Language.self) { desk.language = language }
        if let zone = top.take("timeZone").flatMap(timeZone) { desk.timeZone = zone }
        if let stamp = top.take("stamp").flatMap(stamp) { desk.stamp = stamp }
        if let time = top.take("undo")?.duration(in: .zero ... .seconds(14 * 86400)) { desk.undo = time }
        if let time = top.take("reopenWithin")?.duration(in: .zero...Self.century) { desk.reopenWithin = time }
        if let time = top.take("closeAfter")?.duration(in: Self.idleTimes) { desk.closeAfter = time }
        if let time = top.take("purgeSpamAfter")?.duration(in: Self.idleTimes) { desk.purgeSpamAfter = time }
        if let field = top.take("priorities") { desk.priorities = priorities(field) }
        if let field = top.take("autoReplyLimits") { desk.autoReplyLimits = autoReplyLimits(field) }
        if let time = top.take("purgeTrashAfter")?.duration(in: Self.idleTimes) { desk.purgeTrashAfter = time }
        if let time = top.take("offerFor")?.duration(in: .seconds(10)...(.seconds(86400))) { desk.offerFor = time }
        if let size = top.take("quota")?.byteCount(in: Self.quotas) { desk.quota = size }
        if let count = top.take("quotaMessages")?.integer(in: Self.messageQuotas) { desk.quotaMessages = count }
    }

    /// A name of the time zone database.
    func timeZone(_ field: Field) -> String? {
        guard let name = field.line else { return nil }
        guard TimeZone(identifier: name) != nil else {
            let near = Spelling.hint(for: name, among: TimeZone.knownTimeZoneIdentifiers, listed: false)
            field.report("no time zone is named \(field.shown(name))", near ?? "write one such as Europe/Warsaw")
            return nil
        }
        return name
    }

    /// The form of the case number. It goes into raw Subject values, so it is printable ASCII; the number needs
    /// neighbours that are no digits, or another number would be read.
    private func stamp(_ field: Field) -> String? {
        guard let text = field.line else { return nil }
        let example = "write one such as \"[{prefix}#{number}]\""
        guard text.utf8.count <= 40, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            field.report("\(field.shown(text)) has more than 40 octets or other than ASCII characters", example)
            return nil
        }
        let parts = text.split(separator: "{number}", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            let count = parts.count - 1
            field.report("\(field.shown(text)) holds {number} \(count == 0 ? "not at all" : "\(count) times")", example)
            return nil
        }
        let literal = text.split(separator: "{prefix}", omittingEmptySubsequences: false)
        let bare = literal.joined().split(separator: "{number}", omittingEmptySubsequences: false).joined()
        guard literal.count <= 2, !bare.contains("{"), !bare.contains("}") else {
            field.report("\(field.shown(text)) holds other fields than one {prefix} and one {number}", example)
            return nil
        }
        guard let before = parts[0].last, before != "}", !before.isNumber, !before.isLetter, before != " ",
            parts[1].first?.isNumber != true, !parts[1].hasPrefix("{")
        else {
            field.report("\(field.shown(text)) does not set the number apart", example)
            return nil
        }
        return text
    }

    /// The owner of an address is entered; reports the address if it has one already.
    mutating func claim(_ address: EmailAddress, for owner: String, at field: Field) {
        if let other = addressOwners[address.identity] {
            field.report("\(address) belongs to \(other) already", "every address leads to one place")
        } else {
            addressOwners[address.identity] = owner
        }
    }

    /// Enters a name that stands as a key, and returns it in NFC.
    static func declare(_ key: String, at field: Field, in table: inout NameTable) -> String {
        if !Field.isName(key) {
            field.report("cannot be a name", "names have at most 100 octets, no / * % and no space at either end")
        }
        let name = key.precomposedStringWithCanonicalMapping
        table.declare(name, at: field)
        return name
    }

    private mutating func readTemplates(_ field: Field) -> [TemplateDefinition] {
        guard let mapping = field.mapping else { return [] }
        return mapping.entries.compactMap { name, field in
            let name = Self.declare(name, at: field, in: &templates)
            if foldedName(name) == "none" { field.report("cannot be a template's name", "none stands for no answer") }
            guard var part = field.mapping else { return nil }
            let subject = part.take("subject").flatMap { field in checked(field.line, field) }
            let text = part.require("text", "a template has a text").flatMap { field in checked(field.text, field) }
            part.finish()
            return text.map { TemplateDefinition(name: name, subject: subject, text: $0) }
        }
    }

    /// A text whose `${…}` fields are all known; those that are not are reported.
    func checked(_ text: String?, _ field: Field) -> String? {
        guard let text, !isStored else { return text }
        for fault in TemplateText.unknownFields(in: text) {
            let near = fault.suggestion.map { "did you mean \"${\($0.rawValue)}\"?" }
            field.report("there is no field ${\(fault.name)}", near ?? "a ${ that is no field is written $${")
        }
        return text
    }

    private mutating func readFolders(_ field: Field) -> [String] {
        field.items.compactMap { item in
            guard let name = item.name else { return nil }
            folders.declare(name, at: item)
            return name
        }
    }
}
