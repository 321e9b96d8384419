package import Desk
package import Logging
import MailFormat
package import MailTypes
import Synchronization

/// The way of a mail that an agent sends (DESIGN §4): what it means follows from its recipients, which case it
/// belongs to from its thread, a signed address or the stamp. What leaves, leaves from the pool's address, with
/// nothing internal in it, through the outbox that is written in the accepting transaction.
package final class Submission: Sendable {
    /// The way in, with which it shares keys and clock.
    package let intake: Intake
    /// Mail that waits to leave.
    package let held: HeldMails
    let logger: Logger
    /// Large mails that are made ready at once; more than these are written within their transaction.
    private static let preparedAtOnce = 4
    private let preparations = Mutex(0)

    package init(intake: Intake, expiry: Duration = .seconds(4 * 86400), logger: Logger) {
        (self.intake, self.logger) = (intake, logger)
        held = HeldMails(intake: intake, expiry: expiry)
    }

    /// MAIL: an agent sends as herself or from a pool of hers, or with the null reverse-path.
    package func verify(sender: EmailAddress?, agent: AgentID) -> RecipientVerdict {
        let roster = intake.roster.current
        guard let person = roster.agents[agent], person.isActive else { return .refused(.senderRefused) }
        guard let sender else { return .accepted }
        return mayWrite(as: sender, person, roster) ? .accepted : .refused(.senderRefused)
    }

    /// RCPT: anybody outside; of our own addresses those that are taken out again before the mail leaves.
    package func verify(recipient: EmailAddress, agent: AgentID) -> RecipientVerdict {
        let roster = intake.roster.current
        if roster.pool(address: recipient) != nil || roster.agent(address: recipient) != nil
            || roster.isNoteAddress(recipient) || roster.isCommandAddress(recipient) || roster.isDepartment(recipient)
        {
            return .accepted
        }
        return roster.isOwnDomain(recipient.domain) ? .refused(.unknownRecipient) : .accepted
    }

    package func admission() -> Reply? { intake.admission() }

    package func makeContent(onDrained: @escaping @Sendable () -> Void) -> IncomingContent {
        intake.makeContent(onDrained: onDrained)
    }

    /// Takes a mail from an agent. The completion runs after the commit, on the writer's thread.
    package func accept(
        _ content: IncomingContent, envelope: Envelope, agent: AgentID, peer: Peer,
        completion: @escaping @Sendable (Reply) -> Void
    ) {
        let received = content.finish()
        let facts = Self.facts(peer, envelope, received.header.messageID, agent)
        let roster = intake.roster.current
        guard let person = roster.agents[agent], person.isActive,
            let stamp = StampPattern(roster.definition.stamp)
        else {
            received.drop(from: intake.store)
            note(.senderRefused, received, facts, MailOrigin(peer, envelope, agent: agent))
            completion(.senderRefused)
            return
        }
        let authors = received.header.addresses(of: "From")
        guard !authors.isEmpty, authors.allSatisfy({ mayWrite(as: $0.address, person, roster) }) else {
            received.drop(from: intake.store)
            note(.senderRefused, received, facts, MailOrigin(peer, envelope, agent: agent))
            completion(.senderRefused)
            return
        }
        let sending = Sending(
            submission: self, roster: roster, stamp: stamp, content: received, envelope: envelope, agent: person,
            now: intake.clock.now, requestedAt: envelope.releaseAt,
            origin: MailOrigin(peer, envelope, agent: agent))
        guard case .staged(let staging) = received.octets, beginPreparation() else {
            return accept(sending, facts, completion: completion)
        }
        Task {
            var sending = sending
            sending.prepared = await sending.prepared(staging)
            endPreparation()
            sending.copies = .beside(of: Set([staging.content, sending.prepared?.staged].compactMap(\.self)))
            accept(sending, facts, completion: completion)
        }
    }

    private func beginPreparation() -> Bool {
        preparations.withLock { count in
            guard count < Self.preparedAtOnce else { return false }
            count += 1
            return true
        }
    }

    private func endPreparation() { preparations.withLock { $0 -= 1 } }

    /// The transaction is to run again with a copy that it wants, or to make that itself.
    private func make(
        _ needed: CopyNeeded, for sending: Sending, _ facts: Logger.Metadata,
        completion: @escaping @Sendable (Reply) -> Void
    ) {
        var sending = sending
        sending.copies = .within
        guard beginPreparation() else { return accept(sending, facts, completion: completion) }
        Task { [sending] in
            var sending = sending
            sending.copies = await intake.make(needed)
            endPreparation()
            accept(sending, facts, completion: completion)
        }
    }

    private func accept(
        _ sending: Sending, _ facts: Logger.Metadata, completion: @escaping @Sendable (Reply) -> Void
    ) {
        let (received, store, logger) = (sending.content, intake.store, logger)
        store.write(octets: received.octetsInMemory) { transaction in
            let outcome = try sending.run(in: transaction)
            // What came out differently than was made ready.
            if let unused = sending.prepared?.staged { try transaction.dropStaged(unused) }
            try sending.copies.drop(in: transaction)
            return outcome
        } completion: { result in
            if case .failure(let failure) = result, let needed = failure.cause as? CopyNeeded {
                return self.make(needed, for: sending, facts, completion: completion)
            }
            if case .failure = result {
                sending.prepared?.rewritten?.copy.drop(from: store)
                sending.copies.drop(from: store)
            }
            switch result {
            case .success(let outcome):
                outcome.log(facts, logger)
                guard case .searching(_, let searches) = outcome else { return completion(.accepted) }
                sending.search(searches, facts, completion: completion)
            case .failure(let failure):
                if let explanation = failure.cause as? SendingExplanation {
                    sending.explain(explanation, facts, completion: completion)
                    return
                }
                received.drop(from: store)
                let refusal =
                    (failure.cause as? SendingRefusal)?.reply
                    ?? (failure.cause as? CaseRefusal).map { Reply(550, EnhancedStatus(5, 7, 1), $0.sentence.text(in: .english)) }
                if let refusal {
                    self.note(refusal, received, facts, sending.origin)
                    completion(refusal)
                    return
                }
                let reasons: Logger.Metadata = [
                    "failure.reason": "\(failure.reason.rawValue)",
                    "failure.cause": "\(failure.cause.map { "\($0)" } ?? "")",
                ]
                logger.error("mail of an agent not accepted", metadata: facts.merging(reasons) { $1 })
                completion(.failure(failure))
            }
        }
    }

    /// Writes down, for `stempel why`, that a mail was not taken.
    private func note(_ reply: Reply, _ received: ReceivedContent, _ facts: Logger.Metadata, _ origin: MailOrigin) {
        logger.info("mail of an agent refused", metadata: facts.merging([MailLogKey.reply: "\(reply)"]) { $1 })
        intake.refusals.note(origin, messageID: received.header.messageID, reply: reply)
    }

    private static func facts(
        _ peer: Peer, _ envelope: Envelope, _ messageID: MessageID?, _ agent: AgentID
    ) -> Logger.Metadata {
        Intake.metadata(envelope, peer, messageID).merging(["desk.agent": "\(agent)"]) { $1 }
    }

    private func mayWrite(as address: EmailAddress, _ person: Roster.Agent, _ roster: Roster) -> Bool {
        if roster.agent(address: address)?.id == person.id { return true }
        guard let pool = roster.pool(address: address) else { return false }
        return person.readablePools.contains(pool)
    }
}

extension Sending.Outcome {
    fileprivate func log(_ facts: Logger.Metadata, _ logger: Logger) {
        func ticket(_ number: TicketNumber) -> Logger.Metadata { facts.merging(["desk.ticket": "\(number)"]) { $1 } }
        switch self {
        case .left(let number): logger.info("mail of an agent leaves", metadata: ticket(number))
        case .held(let number, let doubts):
            let words: Logger.Metadata = ["desk.doubts": "\(doubts.map(\.word).joined(separator: ","))"]
            logger.info("mail of an agent held", metadata: ticket(number).merging(words) { $1 })
        case .noted(let number): logger.info("note filed", metadata: ticket(number))
        case .opened(let number): logger.info("case opened on a customer's behalf", metadata: ticket(number))
        case .commanded: logger.info("commands accepted", metadata: facts)
        case .dropped: logger.info("receipt dropped", metadata: facts)
        case .known(let number): logger.info("mail of an agent was sent before", metadata: ticket(number))
        case .searching(let outcome, _): outcome.log(facts, logger)
        }
    }
}

extension Reply {
    package static let senderRefused = Reply(
        550, EnhancedStatus(5, 7, 1), "Write from your own address or from one of your pools")
    static let notYourCase = Reply(550, EnhancedStatus(5, 7, 1), "You are not a member of this case's pool")
}

extension Sending {
    /// Nothing was done of what the mail asked for: in a transaction of its own the agent is told why, and has the mail among
    /// the drafts.
    fileprivate func explain(
        _ explanation: SendingExplanation, _ facts: Logger.Metadata, completion: @escaping @Sendable (Reply) -> Void
    ) {
        let (store, logger) = (intake.store, submission.logger)
        store.write(octets: content.octetsInMemory) { transaction in
            let work = CaseWork(transaction, roster: roster, now: now)
            let original = HeldMail.Content(
                id: try content.file(in: transaction), bodyOffset: content.header.octets.count, size: content.size,
                structure: content.structure.encoded(), digest: content.digest, isEightBit: content.isEightBit)
            try transaction.record(Acceptance(at: now, origin: origin, size: content.size), of: original.id)
            try submission.held.explain(
                explanation, original, content.header, to: agent, recipients: envelope.recipients, work)
        } completion: { result in
            switch result {
            case .success:
                logger.info("mail of an agent not sent, and explained", metadata: facts)
                completion(.accepted)
            case .failure(let failure):
                content.drop(from: store)
                let reasons: Logger.Metadata = ["failure.reason": "\(failure.reason.rawValue)"]
                logger.error("mail of an agent not accepted", metadata: facts.merging(reasons) { $1 })
                completion(.failure(failure))
            }
        }
    }
}
