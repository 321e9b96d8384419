import Desk
import MailFormat
package import MailTypes

/// Files the notice that an answer did not arrive into its case and brings the case back to its agent. That it is only late is
/// told in the case, which stays where it is: there is nothing to be done yet. A notice is a delivery status notification
/// (RFC 3464) for the people of the case.
package struct FailureNoticeFiling: FailureNotices {
    private let roster: RosterHolder
    private let cryptography: any Cryptography
    private let hostname: DomainName

    package init(roster: RosterHolder, cryptography: any Cryptography, hostname: DomainName) {
        (self.roster, self.cryptography, self.hostname) = (roster, cryptography, hostname)
    }

    package func file(_ notice: FailureNotice, in transaction: any DeskTransaction) throws {
        guard let old = try notice.ticket.flatMap({ try transaction.survivor($0) }) else { return }
        let roster = roster.current
        let work = CaseWork(transaction, roster: roster, now: notice.at)
        let ticket = notice.isDelay || notice.isRelay ? old : try bringBack(old, after: notice, roster, work)
        let returned = try? Self.returned(notice, transaction)
        let message = GeneratedMessage(try compose(notice, ticket, roster, returned))
        try work.place(try message.insert(.notice, into: ticket, at: notice.at, work), of: ticket)
    }

    private func bringBack(
        _ old: Ticket, after notice: FailureNotice, _ roster: Roster, _ work: CaseWork
    ) throws -> Ticket {
        var changed = old
        let isQuestion = try work.questionCameBack(notice.message)
        if old.status == .waiting || old.status == .done || old.status == .closed
            || isQuestion && old.status == .consultation
        {
            changed = work.withWorker(old)
            changed.status = changed.assignee == nil ? .new : .assigned
        }
        return try work.move(old, to: changed, by: nil, reason: "a mail of ours was not delivered").ticket
    }

    private func compose(
        _ notice: FailureNotice, _ ticket: Ticket, _ roster: Roster, _ returned: ReportWriter.Returned?
    ) throws -> [UInt8] {
        let pool = roster.pools[ticket.pool]?.definition
        let unique = Base32.encode(cryptography.randomOctets(10))
        var header = HeaderWriter()
        header.date("Date", notice.at)
        let sender = EmailAddress(localPart: "mailer-daemon", domain: hostname)
        try header.addresses("From", [NamedAddress(displayName: "Stempel", address: sender)])
        // An answer to it is a note: nobody reads what goes to a mail system.
        try header.addresses("Reply-To", [NamedAddress(address: roster.noteAddress)])
        if let address = roster.address(of: ticket.pool, preferring: ticket.address) {
            try header.addresses("To", [NamedAddress(displayName: pool?.name, address: address)])
        }
        let stamp = StampPattern(roster.definition.stamp)?.text(
            .init(prefix: pool?.prefix ?? "", number: ticket.number.rawValue))
        try header.text("Subject", "\(stamp.map { "\($0) " } ?? "")\(Self.subject(notice))")
        if let id = MessageID("\(unique)@\(hostname.ascii)") { header.messageIDs("Message-ID", [id]) }
        if let root = ticket.rootMessageID(host: hostname) { header.messageIDs("References", [root]) }
        try header.structured("Auto-Submitted", "auto-generated")
        try header.structured("X-Stempel-Case", ticket.number.description)
        let writer = ReportWriter(
            reporter: hostname, arrivedAt: notice.acceptedAt, envelopeID: notice.wishes.envelopeID)
        return writer.write(
            header, text: text(notice), about: notice.recipients.map { Self.recipient($0, notice) }, returned: returned,
            entropy: cryptography.randomOctets(16))
    }

    /// What is longer does not come along: of a mail its header section instead, of that nothing.
    private static let longestReturned = 65_536

    /// The mail whole where it failed and that was asked for (RFC 3461 §4.3), else its header section.
    private static func returned(
        _ notice: FailureNotice, _ transaction: any DeskTransaction
    ) throws -> ReportWriter.Returned? {
        let header = try transaction.outgoingHeader(of: notice.submission)
        guard header.count <= longestReturned else { return nil }
        guard notice.wishes.returnedContent == .full, !notice.isDelay, !notice.isRelay else { return .header(header) }
        var message = header
        var piece = 0
        while let octets = try transaction.outgoingBody(of: notice.submission, piece: piece) {
            message += octets
            guard message.count <= longestReturned else { return .header(header) }
            piece += 1
        }
        return .message(message)
    }

    private static func recipient(
        _ recipient: FailureNotice.Recipient, _ notice: FailureNotice
    ) -> ReportWriter.Recipient {
        let failure = recipient.attempt.failure
        var status = failure?.status ?? EnhancedStatus(2, 0, 0)
        // Given up: what was temporary is final (RFC 3464 §2.3.4).
        if recipient.attempt.outcome == .expired { status = EnhancedStatus(5, status.subject, status.detail) }
        return ReportWriter.Recipient(
            address: recipient.address,
            originalRecipient: notice.wishes.requests[recipient.address]?.originalRecipient,
            action: notice.isRelay ? .relayed : notice.isDelay ? .delayed : .failed, status: status,
            diagnostic: recipient.attempt.diagnostic, remote: recipient.attempt.server.flatMap(remote),
            retriedUntil: notice.isDelay ? notice.expiresAt : nil)
    }

    /// `mx.example` of `mx.example[192.0.2.1]:25`, `[192.0.2.1]` of `192.0.2.1:25`.
    private static func remote(_ server: String) -> String? {
        let name = server.prefix { $0 != "[" }
        if name.count < server.count { return String(name) }
        guard let mark = server.lastIndex(of: ":") else { return server }
        let host = String(server[..<mark])
        return IPAddress(host) == nil ? host : "[\(host)]"
    }

    private static func subject(_ notice: FailureNotice) -> String {
        if notice.isRelay { return "Your answer was passed on" }
        return notice.isDelay ? "Your answer is not delivered yet" : "Your answer was not delivered"
    }

    private func text(_ notice: FailureNotice) -> String {
        let hours = max(1, (notice.expiresAt - notice.at).microseconds / 3_600_000_000)
        let span = hours == 1 ? "another hour" : "another \(hours) hours"
        if notice.isRelay {
            let names = notice.recipients.map { "\($0.address): \($0.attempt.account)" }
            return (["An answer in this case was passed on. The mail system that took it does not tell more.", ""] + names)
                .joined(separator: "\n") + "\n"
        }
        var lines =
            notice.isDelay
            ? ["An answer in this case could not be delivered yet. It will be tried for \(span); there is"]
                + ["nothing that you have to do.", ""]
            : ["An answer in this case could not be delivered. It will not be tried again.", ""]
        for recipient in notice.recipients {
            let times = recipient.attempts == 1 ? "once" : "\(recipient.attempts) times"
            let end: String
            switch recipient.attempt.outcome {
            case .failed: end = "The answer was:"
            case .expired: end = "It was tried \(times) until its time was over; the last answer was:"
            default: end = "It was tried \(times), the last answer was:"
            }
            let status = Self.recipient(recipient, notice).status
            lines += ["Recipient: \(recipient.address)", "Status: \(status)", end, recipient.attempt.account, ""]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
