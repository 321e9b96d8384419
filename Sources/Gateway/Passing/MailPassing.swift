import MailAuth
import MailFormat
package import MailTypes

/// A mail for a mailbox that somebody else has, on its way through: judged like one of ours, with what was found out on top,
/// and sealed (RFC 8617) where its recipient's domain has a key. Nothing of it is stored.
///
/// A mail that is there whole is judged at once. Of a larger one `lead` makes the header section before its body has come,
/// so that it can stream; `judge` says in the end whether it may arrive.
package struct MailPassing: Sendable {
    /// What becomes of a mail.
    package enum Verdict: Sendable {
        /// It goes on like this.
        case pass(PassedMail)
        /// It is refused, or taken and thrown away.
        case settled(PassingOutcome)
    }

    private let intake: Intake
    private let envelope: Envelope
    private let peer: Peer
    private let signers: SignerRing

    package init(_ envelope: Envelope, from peer: Peer, intake: Intake, signers: SignerRing) {
        (self.envelope, self.peer, self.intake, self.signers) = (envelope, peer, intake, signers)
    }

    /// How many filters read a body.
    package var filters: Int { peer.filtered?.count ?? 0 }

    private var host: String { intake.configuration.hostname.ascii }

    // MARK: Whole

    /// Judges a mail all of whose octets are there.
    package func judge(_ octets: [UInt8]) async -> Verdict {
        let header = HeaderSection(octets[..<HeaderSection(octets).bodyStart])
        let start = header.octets.count
        var digests = MessageDigests(header, forms: [.relaxed])
        octets.withUnsafeBytes { digests.update(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        let message = digests.finish()
        let judgement = await intake.judge(
            judged(message, octets.count, header) { filters in
                await filters.judge(
                    filtered(header) { offset, count in
                        let from = min(start + max(0, offset), octets.count)
                        return Array(octets[from..<min(octets.count, from + max(0, count))])
                    })
            })
        return verdict(header, judgement) { sealed(rewritten(header, judgement), message) + octets[start...] }
    }

    /// - Parameter content: as it goes on.
    private func verdict(_ header: HeaderSection, _ judgement: Judgement, _ content: () -> [UInt8]) -> Verdict {
        switch judgement.decision {
        case .take: return .pass(passed(content(), header, judgement))
        case .refuse(let reply):
            return .settled(PassingOutcome(reply, because: judgement.cause, messageID: header.messageID))
        case .discard:
            var outcome = PassingOutcome(.accepted, because: judgement.cause, messageID: header.messageID)
            outcome.isDiscarded = true
            return .settled(outcome)
        }
    }

    private func passed(_ content: [UInt8], _ header: HeaderSection, _ judgement: Judgement) -> PassedMail {
        PassedMail(
            content: content, messageID: header.messageID,
            isVouchedFor: judgement.findings.verdicts.map { $0.spf.result == .pass } ?? true)
    }

    private func judged(
        _ message: DigestedMessage, _ size: Int, _ header: HeaderSection,
        ask: @escaping @Sendable (FilteredConnection) async -> (verdict: FilterVerdict, by: String?)
    ) -> JudgedMail {
        JudgedMail(
            signed: intake.policy == nil ? nil : message, envelope: envelope, peer: peer, size: size,
            messageID: header.messageID, ask: ask)
    }

    private func filtered(
        _ header: HeaderSection, _ body: @escaping @Sendable (Int, Int) async throws -> [UInt8]
    ) -> FilteredMail {
        FilteredMail(header: header, id: peer.mailID, body: body)
    }

    /// Trace and findings on top, what others claim in our name taken out.
    private func rewritten(_ header: HeaderSection, _ judgement: Judgement) -> [UInt8] {
        let changed = judgement.changes.isEmpty ? nil : FilteredHeader(header, judgement.changes)
        let name = judgement.findings.host?.reverse.name
        let added =
            judgement.findings.field(by: host, of: peer) + intake.received(envelope, peer, name: name, intake.now)
            + (changed?.added ?? [])
        let claims = AuthenticationResults.claims(of: host, in: header).map(\.range.lowerBound)
        return HeaderRewriter(added: added, removedFields: Set(claims).union(changed?.removed ?? [])).rewrite(header)
    }

    private func sealed(_ octets: [UInt8], _ message: DigestedMessage) -> [UInt8] {
        let header = HeaderSection(octets)
        guard let domain = envelope.recipients.first?.domain, let sealer = signers.signer(for: domain)?.sealer,
            let found = ARCFindings(header, by: host),
            let fields = sealer.seal(
                DigestedMessage(header: header, bodies: message.bodies), results: found.results, chain: found.chain,
                at: intake.now)
        else { return octets }
        return fields + octets
    }

    // MARK: While it comes

    /// The header section of a large mail as it goes on. What takes its body to find out is not told, and left to the host
    /// behind: signatures are as they were.
    package func lead(_ mail: LargeMail) async -> [UInt8] {
        var judgement = Judgement()
        judgement.findings.host = await peer.visit?.facts(helo: peer.helo)
        guard let policy = intake.policy,
            let verdicts = await policy.verdicts(
                DigestedMessage([]), envelope, peer, receiver: intake.configuration.hostname, now: intake.now)
        else { return rewritten(mail.header, judgement) }
        let results = [AuthenticationResults.Result(verdicts.spf)] + (judgement.findings.host?.results(of: peer.address) ?? [])
        judgement.findings = OriginFindings()
        let field = AuthenticationResults(authenticationServer: host, results: results).field
        return field + rewritten(mail.header, judgement)
    }

    /// A filter's own reading of a body, and what is done when it reads no further.
    package typealias BodyReading = (
        next: @Sendable (_ offset: Int, _ count: Int) async throws -> [UInt8], close: @Sendable () -> Void
    )

    /// What the filters say, each with a reading of the body of its own. To be cancelled where the mail breaks off.
    package func ask(_ mail: LargeMail, _ bodies: [BodyReading]) async -> FilterAnswer {
        guard let filters = peer.filtered else { return FilterAnswer(verdict: FilterVerdict(.accept)) }
        let mails = bodies.map { body in
            var filtered = filtered(mail.header, body.next)
            filtered.closeBody = body.close
            return filtered
        }
        let (verdict, name) = await filters.judge(apart: mails)
        return FilterAnswer(verdict: verdict, by: name)
    }

    /// Whether a large mail may arrive; its header section has left, so that a verdict changes nothing of it.
    package func judge(
        _ mail: LargeMail, _ answer: @escaping @Sendable () async -> FilterAnswer
    ) async -> Verdict {
        let judgement = await intake.judge(
            judged(mail.digests.finish(), mail.size, mail.header) { _ in
                let answer = await answer()
                return (answer.verdict, answer.by)
            })
        return verdict(mail.header, judgement) { [] }
    }
}

/// What filters said, and who of them would not have it.
package struct FilterAnswer: Sendable {
    var verdict: FilterVerdict
    var by: String?
}
