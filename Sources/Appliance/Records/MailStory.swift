import Desk
import Gateway
import MailFormat
import MailTypes
import Storage

/// The story of a mail, from the connection that brought it to what became of its case (FEATURES G9).
struct MailStory: Codable, Sendable {
    struct Step: Codable, Sendable {
        var at: String
        /// `accepted`, `refused`, `discarded`, `checked`, `event`, `undeliverable`, `queued`, `delivery`.
        var kind: String
        var what: String
        var who: String?
        var ticket: Int64?
    }

    var subject: String
    var steps: [Step]
    /// Where it lies now, and who has read it.
    var lies: [String]
    var read: [String]

    /// `<id@host>`, `id@host`, a case as `#17`, or an address or host whose mail was refused; `nil` where nothing is known
    /// of it.
    init?(_ text: String, _ transaction: Transaction, _ roster: Roster, host: DomainName) throws {
        var builder = Builder(transaction: transaction, roster: roster, host: host)
        if text.hasPrefix("#") {
            guard let number = Int64(text.dropFirst()) else { return nil }
            try builder.tell(of: TicketNumber(rawValue: number))
        } else if let id = MessageID(String(text.drop { $0 == "<" }.prefix { $0 != ">" })) {
            try builder.tell(of: id)
        }
        // Who was refused before a Message-ID was seen is known by the address.
        if builder.steps.isEmpty, let address = EmailAddress(text) { try builder.tellRefusals(of: address) }
        if builder.steps.isEmpty, let host = IPAddress(text) { try builder.tellRefusals(from: host) }
        guard !builder.steps.isEmpty else { return nil }
        subject = text
        // Steps of one moment stay in the order in which they were told.
        steps = builder.steps.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map {
                Step(
                    at: $0.element.at.text, kind: $0.element.kind, what: $0.element.what, who: $0.element.who,
                    ticket: $0.element.ticket?.rawValue)
            }
        (lies, read) = (builder.lies, builder.read)
    }

    var text: String {
        var lines = steps.map { step in
            let ticket = step.ticket.map { "#\($0) " } ?? ""
            return "\(step.at) \(ticket)\(step.what)" + (step.who.map { ", by \($0)" } ?? "")
        }
        if !lies.isEmpty { lines.append("lies in: \(lies.joined(separator: "; "))") }
        if !read.isEmpty { lines.append("read by: \(read.joined(separator: ", "))") }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Gathers the steps.
private struct Builder {
    struct Step {
        var at: Timestamp
        var kind: String
        var what: String
        var who: String?
        var ticket: TicketNumber?
    }

    let transaction: Transaction
    let roster: Roster
    /// Whose Authentication-Results count.
    let host: DomainName
    var steps: [Step] = []
    var lies: [String] = []
    var read: [String] = []

    init(transaction: Transaction, roster: Roster, host: DomainName) {
        (self.transaction, self.roster, self.host) = (transaction, roster, host)
    }

    mutating func tell(of id: MessageID) throws {
        for refusal in try transaction.refusals(id) { tell(of: refusal) }
        var tickets: [TicketNumber] = []
        for message in try transaction.recordedMessages(id) {
            try tell(of: message)
            if let ticket = message.ticket { tickets.append(ticket) }
        }
        if let sent = try transaction.ticket(sentAs: id) { tickets.append(sent) }
        var told: Set<TicketNumber> = []
        for ticket in tickets where told.insert(ticket).inserted { try tellEvents(of: ticket) }
    }

    mutating func tellRefusals(of address: EmailAddress) throws {
        for refusal in try transaction.refusals(with: address, limit: 100).reversed() { tell(of: refusal) }
    }

    mutating func tellRefusals(from host: IPAddress) throws {
        for refusal in try transaction.refusals(from: host, limit: 100).reversed() { tell(of: refusal) }
    }

    private mutating func tell(of refusal: Refusal) {
        let cause = refusal.cause.map { " (\($0))" } ?? ""
        let (kind, verb) = refusal.isDiscarded ? ("discarded", "taken and thrown away") : ("refused", "refused")
        add(
            refusal.at, kind, "\(verb) from \(origin(refusal.origin)): \(refusal.reply)\(cause)",
            who: login(refusal.origin.agent))
    }

    mutating func tell(of number: TicketNumber) throws {
        guard try transaction.ticket(number) != nil else { return }
        for message in try transaction.recordedMessages(of: number) { try tell(of: message) }
        try tellEvents(of: number)
    }

    private mutating func tell(of message: RecordedMessage) throws {
        for acceptance in try transaction.acceptances(of: message.content) {
            let again = acceptance.isDuplicate ? "accepted again" : "accepted"
            add(
                acceptance.at, "accepted", "\(again) from \(origin(acceptance.origin)), \(acceptance.size) octets",
                who: login(acceptance.origin.agent), message.ticket)
        }
        let checks = AuthenticationFacts.read(HeaderSection(message.header), hostname: host)
        if !checks.isEmpty {
            let words = checks.map { "\($0.method.rawValue) \($0.verdict)" }.joined(separator: ", ")
            add(message.at, "checked", "its origin was checked: \(words)", message.ticket)
        }
        for place in try transaction.shownPlaces(of: message.key) {
            let name = name(of: place)
            if !lies.contains(name) { lies.append(name) }
        }
        for reader in try transaction.readers(of: message.key) {
            if let login = login(reader), !read.contains(login) { read.append(login) }
        }
    }

    private mutating func tellEvents(of number: TicketNumber) throws {
        let words = EventWords(roster: roster)
        for event in try transaction.events(of: number) {
            add(event.at, "event", words.sentence(event), who: login(event.agent), number)
        }
        for address in try transaction.bouncedAddresses(of: number) {
            guard let at = address.bouncedAt else { continue }
            let status = address.bounceStatus.map { ": \($0)" } ?? ""
            add(at, "undeliverable", "mail to \(address.spelling) does not arrive since then\(status)", number)
        }
        for delivery in try transaction.deliveries(of: number) {
            add(
                delivery.acceptedAt, "queued", "waits for delivery to \(delivery.recipient)",
                who: login(delivery.agent), number)
            guard let last = delivery.lastAttempt else { continue }
            let answer = delivery.diagnostic.map { ": \($0)" } ?? ""
            let attempts = delivery.attempts > 1 ? " after \(delivery.attempts) attempts" : ""
            add(
                last, "delivery", "to \(delivery.recipient) \(delivery.state.rawValue)\(attempts)\(answer)", who: nil, number
            )
        }
    }

    // MARK: - Words

    private mutating func add(
        _ at: Timestamp, _ kind: String, _ what: String, who: String? = nil, _ ticket: TicketNumber? = nil
    ) {
        // What a mail to two pools has in common is told once.
        guard !steps.contains(where: { $0.at == at && $0.kind == kind && $0.what == what && kind == "accepted" }) else {
            return
        }
        steps.append(Step(at: at, kind: kind, what: what, who: who, ticket: ticket))
    }

    private func origin(_ origin: MailOrigin) -> String {
        let tls =
            switch origin.encryption {
            case .none: ", in the clear"
            case .tls(let details): ", \(details)"
            case .unknown: ""
            }
        // Who was shut out before a mail began has said nothing.
        if origin.helo.isEmpty, origin.recipients.isEmpty { return "\(origin.peer) (session \(origin.session))" }
        let sender = "<\(origin.reversePath ?? "")>"
        return "\(origin.peer) (HELO \(origin.helo)\(tls), session \(origin.session)), \(sender) to "
            + (origin.recipients.isEmpty ? "nobody yet" : origin.recipients.map { "<\($0)>" }.joined(separator: " "))
    }

    private func login(_ agent: AgentID?) -> String? { agent.flatMap { roster.agents[$0]?.definition.login } }

    private func name(of place: (mailbox: MailboxID, name: String?, owner: AgentID?)) -> String {
        let owner = login(place.owner).map { " of \($0)" } ?? ""
        if let name = place.name { return "Private/\(name)\(owner)" }
        guard let kind = roster.kinds[place.mailbox] else { return "mailbox \(place.mailbox)\(owner)" }
        switch kind {
        case .pool(let pool): return "Pools/\(roster.pools[pool]?.definition.name ?? pool.description)"
        case .poolStatus(let pool, let status):
            return "Pools/\(roster.pools[pool]?.definition.name ?? pool.description)/\(status.name(in: .english))"
        case .group(let group): return "Groups/\(roster.groups[group]?.name ?? group.description)"
        case .folder(let folder): return "Folders/\(roster.folders[folder]?.name ?? folder.description)"
        default: return "\(kind.class)\(owner)"
        }
    }
}
