import Desk
import Logging
import MailTypes

extension OutboxRunner {
    /// Mails that one look at the database lets go.
    private static let page = 50

    /// Lets go what To send held until now, each mail in a transaction of its own, so that one that cannot leave
    /// keeps no other back. Answers when the next one will be due.
    func releaseDue(at now: Timestamp) async throws(StoreFailure) -> Timestamp? {
        guard var held else { return nil }
        held.copies = .beside(of: [])
        while true {
            let page = try await store.read { transaction in
                (due: try transaction.dueHeldMail(at: now, limit: Self.page), next: try transaction.nextRelease())
            }
            guard !page.due.isEmpty else { return page.next }
            for id in page.due { try await release(id, held, at: now) }
        }
    }

    private func release(_ id: HeldMailID, _ held: HeldMails, at now: Timestamp) async throws(StoreFailure) {
        let roster = held.intake.roster.current
        do {
            let release = try await store.write { transaction in
                let release = try held.release(id, isConfirmed: false, CaseWork(transaction, roster: roster, now: now))
                try held.copies.drop(in: transaction)
                return release
            }
            log(id, release)
        } catch {
            guard error.reason == .rejected else { throw error }
            if let needed = error.cause as? CopyNeeded {
                var again = held
                again.copies = await held.intake.make(needed)
                return try await self.release(id, again, at: now)
            }
            held.copies.drop(from: held.intake.store)
            // Left as it is, it would be tried without end; held with the reason, its agent learns of it.
            let refusal =
                error.cause as? CaseRefusal ?? CaseRefusal(
                    .impossible, "That failed on the server; its log says why",
                    "To nie powiodło się na serwerze; przyczynę podaje jego dziennik")
            logger.warning(
                "held mail cannot leave",
                metadata: [OutboxLogKey.held: "\(id)", OutboxLogKey.failure: "\(error.cause.map { "\($0)" } ?? "")"])
            try await store.write { transaction in
                try held.refuse(id, refusal, CaseWork(transaction, roster: roster, now: now))
            }
        }
    }

    private func log(_ id: HeldMailID, _ release: HeldMails.Release) {
        let facts: Logger.Metadata = [OutboxLogKey.held: "\(id)"]
        switch release {
        case .left(let ticket):
            logger.info("held mail leaves", metadata: facts.merging([OutboxLogKey.ticket: "\(ticket)"]) { $1 })
        case .doubted: logger.info("held mail stays with a doubt", metadata: facts)
        case .recalled: logger.info("held mail was deleted by its agent", metadata: facts)
        case .nothing: break
        }
    }
}
