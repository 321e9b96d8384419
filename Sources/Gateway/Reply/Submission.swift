package import Desk
package import Logging
import MailFormat
package import MailTypes

/// The way of a mail that an agent sends (DESIGN §4): what it means follows from its recipients, which case it belongs to
/// from its thread, a signed address or the stamp. What leaves, leaves from the pool's address, with nothing internal in
/// it, through the outbox that is written in the accepting transaction.
package final class Submission: Sendable {
    let intake: Intake
    private let logger: Logger
    /// How long delivery is tried.
    let expiry: Duration

    package init(intake: Intake, expiry: Duration = .seconds(4 * 86400), logger: Logger) {
        (self.intake, self.expiry, self.logger) = (intake, expiry, logger)
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
        if roster.pool(address: recipient) != nil || roster.agent(address: recipient) != nil { return .accepted }
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
        let roster = intake.roster.current
        guard let person = roster.agents[agent], person.isActive,
            let stamp = StampPattern(roster.definition.stamp)
        else {
            received.drop(from: intake.store)
            completion(.senderRefused)
            return
        }
        if MailTraits(received.header).contains(.dispositionNotification) {
            // A receipt never changes a case and does not leave (DESIGN §4); refused, the client would ask about it.
            received.drop(from: intake.store)
            logger.info("receipt dropped", metadata: ["smtp.session": "\(peer.sessionID)", "desk.agent": "\(agent)"])
            completion(.accepted)
            return
        }
        if let refusal = refusal(of: received, from: person, roster) {
            received.drop(from: intake.store)
            completion(refusal)
            return
        }
        let sending = Sending(
            submission: self, roster: roster, stamp: stamp, content: received, envelope: envelope, agent: person,
            now: intake.clock.now)
        let logger = logger
        let store = intake.store
        store.write(octets: received.octetsInMemory) { transaction in
            try sending.run(in: transaction)
        } completion: { result in
            switch result {
            case .success(let ticket):
                logger.info(
                    "answer accepted",
                    metadata: [
                        "smtp.session": "\(peer.sessionID)", "desk.ticket": "\(ticket)", "desk.agent": "\(agent)",
                    ])
                completion(.accepted)
            case .failure(let failure):
                received.drop(from: store)
                if let refusal = failure.cause as? SendingRefusal {
                    completion(refusal.reply)
                    return
                }
                if let refusal = failure.cause as? CaseRefusal {
                    completion(Reply(550, EnhancedStatus(5, 7, 1), refusal.sentence))
                    return
                }
                logger.error(
                    "answer not accepted",
                    metadata: [
                        "smtp.session": "\(peer.sessionID)", "failure.reason": "\(failure.reason.rawValue)",
                        "failure.cause": "\(failure.cause.map { "\($0)" } ?? "")",
                    ])
                completion(.failure(failure))
            }
        }
    }

    /// What no agent may send, judged before anything is stored.
    private func refusal(of content: ReceivedContent, from person: Roster.Agent, _ roster: Roster) -> Reply? {
        if person.definition.role == .trainee {
            return Reply(
                550, EnhancedStatus(5, 7, 1),
                "A trainee's mail needs a supervisor's approval, which this server does not offer yet")
        }
        let authors = content.header.addresses(of: "From")
        guard !authors.isEmpty, authors.allSatisfy({ mayWrite(as: $0.address, person, roster) }) else {
            return .senderRefused
        }
        let traits = MailTraits(content.header)
        if !traits.isDisjoint(with: [.autoSubmitted, .deliveryStatus, .calendar]) {
            return Reply(550, EnhancedStatus(5, 7, 1), "Calendar replies and automatic mail are not sent to customers")
        }
        return nil
    }

    private func mayWrite(as address: EmailAddress, _ person: Roster.Agent, _ roster: Roster) -> Bool {
        if roster.agent(address: address)?.id == person.id { return true }
        guard let pool = roster.pool(address: address) else { return false }
        return person.readablePools.contains(pool)
    }
}

/// Why a mail of an agent is not sent; thrown within the transaction, so that nothing of it remains.
struct SendingRefusal: Error {
    let reply: Reply
}

extension Reply {
    package static let senderRefused = Reply(
        550, EnhancedStatus(5, 7, 1), "Write from your own address or from one of your pools")
    static let noOutsideRecipient = Reply(
        554, EnhancedStatus(5, 7, 1), "All recipients are addresses of the desk; write to the customer's address")
    static let notYourCase = Reply(550, EnhancedStatus(5, 7, 1), "You are not a member of this case's pool")
}
