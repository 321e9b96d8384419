import Desk
import MailTypes

extension AgentNotice {
    /// Files a notice that lists what is so now, and removes the one that did before; `nil`: there is nothing to list. Answers
    /// the Message-ID of the new one. An old one that its reader filed elsewhere stays: it is its reader's own mail.
    static func replace(
        _ old: MessageID?, by new: AgentNotice?, isNews: Bool, for agent: Roster.Agent, cryptography: any Cryptography,
        host: DomainName, _ work: CaseWork
    ) throws -> MessageID? {
        let transaction = work.transaction
        if let old, let inbox = work.roster.mailbox(.inbox(agent.id)),
            let found = try transaction.ownMessage(old, in: inbox)
        {
            _ = try transaction.leave([found.message], from: inbox, at: work.modSequence(), now: work.now)
            try transaction.discard(found.message)
            transaction.note(Change(mailboxes: [inbox], agents: [agent.id]))
        }
        guard let filed = try new?.file(to: agent, cryptography: cryptography, host: host, work) else { return nil }
        if !isNews { try transaction.markSeen(filed, by: agent.id, at: work.modSequence()) }
        return try transaction.messageID(of: filed)
    }
}
