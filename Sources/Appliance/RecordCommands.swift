import Foundation
import Settings

/// The commands about cases, customers and the story of a mail.
package struct RecordCommands: Sendable {
    private let desk: CommandLineDesk

    package init(configuration: String) { desk = CommandLineDesk(configuration: configuration) }

    // MARK: - Cases

    package func cases(
        pool: String?, statuses: [String], assignee: String?, isUnassigned: Bool, customer: String?, tag: String?,
        isOverdue: Bool, after: Int64?, limit: Int, isJSON: Bool
    ) async throws -> String {
        let filter = CaseRequest.Filter(
            pool: pool, statuses: statuses, assignee: assignee, isUnassigned: isUnassigned, customer: customer,
            tag: tag,
            isOverdue: isOverdue, after: after, limit: min(max(limit, 1), 10_000))
        return try await desk.perform(.cases(.list(filter, isJSON: isJSON)))
    }

    package func showCase(_ number: Int64, isJSON: Bool) async throws -> String {
        try await desk.perform(.cases(.show(number, isJSON: isJSON)))
    }

    package func events(of number: Int64, isJSON: Bool) async throws -> String {
        try await desk.perform(.cases(.events(number, isJSON: isJSON)))
    }

    /// What `stempel case` does to a case.
    package enum CaseChange: Sendable {
        case assign(String), group(String), status(String), pool(String), folder(String), priority(String)
        case category(String?), source(String), tag([String]), untag([String]), follow(String), unfollow(String)
        case answer(String), link(Int64), merge(into: Int64, anyway: Bool), unmerge, split([Int64])

        fileprivate var request: CaseRequest.Change {
            switch self {
            case .assign(let login): .assign(login)
            case .group(let name): .group(name)
            case .status(let word): .status(word)
            case .pool(let name): .pool(name)
            case .folder(let name): .folder(name)
            case .priority(let word): .priority(word)
            case .category(let name): .category(name)
            case .source(let word): .source(word)
            case .tag(let tags): .tag(tags)
            case .untag(let tags): .untag(tags)
            case .follow(let login): .follow(login)
            case .unfollow(let login): .unfollow(login)
            case .answer(let text): .answer(text)
            case .link(let other): .link(other)
            case .merge(let other, let anyway): .merge(into: other, anyway: anyway)
            case .unmerge: .unmerge
            case .split(let messages): .split(messages)
            }
        }
    }

    /// `isJSON`: what is printed is the case as it is then.
    package func change(_ number: Int64, _ change: CaseChange, by login: String?, isJSON: Bool) async throws -> String {
        let said = try await desk.perform(.cases(.change(number, change.request, by: login)))
        return isJSON ? try await showCase(number, isJSON: true) : said
    }

    package func why(_ text: String, isJSON: Bool) async throws -> String {
        try await desk.perform(.why(text, isJSON: isJSON))
    }

    // MARK: - Customers

    package func customers(_ text: String, below: Int64?, limit: Int, isJSON: Bool) async throws -> String {
        try await desk.perform(
            .customers(.list(text: text, below: below, limit: min(max(limit, 1), 10_000), isJSON: isJSON)))
    }

    package func showCustomer(_ selector: String, isJSON: Bool) async throws -> String {
        try await desk.perform(.customers(.show(selector, isJSON: isJSON)))
    }

    /// `KEY=VALUE`; an empty value removes the key.
    package func setCustomer(_ selector: String, _ assignments: [String], by login: String?) async throws -> String {
        var values: [String: String?] = [:]
        for assignment in assignments {
            guard let sign = assignment.firstIndex(of: "="), sign != assignment.startIndex else {
                throw CommandFailure(.dataError, "\(assignment): write KEY=VALUE")
            }
            let value = String(assignment[assignment.index(after: sign)...])
            values.updateValue(value.isEmpty ? nil : value, forKey: String(assignment[..<sign]))
        }
        guard !values.isEmpty else { throw CommandFailure(.dataError, "nothing to change; write KEY=VALUE") }
        return try await desk.perform(.customers(.set(selector, values, by: login)))
    }

    package func attach(_ number: Int64, to customer: String, withEarlier: Bool, by login: String?) async throws
        -> String
    {
        try await desk.perform(.customers(.attach(number, customer, withEarlier: withEarlier, by: login)))
    }

    package func detach(_ number: Int64, withEarlier: Bool, by login: String?) async throws -> String {
        try await desk.perform(.customers(.detach(number, withEarlier: withEarlier, by: login)))
    }

    package func join(_ customer: String, into other: String, by login: String?) async throws -> String {
        try await desk.perform(.customers(.join(customer, into: other, by: login)))
    }

    package func erase(_ customer: String, by admin: String, and supervisor: String) async throws -> String {
        try await desk.perform(.customers(.erase(customer, by: admin, and: supervisor)))
    }

    /// Everything about a customer into a new directory: `customer.json`, and each message as a file of its own.
    package func export(_ selector: String, to directory: String, by login: String?) async throws -> String {
        try Self.make(directory)
        let session = try await CommandSession(desk)
        defer { session.close() }
        let text = try await session.perform(.customers(.record(selector, by: login)))
        guard var record = try? JSONDecoder().decode(CustomerRecord.self, from: Data(text.utf8)) else {
            throw CommandFailure(.software, "the record of the customer cannot be read")
        }
        var count = 0
        var cases = record.cases ?? []
        for index in cases.indices {
            let folder = "case-\(cases[index].number)"
            var messages = cases[index].messages ?? []
            if !messages.isEmpty { try Self.make("\(directory)/\(folder)") }
            for place in messages.indices {
                let name = "\(folder)/\(messages[place].message)-\(messages[place].kind).eml"
                try await write(messages[place].message, to: "\(directory)/\(name)", session)
                messages[place].file = name
                count += 1
            }
            cases[index].messages = messages
        }
        record.cases = cases
        try Self.write(Data(CommandJSON.text(record).utf8), to: "\(directory)/customer.json")
        return "Customer \(record.number): \(cases.count) cases, \(count) messages in \(directory).\n"
    }

    private func write(_ message: Int64, to path: String, _ session: CommandSession) async throws {
        try Self.write(Data(), to: path)
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw CommandFailure(.cannotCreate, "\(path): cannot be written")
        }
        defer { try? file.close() }
        var offset = 0
        while true {
            let text = try await session.perform(.octets(message: message, offset: offset))
            guard let octets = Data(base64Encoded: text), !octets.isEmpty else { return }
            do { try file.write(contentsOf: octets) } catch {
                throw CommandFailure(.ioError, "\(path): \(error.localizedDescription)")
            }
            offset += octets.count
        }
    }

    /// A directory for its owner only, which was not there.
    private static func make(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(.cannotCreate, "\(path): \(error.localizedDescription)")
        }
    }

    private static func write(_ data: Data, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: data, attributes: [.posixPermissions: 0o600])
        else {
            throw CommandFailure(.cannotCreate, "\(path): cannot be written")
        }
    }
}
