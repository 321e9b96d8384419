import Desk
import Gateway
import MailTypes
import Storage

/// A request about cases.
enum CaseRequest: Codable, Sendable {
    /// What a list is limited to; people, pools and customers by name.
    struct Filter: Codable, Sendable {
        var pool: String?
        var statuses: [String]
        var assignee: String?
        var isUnassigned: Bool
        var customer: String?
        var tag: String?
        var isOverdue: Bool
        var after: Int64?
        var limit: Int
    }
    enum Change: Codable, Sendable {
        case assign(String)
        case group(String)
        case status(String)
        case pool(String)
        case folder(String)
        case priority(String)
        case category(String?)
        case source(String)
        case tag([String])
        case untag([String])
        case follow(String)
        case unfollow(String)
        case answer(String)
        case link(Int64)
        case merge(into: Int64, anyway: Bool)
        case unmerge
        case split([Int64])
    }

    case list(Filter, isJSON: Bool)
    case show(Int64, isJSON: Bool)
    case events(Int64, isJSON: Bool)
    case change(Int64, Change, by: String?)
}

extension DeskOperations {
    func perform(_ request: CaseRequest) async throws -> String {
        let roster = roster.current
        switch request {
        case .list(let wanted, let isJSON):
            let filter = try await filter(wanted)
            let found = try await read { transaction in
                try transaction.tickets(filter).compactMap { try transaction.ticket($0) }
                    .map { try CaseRecord($0, transaction, roster) }
            }
            return isJSON ? CommandJSON.text(found) : found.map { $0.line + "\n" }.joined()
        case .show(let number, let isJSON):
            let record = try await record(of: number)
            return isJSON ? CommandJSON.text(record) : record.text
        case .events(let number, let isJSON):
            let record = try await record(of: number)
            return isJSON ? CommandJSON.text(record.events ?? []) : record.eventLines.map { $0 + "\n" }.joined()
        case .change(let number, let change, let login):
            return try await carryOut(change, on: TicketNumber(rawValue: number), by: try actor(login))
        }
    }

    /// `stempel why`.
    func why(_ text: String, isJSON: Bool) async throws -> String {
        let roster = roster.current
        let host = opening.host
        let story = try await read { try MailStory(text, $0, roster, host: host) }
        guard let story else { throw CommandFailure(.noUser, "\(text): nothing is known of such a mail or case") }
        return isJSON ? CommandJSON.text(story) : story.text
    }

    private func record(of number: Int64) async throws -> CaseRecord {
        let roster = roster.current
        let record = try await read { try CaseRecord(TicketNumber(rawValue: number), $0, roster) }
        guard let record else { throw CommandFailure(.noUser, "#\(number): no such case") }
        return record
    }

    private func filter(_ wanted: CaseRequest.Filter) async throws -> TicketFilter {
        var filter = TicketFilter()
        filter.pool = try wanted.pool.map(pool)
        filter.statuses = try wanted.statuses.map(Self.status)
        filter.assignee = try wanted.assignee.map { login in
            guard let found = roster.current.agent(login: login) else {
                throw CommandFailure(.noUser, "\(login): no such account")
            }
            return found.id
        }
        filter.isUnassigned = wanted.isUnassigned
        if let customer = wanted.customer { filter.customer = try await self.customer(customer) }
        filter.tag = wanted.tag.map(TagKeyword.keyword)
        filter.isOverdue = wanted.isOverdue
        filter.after = wanted.after.map(TicketNumber.init(rawValue:))
        filter.limit = wanted.limit
        return filter
    }

    // MARK: - Names

    /// Who the events name: the account that is given, else the desk's first admin.
    private func actor(_ login: String?) throws -> AgentID {
        if let login { return try person(login).id }
        let admins = roster.current.agents.values.filter { $0.isActive && $0.definition.role == .admin }
        guard let first = admins.min(by: { $0.id < $1.id }) else {
            throw CommandFailure(.noUser, "the desk has no admin; say with --as who does this")
        }
        return first.id
    }

    private func pool(_ name: String) throws -> PoolID {
        guard let pool = roster.current.pool(named: name) else {
            throw CommandFailure(.noUser, "\(name): no such pool")
        }
        return pool
    }

    private static func status(_ word: String) throws -> TicketStatus {
        if let status = TicketStatus.allCases.first(where: { $0.word == word }) { return status }
        let words = TicketStatus.allCases.map(\.word).joined(separator: ", ")
        throw CommandFailure(.dataError, "\(word): no status; write one of: \(words)")
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ text: String, _ kind: String, as type: Word.Type = Word.self
    ) throws -> Word where Word.RawValue == String {
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(.dataError, "\(text): no \(kind); write one of: \(words)")
    }

    // MARK: - Changes

    private func carryOut(_ change: CaseRequest.Change, on number: TicketNumber, by agent: AgentID) async throws
        -> String
    {
        switch change {
        case .assign(let login): return try await decide(.handOver(try person(login).id), number, agent)
        case .group(let name):
            guard let group = roster.current.group(named: name) else {
                throw CommandFailure(.noUser, "\(name): no such group")
            }
            return try await decide(.handToGroup(group.id), number, agent)
        case .status(let word):
            let status = try Self.status(word)
            switch status {
            case .new: return try await decide(.giveBack, number, agent)
            case .waiting, .done, .closed, .spam: return try await decide(.setStatus(status), number, agent)
            case .assigned, .inProgress, .consultation, .approval:
                throw CommandFailure(
                    .dataError, "\(word): comes of what people do; case assign gives a case to somebody")
            }
        case .pool(let name): return try await decide(.changePool(try pool(name)), number, agent)
        case .folder(let name):
            guard let folder = roster.current.folder(named: name) else {
                throw CommandFailure(.noUser, "\(name): no such folder")
            }
            return try await decide(.file(folder.id), number, agent)
        case .priority(let text):
            let priority: Priority = try Self.word(text, "priority")
            return try await alter(number, agent) { $0.priority = priority }
        case .category(let name): return try await alter(number, agent) { $0.category = name }
        case .source(let text):
            let source: TicketSource = try Self.word(text, "source")
            return try await alter(number, agent) { $0.source = source }
        case .tag(let tags): return try await tag(number, agent, adding: tags, removing: [])
        case .untag(let tags): return try await tag(number, agent, adding: [], removing: tags)
        case .follow(let login):
            let follower = try person(login).id
            return try await work(number) { try $0.setFollowing(true, number, by: follower) }
        case .unfollow(let login):
            let follower = try person(login).id
            return try await work(number) { try $0.setFollowing(false, number, by: follower) }
        case .answer(let text):
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw CommandFailure(.dataError, "\(text): an answer is written NAME=ANSWER") }
            return try await work(number) { work in
                do {
                    try work.answer(parts[0], with: parts[1], in: number, by: agent)
                } catch let unknown as NoSuchQuestion {
                    let known = unknown.known.isEmpty ? "none" : unknown.known.joined(separator: ", ")
                    throw CommandFailure(.noUser, "\(unknown.name): no such question; there are: \(known)")
                }
            }
        case .link(let other): return try await link(number, TicketNumber(rawValue: other), agent)
        case .merge(let other, let anyway):
            let host = opening.host
            return try await work(TicketNumber(rawValue: other)) { work in
                _ = try work.merge(number, into: TicketNumber(rawValue: other), by: agent, anyway: anyway, host: host)
            }
        case .unmerge: return try await work(number) { _ = try $0.unmerge(number, by: agent) }
        case .split(let messages):
            let opening = opening
            let new = try await inWork { work in
                try work.split(messages.map(MessageKey.init(rawValue:)), from: number, by: agent, with: opening).ticket
                    .number
            }
            return try await line(of: new)
        }
    }

    private func decide(_ decision: CaseWork.Decision, _ number: TicketNumber, _ agent: AgentID) async throws -> String
    {
        try await work(number) { _ = try $0.apply(decision, to: number, by: agent) }
    }

    private func alter(
        _ number: TicketNumber, _ agent: AgentID, _ change: @escaping @Sendable (inout Ticket) -> Void
    ) async throws -> String {
        try await work(number) { work in
            guard let ticket = try work.transaction.ticket(number) else {
                throw CaseRefusal(.impossible, "There is no such case", "Nie ma takiej sprawy")
            }
            var changed = ticket
            change(&changed)
            _ = try work.move(ticket, to: changed, by: agent, reason: nil)
        }
    }

    private func tag(
        _ number: TicketNumber, _ agent: AgentID, adding added: [String], removing removed: [String]
    ) async throws -> String {
        try await work(number) { work in
            guard try work.transaction.ticket(number) != nil else {
                throw CaseRefusal(.impossible, "There is no such case", "Nie ma takiej sprawy")
            }
            let known = try work.transaction.tags(of: number)
            var seen = Set(known.map { $0.lowercased() })
            let fresh = added.map(TagKeyword.keyword).filter { seen.insert($0.lowercased()).inserted }
            let gone = Set(removed.map { TagKeyword.keyword(of: $0).lowercased() })
            let tags = Rating.keeping(known, in: known.filter { !gone.contains($0.lowercased()) } + fresh)
            guard tags != known else { return }
            try work.transaction.setTags(tags, of: number, at: work.modSequence())
            for tag in fresh where tags.contains(tag) { try work.record(.tagged, number, agent, to: tag) }
            for tag in known where !tags.contains(tag) {
                try work.record(.untagged, number, agent, to: tag)
            }
        }
    }

    private func link(_ number: TicketNumber, _ other: TicketNumber, _ agent: AgentID) async throws -> String {
        try await work(number) { work in
            guard number != other, try work.transaction.ticket(number) != nil, try work.transaction.ticket(other) != nil
            else { throw CaseRefusal(.impossible, "There is no such case", "Nie ma takiej sprawy") }
            try work.transaction.link(number, with: other)
            try work.record(.linked, number, agent, to: other.description)
            try work.record(.linked, other, agent, to: number.description)
        }
    }

    /// Works on cases in a transaction, and answers the line of one of them.
    private func work(_ number: TicketNumber, _ body: @escaping @Sendable (CaseWork) throws -> Void) async throws
        -> String
    {
        try await inWork(body)
        return try await line(of: number)
    }

    private func inWork<Value: Sendable>(_ body: @escaping @Sendable (CaseWork) throws -> Value) async throws -> Value {
        let (holder, now) = (roster, clock.now)
        return try await write { try body(CaseWork($0, roster: holder.current, now: now)) }
    }

    private func line(of number: TicketNumber) async throws -> String {
        let roster = roster.current
        return try await read { transaction in
            guard let ticket = try transaction.ticket(number) else { return "" }
            return try CaseRecord(ticket, transaction, roster).line + "\n"
        }
    }
}

extension CaseWork {
    fileprivate func record(_ kind: EventKind, _ number: TicketNumber, _ agent: AgentID, to value: String) throws {
        try transaction.record(TicketEvent(ticket: number, at: now, kind: kind, agent: agent, to: value))
    }
}
