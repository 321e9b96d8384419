import Logging
import MailAuth
import MailTypes

/// A mail from outside that is judged before it is taken.
struct JudgedMail: Sendable {
    /// What signatures are checked against; `nil` where nothing is checked.
    var signed: DigestedMessage?
    var envelope: Envelope
    var peer: Peer
    var size: Int
    var messageID: MessageID?
    /// Asks the filters.
    var ask: @Sendable (FilteredConnection) async -> (verdict: FilterVerdict, by: String?)
}

/// What is decided about a mail from outside.
struct Judgement: Sendable {
    /// Whether it is taken.
    enum Decision: Sendable, Equatable {
        case take
        case refuse(Reply)
        /// Taken, and thrown away.
        case discard
    }

    var decision = Decision.take
    var findings = OriginFindings()
    /// Who or what decided so, where a reply alone does not tell.
    var cause: String?
    /// Why a case that it opens goes to Spam; `nil`: it does not.
    var quarantine: String?
    /// What filters change of the header section.
    var changes: [FilterVerdict.Change] = []
    /// Rules hear that it may be spam.
    var isSuspicious = false

    /// The same with another end.
    func but(_ decision: Decision, because cause: String? = nil) -> Judgement {
        var result = self
        (result.decision, result.cause) = (decision, cause)
        return result
    }
}

extension Intake {
    /// Whether anything is asked about mail from outside.
    func judges(_ peer: Peer) -> Bool { policy != nil || peer.filtered != nil || peer.visit != nil }

    /// First where it comes from, then what filters say of it.
    func judge(_ mail: JudgedMail) async -> Judgement {
        var result = Judgement()
        if let policy, let message = mail.signed {
            result.findings.verdicts = await policy.verdicts(
                message, mail.envelope, mail.peer, receiver: configuration.hostname, now: clock.now)
            if let decision = result.findings.verdicts.map({ policy.treatment(of: $0, from: mail.peer) }) {
                guard decision.treatment != .reject else {
                    logger.info(
                        "mail refused by its sender's policy",
                        metadata: Self.metadata(mail, result.findings, decision.refusal))
                    return result.but(.refuse(decision.refusal))
                }
                if decision.treatment == .quarantine { result.quarantine = decision.refusal.failedCheck }
            }
        }
        if let visit = mail.peer.visit {
            let facts = await visit.facts(helo: mail.peer.helo)
            result.findings.host = facts
            if visit.isQuarantined(facts) { result.quarantine = facts.listedWords }
            if let reply = await putOff(mail.envelope, visit, result.findings) {
                logger.info("mail put off", metadata: Self.metadata(mail, result.findings, reply))
                return result.but(.refuse(reply), because: "greylisted")
            }
        }
        guard let filtered = mail.peer.filtered else { return result }
        let (verdict, filter) = await mail.ask(filtered)
        var facts: Logger.Metadata = [:]
        facts[MailLogKey.filter] = filter.map { "\($0)" }
        facts[MailLogKey.cause] = verdict.reason.map { "\($0)" }
        switch verdict.decision {
        case .accept:
            (result.changes, result.isSuspicious) = (verdict.changes, verdict.isSuspicious)
            if verdict.isQuarantined {
                result.quarantine = [result.quarantine, verdict.reason].compactMap(\.self).joined(separator: "; ")
            }
            return result
        case .refuse(let reply):
            facts.merge(Self.metadata(mail, result.findings, reply)) { $1 }
            logger.info(
                verdict.isSilent ? "mail put off, a filter did not answer" : "mail refused by a filter", metadata: facts)
            return result.but(.refuse(reply), because: verdict.reason)
        case .discard:
            facts.merge(Self.metadata(mail, result.findings, .accepted)) { $1 }
            logger.notice("mail discarded by a filter", metadata: facts)
            return result.but(.discard, because: verdict.reason)
        }
    }

    private static func metadata(_ mail: JudgedMail, _ findings: OriginFindings, _ reply: Reply) -> Logger.Metadata {
        metadata(mail.envelope, mail.peer, mail.messageID, size: mail.size, findings, reply: reply)
    }

    /// Why a stranger's mail is to come again; `nil`: it need not. A signed address is known to whom we wrote to, and a list
    /// of good hosts vouches as well.
    private func putOff(_ envelope: Envelope, _ visit: Visit, _ findings: OriginFindings) async -> Reply? {
        guard let greylist, (findings.host?.score ?? 0) >= 0,
            !envelope.recipients.contains(where: { keys.token(in: $0) != nil })
        else { return nil }
        return await greylist.judge(envelope, from: visit.host, findings.verdicts, in: store, now: clock.now)
    }
}

extension Reply {
    /// The check whose failure it tells.
    fileprivate var failedCheck: String { self == .refusedBySPF ? "SPF failed" : "DMARC failed" }
}
