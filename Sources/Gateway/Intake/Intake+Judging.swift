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
    var treatment = SenderPolicy.Treatment.tag
    /// What filters change of the header section.
    var changes: [FilterVerdict.Change] = []
    /// Rules hear that it may be spam.
    var isSuspicious = false

    /// The same with another end.
    func but(_ decision: Decision) -> Judgement {
        var result = self
        result.decision = decision
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
                    logger.info("mail refused by its sender's policy", metadata: Self.metadata(mail, result.findings))
                    return result.but(.refuse(decision.refusal))
                }
                result.treatment = decision.treatment
            }
        }
        if let visit = mail.peer.visit {
            let facts = await visit.facts(helo: mail.peer.helo)
            result.findings.host = facts
            if visit.isQuarantined(facts) { result.treatment = .quarantine }
            if let reply = await putOff(mail.envelope, visit, result.findings) {
                logger.info("mail put off", metadata: Self.metadata(mail, result.findings))
                return result.but(.refuse(reply))
            }
        }
        guard let filtered = mail.peer.filtered else { return result }
        let (verdict, filter) = await mail.ask(filtered)
        var facts = Self.metadata(mail, result.findings)
        facts["mail.filter"] = filter.map { "\($0)" }
        switch verdict.decision {
        case .accept:
            (result.changes, result.isSuspicious) = (verdict.changes, verdict.isSuspicious)
            if verdict.isQuarantined { result.treatment = .quarantine }
            return result
        case .refuse(let reply):
            logger.info("mail refused by a filter", metadata: facts)
            return result.but(.refuse(reply))
        case .discard:
            logger.notice("mail discarded by a filter", metadata: facts)
            return result.but(.discard)
        }
    }

    private static func metadata(_ mail: JudgedMail, _ findings: OriginFindings) -> Logger.Metadata {
        metadata(mail.peer, mail.size, findings)
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
