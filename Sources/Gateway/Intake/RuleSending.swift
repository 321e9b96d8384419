import Desk
import MailFormat
import MailTypes

/// Sends a mail on because rules say so (FEATURES S9): forwarded as the desk, so that an answer comes back into the case, or
/// copied as it came. Both leave by the outbox in the transaction that files the mail, with a signed reverse-path.
///
/// Nothing is sent on that was sent on from here before, that is a bounce or an automatic reply, or that goes to an address
/// of the desk; and no more than the caps allow, so that two desks that forward to each other fall silent.
struct RuleSending {
    let filing: MailFiling
    let work: CaseWork

    /// Marks what was sent on, with the address that it came to.
    static let loopField = "X-Loop"
    private static let period = Duration.seconds(600)
    private static let maximum = 200
    private static let maximumOfSender = 20

    /// Whether a mail may be sent on at all.
    static func isAllowed(_ header: HeaderSection, _ envelope: Envelope, _ roster: Roster) -> Bool {
        guard envelope.reversePath != nil,
            header.text("Auto-Submitted")?.lowercased().hasPrefix("auto-replied") != true
        else { return false }
        return !header.addresses(of: loopField).contains { MailFacts.isInternal($0.address, roster) }
    }

    /// Sends the filed message to whom the rules name.
    func send(
        _ message: MessageKey, of ticket: Ticket, _ verdict: RuleVerdict, _ stored: ContentID, _ sender: AddressID?
    ) throws {
        guard !verdict.forward.isEmpty || !verdict.copy.isEmpty, filing.facts.maySendOn,
            let from = work.roster.address(of: ticket.pool, preferring: ticket.address)
        else { return }
        for (recipients, isCopy) in [(verdict.forward, false), (verdict.copy, true)] {
            let outside = recipients.filter { !MailFacts.isInternal($0, work.roster) }
            guard !outside.isEmpty else { continue }
            let names = outside.map(\.description).joined(separator: ", ")
            guard try hasRoom(sender) else {
                try record(ticket, message, to: nil, reason: "not sent to \(names): too many at once")
                continue
            }
            let header = try isCopy ? copied(from) : forwarded(ticket, from, outside)
            var submission = NewSubmission(
                ticket: ticket.number, message: message, agent: nil, content: stored,
                bodyOffset: filing.content.header.octets.count, header: header,
                reversePath: filing.intake.keys.signedAddress(
                    from, ticket: ticket.number, purpose: .bounce, subject: message.rawValue),
                recipients: outside, isEightBit: filing.content.isEightBit,
                needsSMTPUTF8: !outside.allSatisfy(\.isASCII) || header.contains { $0 >= 0x80 },
                acceptedAt: work.now, expiresAt: work.now + .seconds(4 * 86400))
            submission.isPassedOn = isCopy
            try work.transaction.enqueue(submission)
            try record(ticket, message, to: names, reason: verdict.rules.joined(separator: ", "))
            work.transaction.note(Change(isOutboxChange: true))
        }
    }

    private func hasRoom(_ sender: AddressID?) throws -> Bool {
        let counts = try work.transaction.sentByItself(since: work.now - Self.period, sender: sender)
        return counts.all < Self.maximum && counts.ofSender < Self.maximumOfSender
    }

    private func record(_ ticket: Ticket, _ message: MessageKey, to recipients: String?, reason: String) throws {
        try work.transaction.record(
            TicketEvent(
                ticket: ticket.number, at: work.now, kind: .forwarded, message: message, to: recipients, reason: reason))
    }

    /// The mail as it came, with the trace of its way through here.
    private func copied(_ from: EmailAddress) throws -> [UInt8] {
        var fields = HeaderWriter()
        try fields.addresses(Self.loopField, [NamedAddress(address: from)])
        // The first line of the trace is the Return-Path, which leaves with nobody (RFC 5321 §4.4).
        let received = filing.trace.firstIndex(of: 0x0A).map { Array(filing.trace[($0 + 1)...]) } ?? []
        return HeaderRewriter(added: received + fields.octets, removedFields: filing.facts.foreignResults)
            .rewrite(filing.content.header)
    }

    /// From the pool to the recipients; what describes the body stays.
    private func forwarded(_ ticket: Ticket, _ from: EmailAddress, _ recipients: [EmailAddress]) throws -> [UInt8] {
        let (header, intake) = (filing.content.header, filing.intake)
        let pool = work.roster.pools[ticket.pool]?.definition
        let name = pool?.senderName ?? pool?.name
        var fields = HeaderWriter()
        fields.date("Date", work.now)
        try fields.addresses("From", [NamedAddress(displayName: name, address: from)])
        try fields.addresses("To", recipients.map { NamedAddress(address: $0) })
        try fields.addresses(
            "Reply-To",
            [
                NamedAddress(
                    displayName: name,
                    address: intake.keys.signedAddress(from, ticket: ticket.number, purpose: .reply, subject: 0))
            ])
        let stamp = filing.stamp.text(.init(prefix: pool?.prefix ?? "", number: ticket.number.rawValue))
        let subject = filing.facts.subject.filter { $0 != "\r\n" && $0 != "\r" && $0 != "\n" && $0 != "\0" }
        try fields.text("Subject", "Fwd: \(subject.contains(stamp) ? "" : "\(stamp) ")\(subject)")
        let messageID = intake.keys.messageID(
            ticket: ticket.number, purpose: .reply, subject: 0,
            unique: Base32.encode(intake.cryptography.randomOctets(8)), host: intake.configuration.hostname)
        fields.messageIDs("Message-ID", [messageID])
        if let original = filing.facts.messageID { fields.messageIDs("References", [original]) }
        try fields.structured("Auto-Submitted", "auto-generated")
        try fields.addresses(Self.loopField, [NamedAddress(address: from)])
        for field in header.fields where !field.isMalformed && Self.describesBody(field, of: header) {
            fields.copy(field, of: header)
        }
        return fields.octets + [0x0D, 0x0A]
    }

    private static func describesBody(_ field: HeaderSection.Field, of header: HeaderSection) -> Bool {
        ["MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Language", "Content-Disposition"]
            .contains { header.isNamed(field, $0) }
    }
}
