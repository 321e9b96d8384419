package import Desk
import MailFormat
package import MailTypes

/// What the rules of a desk would do with a mail, step by step, without filing anything.
package struct RuleTrial {
    /// The rules asked for one pool that the mail would arrive at.
    package struct Hearing: Sendable {
        package var recipient: EmailAddress
        package var pool: String
        package var steps: [RuleProgram.Step]
    }

    private let roster: Roster

    /// The numbers of pools are of no interest here, so no database is needed.
    package init(_ desk: DeskDefinition, libraries: DeskLibraries) {
        let pools = desk.pools.enumerated().map { index, pool in
            Roster.Pool(id: PoolID(rawValue: Int64(index) + 1), definition: pool, isActive: true)
        }
        roster = Roster(
            definition: desk, agents: [], pools: pools, groups: [], mailboxes: [:],
            rules: RuleProgram(desk.rules, patterns: libraries.patterns), clock: libraries.clock(desk))
    }

    /// Without recipients those of To and Cc count that are the desk's; without a sender the author.
    package func run(
        _ octets: [UInt8], sender: EmailAddress?, recipients: [EmailAddress], isKnownCustomer: Bool, at now: Timestamp,
        within budget: RuleBudget
    ) -> [Hearing] {
        var scanner = MIMEScanner()
        octets.withUnsafeBytes { scanner.consume($0) }
        let structure = scanner.finish()
        let header = scanner.header ?? HeaderSection([UInt8]())
        let written = (header.addresses(of: "To") + header.addresses(of: "Cc")).map(\.address)
        let wanted = recipients.isEmpty ? written : recipients
        let author = header.addresses(of: "From").first?.address
        let content = ReceivedContent(
            octets: .memory(octets), head: Array(octets.prefix(IncomingContent.chunkSize)), size: octets.count,
            header: header, structure: structure, digest: 0, isEightBit: false)
        let envelope = Envelope(reversePath: sender ?? author, recipients: wanted)
        let mail = IncomingRuleMail(content, envelope, clock: roster.clock, now: now)
        var seen: Set<PoolID> = []
        return wanted.compactMap { recipient in
            guard let destination = roster.destination(of: recipient), seen.insert(destination.pool).inserted,
                let name = roster.pools[destination.pool]?.definition.name
            else { return nil }
            return Hearing(
                recipient: recipient, pool: name,
                steps: roster.rules.steps(mail, pool: name, isKnownCustomer: isKnownCustomer, within: budget))
        }
    }
}
