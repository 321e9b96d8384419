import Desk
import MailFormat
import MailTypes

/// A mail that a command makes: from the pool of a case to somebody outside, in the name of an agent, held in To send like
/// any other.
struct DeskLetter {
    let held: HeldMails
    let work: CaseWork
    let agent: Roster.Agent
    let ticket: Ticket

    private var intake: Intake { held.intake }
    private var host: DomainName { intake.configuration.hostname }
    private var roster: Roster { work.roster }

    /// The stamp of a case, as a subject bears it.
    func stamp(of number: TicketNumber) -> String {
        let prefix = roster.pools[ticket.pool]?.definition.prefix ?? ""
        return StampPattern(roster.definition.stamp)?.text(.init(prefix: prefix, number: number.rawValue)) ?? "#\(number)"
    }

    /// The name that the pool writes under.
    var senderName: String {
        let pool = roster.pools[ticket.pool]?.definition
        return pool?.senderName ?? pool?.name ?? ""
    }

    /// What the case was opened about, in one line.
    func subject() throws -> String {
        let octets = try work.transaction.subject(of: ticket.number).utf8.filter { $0 >= 0x20 }
        return String(String(decoding: octets, as: UTF8.self).prefix(500))
    }

    /// The fields of the mail but for those of MIME. `answerReturns`: an answer comes back into the case; else nothing in
    /// the mail leads there.
    func fields(
        to recipients: [NamedAddress], subject: String, answerReturns: Bool = true
    ) throws -> (fields: HeaderWriter, messageID: MessageID, address: EmailAddress) {
        guard let address = roster.address(of: ticket.pool, preferring: ticket.address), let first = recipients.first else {
            throw CaseRefusal(
                .impossible, "The case's pool has no address to write from",
                "Pula sprawy nie ma adresu, z którego można pisać")
        }
        let correspondent = try work.transaction.correspondent(first, at: work.now).address.rawValue
        let unique = Base32.encode(intake.cryptography.randomOctets(16))
        let messageID =
            answerReturns
            ? intake.keys.messageID(
                ticket: ticket.number, purpose: .reply, subject: correspondent, unique: unique, host: host)
            : AsideID.make(unique, host: host)
        var fields = HeaderWriter()
        fields.date("Date", work.now)
        try fields.addresses("From", [NamedAddress(displayName: senderName, address: address)])
        try fields.addresses("To", recipients)
        if answerReturns {
            let reply = intake.keys.signedAddress(
                address, ticket: ticket.number, purpose: .reply, subject: correspondent)
            try fields.addresses("Reply-To", [NamedAddress(displayName: senderName, address: reply)])
        }
        try fields.text("Subject", subject)
        fields.messageIDs("Message-ID", [messageID])
        return (fields, messageID, address)
    }

    /// Puts the written mail into To send for the undo time, or longer where there are doubts. `original`: what recalling
    /// it makes a draft of.
    func hold(
        _ content: HeldMail.Content, _ header: HeaderSection, as departure: HeldMail.Departure, to recipients: [EmailAddress],
        from address: EmailAddress, messageID: MessageID, original: HeldMail.Content? = nil,
        clientMessageID: MessageID? = nil, answered: MessageID? = nil, doubts: (HeldMail) throws -> [SendingDoubt] = { _ in [] }
    ) throws -> [SendingDoubt] {
        var mail = HeldMail(
            agent: agent.id, ticket: ticket.number, pool: ticket.pool, address: address, departure: departure,
            subject: try subject(), messageID: messageID, header: header.octets, leaving: content,
            original: original ?? content, recipients: recipients, answered: answered, forwarded: [], followers: [],
            baseline: try work.transaction.newestMessage(in: ticket.number) ?? MessageKey(rawValue: 0),
            clientMessageID: clientMessageID, acceptedAt: work.now, releaseAt: work.now + roster.definition.undo,
            isScheduled: false)
        if agent.definition.role == .trainee { mail.approval = .needed }
        let doubts = try doubts(mail)
        guard doubts.isEmpty, mail.approval == .none, mail.releaseAt <= work.now else {
            try held.hold(mail, doubts, work)
            return doubts
        }
        _ = try held.depart(mail, work)
        if mail.original.id != content.id { try work.transaction.releaseContent(mail.original.id) }
        return []
    }
}

/// The Message-ID of a mail whose answer is no part of its case: from outside it leads nowhere.
enum AsideID {
    private static let prefix = "aside-"

    static func make(_ unique: String, host: DomainName) -> MessageID {
        guard let id = MessageID("\(prefix)\(unique)@\(host.ascii)") else {
            preconditionFailure("a host name makes a Message-ID")
        }
        return id
    }

    static func isOne(_ id: MessageID, host: DomainName) -> Bool {
        id.text.hasPrefix(prefix) && id.text.lowercased().hasSuffix("@\(host.ascii)")
    }
}
