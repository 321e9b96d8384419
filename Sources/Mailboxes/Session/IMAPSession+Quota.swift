import Desk
import Gateway
import IMAPProtocol

/// QUOTA (RFC 9208, and what clients of RFC 2087 ask) and rights (RFC 4314).
extension IMAPSession {
    func quota(_ command: QuotaCommand, tag: String) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        switch command {
        case .get(let root):
            guard root == OwnMailQuota.root else {
                throw CommandRefusal.no("There is no such quota root", .nonExistent)
            }
            try await tellQuota(person, roster)
            try await end(tag, .ok("GETQUOTA completed"))
        case .getRoots(let name):
            let isCounted = try await countsAsOwn(name, roster, person)
            writer.quotaRoots(of: name, isCounted ? [OwnMailQuota.root] : [])
            if isCounted { try await tellQuota(person, roster) }
            try await end(tag, .ok("GETQUOTAROOT completed"))
        case .set:
            throw CommandRefusal.no("Quotas are set by who administers the desk", .noPermission)
        }
    }

    private func countsAsOwn(_ name: MailboxName, _ roster: Roster, _ person: Roster.Agent) async throws -> Bool {
        switch try await resolve(name, roster, person) {
        case .container(let container): container == .personal
        case .mailbox(let kind, _): kind.class.isPersonal
        }
    }

    private func tellQuota(_ person: Roster.Agent, _ roster: Roster) async throws {
        let usage = try await services.store.read { try $0.ownMail(of: person.id) }
        writer.quota(root: OwnMailQuota.root, OwnMailQuota(person, roster).resources(usage))
    }

    // MARK: - Rights

    func acl(_ command: ACLCommand, tag: String) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        let mailbox = try await resolve(command.mailbox, roster, person)
        switch command {
        case .myRights(let name):
            writer.myRights(in: name, Self.rights(of: person, in: mailbox, roster).text)
            try await end(tag, .ok("MYRIGHTS completed"))
        case .get(let name):
            let people = roster.agents.values.filter(\.isActive).sorted { $0.id < $1.id }
            let entries = people.compactMap { agent -> (identifier: String, rights: String)? in
                let rights = Self.rights(of: agent, in: mailbox, roster)
                return rights.isEmpty ? nil : (agent.definition.login, rights.text)
            }
            writer.acl(of: name, entries)
            try await end(tag, .ok("GETACL completed"))
        case .listRights(let name, let identifier):
            let rights = roster.agent(login: identifier).map { Self.rights(of: $0, in: mailbox, roster) } ?? []
            writer.listRights(of: name, identifier: identifier, required: rights.text)
            try await end(tag, .ok("LISTRIGHTS completed"))
        case .set, .delete:
            throw CommandRefusal.no("Rights follow from the desk and cannot be given here", .noPermission)
        }
    }

    private static func rights(
        of agent: Roster.Agent, in mailbox: ResolvedMailbox, _ roster: Roster
    ) -> MailboxRights {
        switch mailbox {
        case .container(let container): MailboxRights(container, of: agent)
        case .mailbox(let kind, _): MailboxRights(kind, of: agent, in: roster)
        }
    }
}
