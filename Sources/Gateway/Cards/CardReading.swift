import Desk
import MailFormat
import MailTypes

/// Decides what is to be done about the cards of a marked case, from one reading of the database.
struct CardReading: Sendable {
    private static let eventLimit = 100

    let mark: CardMark
    private let facts: CardFacts?
    private let cards: [CardRow]
    private let events: [(id: Int64, event: TicketEvent)]
    private let hasMail: Bool

    init(_ mark: CardMark, roster: Roster, in transaction: any DeskTransaction) throws {
        self.mark = mark
        facts = try transaction.cardFacts(of: mark.ticket).map { try Self.withHeldMail($0, in: transaction) }
        cards = try transaction.cards(of: mark.ticket)
        hasMail = try !transaction.mailboxesOfMail(of: mark.ticket).isEmpty
        let tellsEvents = facts.flatMap { roster.pools[$0.ticket.pool]?.definition.eventMails } == true
        events =
            tellsEvents ? try transaction.events(of: mark.ticket, from: mark.firstEvent, limit: Self.eventLimit) : []
    }

    /// A mail that leaves in half a minute is no news: the card would change twice for every answer.
    private static func withHeldMail(_ facts: CardFacts, in transaction: any DeskTransaction) throws -> CardFacts {
        var facts = facts
        for status in try transaction.heldMail(of: facts.ticket.number) {
            guard status.state == .waiting else {
                facts.held.append(status)
                continue
            }
            guard let mail = try transaction.heldMail(status.id), mail.isScheduled else { continue }
            facts.held.append(status)
            facts.releases[status.id] = mail.releaseAt
        }
        return facts
    }

    /// What is to be written.
    func work(
        _ roster: Roster, _ renderer: any CardRendering, _ screens: CardScreens, _ composer: CardMessage, now: Timestamp
    )
        throws -> CardWork
    {
        var work = CardWork(mark: mark)
        guard let facts, hasMail else {
            work.isEmptied = true
            return work
        }
        work.lastEvent = facts.lastEvent
        let content = facts.content(roster, hostname: composer.hostname, now: now)
        for told in EventTelling(events.map(\.event), roster: roster).told {
            let sentences = told.events.map { renderer.sentence($0, in: roster.definition.language) }
            let octets = try composer.event(sentences, by: told.name, of: content, facts.ticket, at: told.at)
            work.told.append(.init(message: GeneratedMessage(octets), agent: told.agent, at: told.at))
        }
        for language in roster.cardLanguages.sorted(by: { $0.rawValue < $1.rawValue }) {
            func render(_ content: CardContent) -> RenderedCard {
                renderer.render(
                    content, in: language, domain: roster.definition.domain, clock: roster.clock, now: now)
            }
            let lasting = render(content.lasting)
            let digest = Self.digest(lasting.html)
            let urgent = Self.digest(
                "\(facts.ticket.status.word) \(facts.ticket.assignee?.description ?? "") \(facts.ticket.substitute?.description ?? "") \(facts.ticket.pool)")
            if let old = cards.first(where: { $0.language == language }) {
                if old.digest == digest { continue }
                if let wait = wait(old, urgent, screens, now) {
                    work.again = max(work.again ?? wait, wait)
                    continue
                }
            }
            let isFirst = !cards.contains { $0.language == language }
            let octets = try composer.card(
                render(content), of: content, facts.ticket, language,
                version: isFirst ? nil : Base32.encode(number: digest & 0xFFFF_FFFF_FFFF),
                firstMail: facts.firstHeader.flatMap { HeaderSection($0).date })
            let row = CardRow(
                ticket: facts.ticket.number, language: language, message: MessageKey(rawValue: 0), digest: digest,
                urgentDigest: urgent, madeAt: now)
            work.new.append(.init(row: row, message: GeneratedMessage(octets)))
        }
        return work
    }

    /// Until when the card stays as it is; `nil`: it need not.
    private func wait(_ old: CardRow, _ urgent: Int64, _ screens: CardScreens, _ now: Timestamp) -> Timestamp? {
        // A clock that was set back must not hold a card for ever.
        let pause = old.madeAt + CardMark.pause
        if pause > now, old.madeAt <= now { return pause }
        return old.urgentDigest == urgent ? screens.busy(old.message, at: now) : nil
    }

    /// FNV-1a over the text.
    private static func digest(_ text: String) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in text.utf8 { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
        return Int64(bitPattern: hash)
    }
}
