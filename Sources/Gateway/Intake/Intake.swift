import Desk
package import Logging
import MailAuth
import MailFormat
package import MailTypes
import Synchronization

/// Whether a recipient is ours.
package enum RecipientVerdict: Sendable, Equatable {
    case accepted
    case refused(Reply)
}

/// The way of a mail from port 25 into its case: checked at RCPT, filed in one transaction, acknowledged once that is on
/// disk. One mail to several pools makes linked cases in the same transaction (FEATURES G8).
package final class Intake: Sendable {
    /// What of the machine the intake has to know.
    package struct Configuration: Sendable {
        /// The host name that trace fields and Message-IDs name.
        package var hostname: DomainName
        /// How long the same mail counts as a duplicate.
        package var duplicateWindow: Duration
        package init(hostname: DomainName, duplicateWindow: Duration = .seconds(7 * 86400)) {
            (self.hostname, self.duplicateWindow) = (hostname, duplicateWindow)
        }
    }

    let store: any DeskStore
    let roster: RosterHolder
    let keys: KeyRing
    let cryptography: any Cryptography
    let clock: any WallClock
    let configuration: Configuration
    /// Who was refused, for `stempel why`.
    package let refusals: RefusalLog
    /// Whether there is room for what comes in.
    package let room: any RoomGauge
    /// `nil`: nothing is checked.
    let policy: SenderPolicy?
    /// Who looks at mail from outside while it comes in.
    package let filters: FilterChain
    /// `nil`: nothing is put off.
    let greylist: Greylist?
    let relayReports = Mutex(RelayReportCount())
    let logger: Logger
    private let rules: any RuleThread
    private let aside: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// `aside` runs what must not hold the writer's thread up: a line of the log costs a quarter of a transaction.
    package init(
        store: any DeskStore, roster: RosterHolder, keys: KeyRing, cryptography: any Cryptography,
        clock: any WallClock, room: any RoomGauge, policy: SenderPolicy? = nil, filters: FilterChain = FilterChain([]),
        greylist: Greylist? = nil, rules: any RuleThread,
        configuration: Configuration, logger: Logger,
        aside: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { $0() }
    ) {
        (self.rules, self.aside, self.policy, self.filters) = (rules, aside, policy, filters)
        self.greylist = greylist
        refusals = RefusalLog(store: store, clock: clock)
        (self.store, self.roster, self.keys, self.cryptography) = (store, roster, keys, cryptography)
        (self.clock, self.room, self.configuration, self.logger) = (clock, room, configuration, logger)
    }

    /// RCPT: supervised addresses, their signed forms, postmaster and abuse are ours; an unknown address in a domain of
    /// ours is 5.1.1, any other domain is relaying.
    package func verify(recipient: EmailAddress) -> RecipientVerdict {
        let roster = roster.current
        // Whoever writes notes and commands logs in.
        if roster.isNoteAddress(recipient) || roster.isCommandAddress(recipient) { return .refused(.unknownRecipient) }
        if roster.pool(address: recipient) != nil { return .accepted }
        guard roster.isOwnDomain(recipient.domain) else { return .refused(.relayingDenied) }
        return .refused(.unknownRecipient)
    }

    /// RCPT TO:<postmaster> without a domain (RFC 5321 §4.5.1).
    package func verifyPostmaster() -> RecipientVerdict {
        roster.current.poolOfPostmaster == nil ? .refused(.unknownRecipient) : .accepted
    }

    /// Whether an address lies in a domain of ours and is none that the desk serves: somebody else may have a mailbox there.
    package func isOther(_ recipient: EmailAddress) -> Bool {
        let roster = roster.current
        return roster.isOwnDomain(recipient.domain) && roster.pool(address: recipient) == nil
            && !roster.isNoteAddress(recipient) && !roster.isCommandAddress(recipient)
    }

    /// What came of passing a mail on.
    func notePassed(_ envelope: Envelope, _ peer: Peer, _ outcome: PassingOutcome) {
        let reply = outcome.reply
        if !outcome.isDiscarded {
            var facts = Self.metadata(envelope, peer, outcome.messageID, reply: reply)
            facts[MailLogKey.cause] = outcome.cause.map { "\($0)" }
            guard reply.code.severity != 2 else { return logger.info("mail passed on", metadata: facts) }
            logger.info("mail not passed on", metadata: facts)
        }
        refusals.note(MailOrigin(peer, envelope), messageID: outcome.messageID, reply: reply, cause: outcome.cause)
    }

    /// The time by the clock of the way in.
    package var now: Timestamp { clock.now }
    /// For cases that open in other ways than by a mail from outside.
    package var opening: CaseOpening { CaseOpening(host: configuration.hostname, cryptography: cryptography) }

    /// MAIL: `nil` where there is room for another mail, else why not.
    package func admission() -> Reply? { room.refusal }

    /// The content of a mail to come. `isFromOutside`: where it comes from is to be checked, if anything is.
    package func makeContent(
        isFromOutside: Bool = false, onDrained: @escaping @Sendable () -> Void
    ) -> IncomingContent {
        IncomingContent(
            store: store, clock: clock, cryptography: cryptography, isChecked: isFromOutside && policy != nil,
            onDrained: onDrained)
    }

    /// Files a mail, after its origin was checked where that is wanted. The completion runs after the commit, on the
    /// writer's thread, or where the mail is refused.
    package func accept(
        _ content: IncomingContent, envelope: Envelope, peer: Peer, completion: @escaping @Sendable (Reply) -> Void
    ) {
        let received = content.finish()
        guard judges(peer) else {
            return file(received, envelope, peer, OriginFindings(), quarantine: nil, completion)
        }
        Task { await check(received, envelope, peer, completion) }
    }

    private func check(
        _ content: ReceivedContent, _ envelope: Envelope, _ peer: Peer, _ completion: @escaping @Sendable (Reply) -> Void
    ) async {
        var received = content
        let store = store
        let judgement = await judge(
            JudgedMail(
                signed: content.signed, envelope: envelope, peer: peer, size: content.size,
                messageID: content.header.messageID
            ) { filters in
                await filters.judge(FilteredMail(content, peer, store: store))
            })
        switch judgement.decision {
        case .take: break
        case .refuse(let reply): return refuse(received, envelope, peer, reply, because: judgement.cause, completion)
        case .discard: return refuse(received, envelope, peer, .accepted, because: judgement.cause, completion)
        }
        if !judgement.changes.isEmpty { received.filtered = FilteredHeader(received.header, judgement.changes) }
        received.isSuspicious = judgement.isSuspicious
        file(received, envelope, peer, judgement.findings, quarantine: judgement.quarantine, completion)
    }

    /// Nothing of the mail stays but a record of it.
    private func refuse(
        _ received: ReceivedContent, _ envelope: Envelope, _ peer: Peer, _ reply: Reply, because cause: String? = nil,
        _ completion: @escaping @Sendable (Reply) -> Void
    ) {
        received.drop(from: store)
        completion(reply)
        refusals.note(MailOrigin(peer, envelope), messageID: received.header.messageID, reply: reply, cause: cause)
    }

    private func file(
        _ received: ReceivedContent, _ envelope: Envelope, _ peer: Peer, _ findings: OriginFindings,
        quarantine: String?, _ completion: @escaping @Sendable (Reply) -> Void
    ) {
        let roster = roster.current
        guard let stamp = StampPattern(roster.definition.stamp) else {
            return refuse(received, envelope, peer, .localError, completion)
        }
        let (now, verdicts) = (clock.now, findings.verdicts)
        var facts = MailFacts(received, to: envelope, roster: roster, stamp: stamp, intake: self)
        facts.failedDMARC = verdicts.map { policy?.failsDMARC($0, from: peer) == true } == true
        facts.quarantine = quarantine
        facts.noteAnswer(received, envelope, roster)
        // What a mail claims about its sender may be false, and the report would go to whom it names.
        if !envelope.wishes.requests.isEmpty, verdicts.map({ $0.spf.result == .pass }) ?? true { facts.asked = envelope }
        let filing = MailFiling(
            intake: self, roster: roster, stamp: stamp, content: received, facts: facts,
            trace: trace(envelope, peer, findings, now), now: now, origin: MailOrigin(peer, envelope))
        guard !roster.rules.isEmpty else { return file(filing, envelope, peer, findings, completion: completion) }
        let isTaken = rules.run { budget in
            var filing = filing
            filing.facts.judge(
                received, envelope, roster, verdicts: verdicts, host: findings.host, now: now, within: budget)
            self.file(filing, envelope, peer, findings, completion: completion)
        }
        guard !isTaken else { return }
        logger.notice(
            "no room for mail",
            metadata: Self.metadata(envelope, peer, facts.messageID, size: received.size, findings, reply: .overloaded))
        refuse(received, envelope, peer, .overloaded, completion)
    }

    private func file(
        _ filing: MailFiling, _ envelope: Envelope, _ peer: Peer, _ findings: OriginFindings,
        completion: @escaping @Sendable (Reply) -> Void
    ) {
        let received = filing.content
        let (store, logger, aside, size, messageID) = (store, logger, aside, received.size, filing.facts.messageID)
        @Sendable func about(_ reply: Reply) -> Logger.Metadata {
            Self.metadata(envelope, peer, messageID, size: size, findings, reply: reply)
        }
        store.write(octets: received.octetsInMemory) { transaction in
            try filing.run(in: transaction)
        } completion: { result in
            switch result {
            case .success(let filed):
                let reply = filed.rejection.map { Reply.refusedByRule($0) } ?? .accepted
                completion(reply)
                aside { Self.log(filed, about(reply), logger) }
            case .failure(let failure):
                let reasons: Logger.Metadata = [
                    "failure.reason": "\(failure.reason.rawValue)",
                    "failure.cause": "\(failure.cause.map { "\($0)" } ?? "")",
                ]
                logger.error("mail not filed", metadata: about(.failure(failure)).merging(reasons) { $1 })
                self.refuse(received, envelope, peer, .failure(failure), completion)
            }
        }
    }

    /// What the log tells of a mail, so that a line of it stands by itself.
    static func metadata(
        _ envelope: Envelope, _ peer: Peer, _ messageID: MessageID?, size: Int? = nil,
        _ findings: OriginFindings = OriginFindings(), reply: Reply? = nil
    ) -> Logger.Metadata {
        var facts = findings.metadata.merging(envelope.metadata) { $1 }
        facts[MailLogKey.session] = "\(peer.sessionID)"
        facts[MailLogKey.peer] = "\(peer.address)"
        facts[MailLogKey.messageID] = messageID.map { "\($0.description.onOneLine)" }
        facts[MailLogKey.size] = size.map { "\($0)" }
        facts[MailLogKey.reply] = reply.map { "\($0)" }
        return facts
    }

    private static func log(_ filed: MailFiling.Filed, _ about: Logger.Metadata, _ logger: Logger) {
        var facts = about
        if !filed.rules.isEmpty { facts["desk.rules"] = "\(filed.rules.joined(separator: ", "))" }
        if !filed.exhausted.isEmpty {
            let rules: Logger.Metadata = ["desk.rules": "\(filed.exhausted.joined(separator: ", "))"]
            logger.warning("an expression took too long and counts as not found", metadata: facts.merging(rules) { $1 })
        }
        if filed.rejection != nil { return logger.info("mail refused by a rule", metadata: facts) }
        if filed.isSilenced { logger.warning("automatic answers are at their limit", metadata: facts) }
        facts["desk.tickets"] = "\(filed.tickets.map(\.description).joined(separator: ","))"
        logger.info("mail accepted", metadata: facts)
    }

    /// Return-Path and Received (RFC 5321 §4.4), and what was found out (RFC 8601 §5).
    private func trace(
        _ envelope: Envelope, _ peer: Peer, _ findings: OriginFindings, _ now: Timestamp
    ) -> [UInt8] {
        TraceFields.returnPath(envelope.reversePath)
            + findings.field(by: configuration.hostname.ascii, of: peer)
            + received(envelope, peer, name: findings.host?.reverse.name, now)
    }

    /// The trace field (RFC 5321 §4.4).
    func received(
        _ envelope: Envelope, _ peer: Peer, name: String?, _ now: Timestamp
    ) -> [UInt8] {
        TraceFields.received(
            helo: peer.helo, clientName: name, clientAddress: peer.address, by: configuration.hostname.ascii,
            protocolName: peer.protocolName(isSMTPUTF8: envelope.isSMTPUTF8),
            tls: peer.tls.map { .init(version: $0.version, cipher: $0.cipher) }, id: peer.mailID,
            recipient: envelope.recipients.count == 1 ? envelope.recipients.first : nil, at: now)
    }
}

/// Tells whether the machine has room for more mail.
package protocol RoomGauge: Sendable {
    /// 451 4.3.2 while the writer's queue is full, 452 4.3.1 below the configured free space; `nil`: come in.
    var refusal: Reply? { get }
}

extension Reply {
    package static let accepted = Reply(250, EnhancedStatus(2, 6, 0), "Accepted")
    package static let unknownRecipient = Reply(550, EnhancedStatus(5, 1, 1), "No such address here")
    package static let relayingDenied = Reply(554, EnhancedStatus(5, 7, 1), "Relaying denied")
    package static let localError = Reply(451, EnhancedStatus(4, 3, 0), "Local error, try again later")
    /// A rule's own sentence (RFC 3463 §3.8: delivery not authorized).
    package static func refusedByRule(_ sentence: String) -> Reply { Reply(550, EnhancedStatus(5, 7, 1), sentence) }
    package static let overloaded = Reply(451, EnhancedStatus(4, 3, 2), "Too much mail at once, try again later")
    package static let insufficientStorage = Reply(
        452, EnhancedStatus(4, 3, 1), "Insufficient storage, try again later")

    /// What the peer is told when a transaction did not happen: always temporary, so that nothing is lost.
    package static func failure(_ failure: StoreFailure) -> Reply {
        switch failure.reason {
        case .overloaded: .overloaded
        case .full: .insufficientStorage
        case .unavailable, .damaged, .rejected: .localError
        }
    }
}
