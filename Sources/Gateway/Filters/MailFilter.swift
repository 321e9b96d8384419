package import MailFormat
package import MailTypes

/// A mail that is about to be filed, as a filter sees it.
package struct FilteredMail: Sendable {
    package var peer: Peer
    package var envelope: Envelope
    package var header: HeaderSection
    /// Names the mail in logs.
    package var id: String
    /// The next piece of the body from an offset on, at most so many octets; empty at the end.
    package var body: @Sendable (_ offset: Int, _ count: Int) async throws -> [UInt8]
}

/// What came of asking a filter.
package struct FilterVerdict: Sendable, Equatable {
    package enum Decision: Sendable, Equatable {
        case accept
        /// The reply says why.
        case refuse(Reply)
        /// Taken, and thrown away.
        case discard
    }

    /// A change of the header section that is served; what was received stays as it is.
    package enum Change: Sendable, Equatable {
        case add(name: [UInt8], value: [UInt8])
        /// The occurrence of a field, counted from 1; `nil`: it is not shown.
        case replace(name: [UInt8], occurrence: Int, value: [UInt8]?)
    }

    package var decision: Decision
    package var changes: [Change]
    /// A case that it opens goes to Spam.
    package var isQuarantined: Bool

    package init(_ decision: Decision, changes: [Change] = [], isQuarantined: Bool = false) {
        (self.decision, self.changes, self.isQuarantined) = (decision, changes, isQuarantined)
    }
}

/// A program that looks at mail before it is filed: a spam filter, a virus scanner.
package protocol MailFilter: Sendable {
    /// What the log calls it.
    var name: String { get }
    /// Asks about a mail. What it cannot find out is its own to decide: accepted, or to be tried again later.
    func judge(_ mail: FilteredMail) async -> FilterVerdict
}

/// Several filters, asked in their order: the first that does not accept ends it, and each sees the fields that those before
/// it added.
package struct FilterChain: Sendable {
    private let filters: [any MailFilter]

    package init(_ filters: [any MailFilter]) { self.filters = filters }

    var isEmpty: Bool { filters.isEmpty }

    /// What they say together, and who said that it is not accepted.
    func judge(_ mail: FilteredMail) async -> (verdict: FilterVerdict, by: String?) {
        var mail = mail
        var together = FilterVerdict(.accept)
        for filter in filters {
            let verdict = await filter.judge(mail)
            together.decision = verdict.decision
            together.isQuarantined = together.isQuarantined || verdict.isQuarantined
            together.changes += verdict.changes
            guard verdict.decision == .accept else { return (together, filter.name) }
            if !verdict.changes.isEmpty { mail.header = FilteredHeader(mail.header, verdict.changes).section }
        }
        return (together, nil)
    }
}

/// A header section with what filters changed of it.
struct FilteredHeader {
    /// Complete fields that stand before all others.
    private(set) var added: [UInt8] = []
    /// Where the fields begin that are not shown.
    private(set) var removed: Set<Int> = []
    private let header: HeaderSection

    init(_ header: HeaderSection, _ changes: [FilterVerdict.Change]) {
        self.header = header
        for change in changes {
            switch change {
            case .add(let name, let value): add(name, value)
            case .replace(let name, let occurrence, let value):
                let name = String(decoding: name, as: UTF8.self)
                let fields = header.all(name)
                if fields.indices.contains(occurrence - 1) { removed.insert(fields[occurrence - 1].range.lowerBound) }
                if let value { add(Array(name.utf8), value) }
            }
        }
    }

    private mutating func add(_ name: [UInt8], _ value: [UInt8]) {
        // What only Stempel writes, no filter writes either.
        guard !HeaderRewriter.isReserved(name) else { return }
        let space: [UInt8] = value.first == 0x20 || value.first == 0x09 ? [] : [0x20]
        added += name + [0x3A] + space + value + [0x0D, 0x0A]
    }

    /// As the next filter, and rules, see it.
    var section: HeaderSection {
        let kept = header.fields.filter { !removed.contains($0.range.lowerBound) }.flatMap { header.octets[$0.range] }
        return HeaderSection(added + kept + header.octets[header.parsedEnd..<header.bodyStart])
    }
}
