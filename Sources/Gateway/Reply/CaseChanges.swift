import Desk
import MailFormat
import MailTypes

/// What came into a case by others since its sender wrote a mail: the collision of DESIGN §4.
struct CaseChanges {
    let list: [CaseChange]

    init(_ mail: HeldMail, _ work: CaseWork) throws {
        let (baseline, sender, roster) = (mail.baseline, mail.agent, work.roster)
        guard let current = try work.transaction.survivor(mail.ticket) else {
            list = []
            return
        }
        let ticket = current.number
        // Who answers after a change of pool knows of it; not who had answered before.
        let isElsewhere = current.pool != mail.pool
        var changes: [CaseChange] = []
        for message in try work.transaction.messages(in: ticket, after: baseline, limit: 50) {
            guard message.agent != sender, let kind = Self.kind(message) else { continue }
            // What a department says is what the sender waited for: who has read it knows of it.
            if kind == .consultationAnswered,
                try work.transaction.personalFlags(of: message.key, for: sender).contains(.seen)
            {
                continue
            }
            let name =
                message.agent.flatMap { roster.agents[$0]?.definition.name }
                ?? Self.author(HeaderSection(message.header))
            changes.append(CaseChange(kind, by: name, at: message.at))
        }
        var decided: [CaseChange] = []
        for decision in try work.transaction.decisions(in: ticket, after: baseline) {
            // Whoever decided something about the case since has seen what was decided before.
            guard decision.agent != sender else {
                decided = []
                continue
            }
            let name = roster.agents[decision.agent]?.definition.name
            switch (decision.kind, decision.to.flatMap(TicketStatus.init(word:))) {
            case (.statusChanged, let status?) where status == .done || status == .closed || status == .spam:
                decided.append(CaseChange(.decided(status), by: name, at: decision.at))
            case (.poolChanged, _) where isElsewhere:
                decided.append(CaseChange(.poolChanged, by: name, at: decision.at))
            default: break
            }
        }
        list = (changes + decided).sorted { $0.at < $1.at }
    }

    private static func kind(_ message: LaterMessage) -> CaseChange.Kind? {
        switch message.kind {
        // What a machine wrote changes nothing (DESIGN §2).
        case .inbound, .unconfirmed: MailTraits(HeaderSection(message.header)).isAutomatic ? nil : .customerWrote
        case .outbound: .answered
        case .note: .noted
        case .consultationIn: MailTraits(HeaderSection(message.header)).isAutomatic ? nil : .consultationAnswered
        case .consultationOut, .event, .card, .automatic, .notice, .personal: nil
        }
    }

    private static func author(_ header: HeaderSection) -> String? {
        header.addresses(of: "From").first.map { named in
            named.displayName.flatMap { $0.isEmpty ? nil : $0 } ?? named.address.description
        }
    }
}

extension TicketStatus {
    fileprivate init?(word: String) {
        guard let status = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = status
    }
}
