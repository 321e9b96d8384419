import Desk
import MailFormat
import MailTypes

/// Tells a customer that cases became one (FEATURES S10): an automatic mail from the pool, held for the undo time.
struct MergeNotice {
    let letter: DeskLetter

    /// Whom it goes to: those of the cases' one customer who take part in a case that went into this one. Asked before the
    /// cases are joined; throws a `CaseRefusal` where there is nobody to tell.
    func recipients(_ others: [TicketNumber]) throws -> [EmailAddress] {
        let transaction = letter.work.transaction
        guard let customer = letter.ticket.customer else {
            throw CaseRefusal(
                .impossible, "The case has no customer who could be told",
                "Sprawa nie ma klienta, którego można zawiadomić")
        }
        var found: Set<EmailAddress> = []
        for number in others {
            guard let other = try transaction.ticket(number), other.customer == customer else {
                throw CaseRefusal(
                    .impossible, "Cases of different customers are joined without a notice",
                    "Sprawy różnych klientów łączy się bez zawiadomienia")
            }
            for address in try transaction.participantAddresses(of: number)
            where try transaction.standing(of: address, outside: nil)?.customer == customer {
                found.insert(address)
            }
        }
        guard !found.isEmpty else {
            throw CaseRefusal(
                .impossible, "Nobody takes part who could be told",
                "Nie ma uczestnika, którego można zawiadomić")
        }
        return found.sorted { $0.description < $1.description }
    }

    func hold(_ others: [TicketNumber], to recipients: [EmailAddress]) throws {
        let (work, stamp) = (letter.work, letter.stamp(of: letter.ticket.number))
        let subject = try letter.subject()
        var (fields, messageID, address) = try letter.fields(
            to: recipients.map { NamedAddress(address: $0) },
            subject: subject.contains(stamp) ? subject : "\(stamp) \(subject)")
        try fields.structured("Auto-Submitted", "auto-generated")
        let text = CorrespondenceWords(work.roster.definition.language, clock: work.roster.clock).merged(
            others.map(letter.stamp), into: stamp, from: letter.senderName)
        var writer = ContentWriter(work.transaction, now: work.now)
        try writer.append(
            MessageWriter.alternative(
                fields, text, entropy: letter.held.intake.cryptography.randomOctets(16)))
        let (content, header) = try writer.finish(digest: 0)
        _ = try letter.hold(
            content, header, as: .notice, to: recipients, from: address, messageID: messageID)
    }
}
