import Desk
import MailFormat
package import MailTypes

/// Files the notice that an answer did not arrive into its case and brings the case back to its agent.
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
        var changed = old
        let isActive = old.assignee.flatMap { roster.agents[$0] }?.isActive == true
        if old.status == .waiting || old.status == .done || old.status == .closed {
            changed.status = isActive ? .assigned : .new
            if !isActive { changed.assignee = nil }
        }
        let ticket = try work.move(old, to: changed, by: nil, reason: "a mail of ours was not delivered").ticket
        let message = GeneratedMessage(try compose(notice, ticket, roster))
        try work.place(try message.insert(.notice, into: ticket, at: notice.at, work), of: ticket)
    }

    private func compose(_ notice: FailureNotice, _ ticket: Ticket, _ roster: Roster) throws -> [UInt8] {
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
        try header.text("Subject", "\(stamp.map { "\($0) " } ?? "")Your answer was not delivered")
        if let id = MessageID("\(unique)@\(hostname.ascii)") { header.messageIDs("Message-ID", [id]) }
        if let root = ticket.rootMessageID(host: hostname) { header.messageIDs("References", [root]) }
        try header.structured("Auto-Submitted", "auto-generated")
        try header.structured("X-Stempel-Case", ticket.number.description)
        return MessageWriter.alternative(header, text(notice), entropy: cryptography.randomOctets(16))
    }

    private func text(_ notice: FailureNotice) -> String {
        var lines = ["An answer in this case could not be delivered. It will not be tried again.", ""]
        for recipient in notice.recipients {
            let end =
                recipient.attempt.outcome == .expired
                ? "It was tried \(recipient.attempts) times, the last answer was:" : "The answer was:"
            let status = recipient.attempt.failure.map { ["Status: \($0.status)"] } ?? []
            lines += ["Recipient: \(recipient.address)"] + status + [end, recipient.attempt.diagnostic, ""]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
