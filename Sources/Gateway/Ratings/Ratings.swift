package import Desk
import MailFormat
package import MailTypes

/// Takes what customers say of their cases through the links of closing mails (FEATURES S50). A link that is forged, used
/// up, too old, or that belongs to what was erased, is no link: nobody learns which of these it is.
package struct Ratings: Sendable {
    /// What a page shows: nothing of the case but its number as the subject has it.
    package struct Page: Sendable, Equatable {
        package var stamp: String
        package var language: Language
        package var rating: Rating?
        /// The day until which a rating that was given can be changed.
        package var changeableUntil: String?
    }

    private let store: any DeskStore
    private let roster: RosterHolder
    private let keys: KeyRing
    private let cryptography: any Cryptography
    private let clock: any WallClock
    private let room: any RoomGauge
    private let host: DomainName

    package init(
        store: any DeskStore, roster: RosterHolder, keys: KeyRing, cryptography: any Cryptography, clock: any WallClock,
        room: any RoomGauge, host: DomainName
    ) {
        (self.store, self.roster, self.keys) = (store, roster, keys)
        (self.cryptography, self.clock, self.host) = (cryptography, clock, host)
        self.room = room
    }

    /// What a link leads to; `nil`: nowhere.
    package func page(_ link: String) async throws(StoreFailure) -> Page? {
        let (token, roster, now) = (token(link), roster.current, clock.now)
        return try await store.read { transaction in
            try Self.find(token, CaseWork(transaction, roster: roster, now: now)).map { found in
                Self.page(found.invitation, found.ticket, roster)
            }
        }
    }

    /// A customer rates; `nil`: the link leads nowhere. Answers the page as it is when the rating is on disk.
    package func rate(_ link: String, as rating: Rating, comment: String) async throws(StoreFailure) -> Page? {
        guard try await page(link) != nil else { return nil }
        guard room.refusal == nil else { throw StoreFailure(.full) }
        let (token, roster, now) = (token(link), roster.current, clock.now)
        let comment = RatingNote.cleaned(comment)
        let digest = comment.isEmpty ? nil : digest(comment)
        let note = RatingNote(host: host, cryptography: cryptography)
        return try await store.write(octets: 4 * comment.utf8.count) { transaction in
            let work = CaseWork(transaction, roster: roster, now: now)
            guard let found = try Self.find(token, work) else { return nil }
            let ticket = found.ticket
            var invitation = found.invitation
            guard invitation.rate(rating, at: now) else { return nil }
            try Self.mark(ticket, as: rating, work)
            if let digest, digest != invitation.commentDigest {
                invitation.commentDigest = digest
                try note.file(comment, rating, into: ticket, work)
            }
            try transaction.update(invitation)
            return Self.page(invitation, ticket, roster)
        }
    }

    /// The case gets its one keyword.
    private static func mark(_ ticket: Ticket, as rating: Rating, _ work: CaseWork) throws {
        let transaction = work.transaction
        let tags = try transaction.tags(of: ticket.number)
        let before = Rating.among(tags)
        let changed = Rating.tags(tags, ratedAs: rating)
        if changed != tags { try transaction.setTags(changed, of: ticket.number, at: work.modSequence()) }
        guard before != rating else { return }
        try transaction.record(
            TicketEvent(
                ticket: ticket.number, at: work.now, kind: .rated, from: before.map { "\($0.rawValue)" },
                to: "\(rating.rawValue)"))
    }

    // MARK: - Links

    /// A link that is none is looked up like any other, so that it takes the same time.
    private func token(_ link: String) -> (token: SignedToken, isGenuine: Bool) {
        let given = SignedToken(link)
        let token =
            given
            ?? SignedToken(
                ticket: TicketNumber(rawValue: 0), key: "a", purpose: .rating, subject: 0,
                code: String(repeating: "a", count: 16))
        let isGenuine = keys.isGenuine(token)
        return (token, given != nil && isGenuine && token.purpose == .rating)
    }

    private static func find(
        _ link: (token: SignedToken, isGenuine: Bool), _ work: CaseWork
    ) throws -> (invitation: RatingInvitation, ticket: Ticket)? {
        let invitation = try work.transaction.invitation(RatingID(rawValue: link.token.subject))
        let ticket = try work.transaction.survivor(link.token.ticket)
        guard link.isGenuine, let invitation, let ticket, invitation.ticket == link.token.ticket,
            invitation.isOpen(at: work.now), ticket.status != .spam, !work.isTrashed(ticket)
        else { return nil }
        return (invitation, ticket)
    }

    private static func page(_ invitation: RatingInvitation, _ ticket: Ticket, _ roster: Roster) -> Page {
        let pool = roster.pools[ticket.pool]?.definition
        let stamp = StampPattern(roster.definition.stamp)?
            .text(.init(prefix: pool?.prefix ?? "", number: invitation.ticket.rawValue))
        let language = pool?.language ?? roster.definition.language
        let until = invitation.rating == nil ? nil : invitation.end.map { end in
            RatingWords(language).day(roster.clock.localTime(of: end).date)
        }
        return Page(
            stamp: stamp ?? "#\(invitation.ticket)", language: language, rating: invitation.rating, changeableUntil: until)
    }

    private func digest(_ text: String) -> Int64 {
        let digest = cryptography.makeDigest()
        var text = text
        text.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
        return digest.finalize().prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }
}
