package import MailTypes

extension Roster {
    /// Who may approve what leaves in a pool: its supervisors, and admins. Nobody approves a mail of one's own, and who needs
    /// approval gives none.
    package func mayApprove(_ agent: Agent, in pool: PoolID, by author: AgentID) -> Bool {
        guard agent.isActive, agent.id != author, agent.definition.role != .trainee else { return false }
        return agent.supervisedPools.contains(pool) || agent.definition.role == .admin
    }

    /// Those in whose Approval a mail waits, by number.
    package func approvers(in pool: PoolID, of author: AgentID) -> [Agent] {
        agents.values.filter { mayApprove($0, in: pool, by: author) }.sorted { $0.id < $1.id }
    }

    /// Those who are told that something waits: the pool's supervisors, admins where there are none. Who is away at the moment
    /// is told only where everybody is.
    package func notifiedApprovers(in pool: PoolID, of author: AgentID, at moment: Timestamp) -> [Agent] {
        let all = approvers(in: pool, of: author)
        let supervisors = all.filter { $0.supervisedPools.contains(pool) && $0.definition.role != .admin }
        let told = supervisors.isEmpty ? all : supervisors
        return [told, all].lazy.map { $0.filter { !self.isAway($0.id, at: moment) } }.first { !$0.isEmpty } ?? told
    }

    /// The supervisors of a pool who hear of what goes wrong in it.
    package func notifiedSupervisors(of pool: PoolID, at moment: Timestamp) -> [Agent] {
        notifiedApprovers(in: pool, of: AgentID(rawValue: 0), at: moment)
    }
}
