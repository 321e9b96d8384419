import Desk
import MailFormat
import MailTypes

/// Carries out `#away`: an absence is noted, or ended, for the one who says so.
struct AbsenceNoting {
    let sending: Sending
    let work: CaseWork

    private var agent: Roster.Agent { sending.agent }
    private var roster: Roster { sending.roster }
    private var words: AbsenceWords { AbsenceWords(agent.language) }

    func carryOut(_ typed: TypedCommand) throws {
        guard case .away(let absence) = typed.command else { return }
        let recording = AbsenceRecording(work.transaction, now: work.now)
        let told: (subject: String, text: String)
        if let absence {
            let period = try period(absence, typed)
            try recording.begin(period, sending.intake.roster)
            told = words.noted(
                first: period.first, last: period.last,
                substitute: period.substitute.flatMap { roster.agents[$0]?.definition.name })
        } else {
            try recording.end(of: agent.id, sending.intake.roster)
            told = words.back
        }
        try AgentNotice(subject: told.subject, text: told.text, about: sending.content.header.messageID).file(
            to: agent, cryptography: sending.intake.cryptography, host: sending.host, work)
    }

    private func period(_ absence: DeskCommand.Absence, _ typed: TypedCommand) throws -> AbsencePeriod {
        let substitute = try absence.substitute.map { try colleague($0, typed) }
        if substitute == agent.id { throw SendingExplanation([words.oneself(typed.line)], language: agent.language) }
        let period = AbsencePeriod(
            agent: agent.id, first: absence.first, last: absence.last, substitute: substitute,
            clock: roster.clock(of: agent.id))
        guard period.until > work.now else {
            throw SendingExplanation([words.over(typed.line)], language: agent.language)
        }
        return period
    }

    private func colleague(_ name: String, _ typed: TypedCommand) throws -> AgentID {
        if let found = roster.colleague(named: name) { return found }
        let names = roster.agents.values.filter(\.isActive).map(\.definition.name).sorted()
        throw SendingExplanation(
            [
                CommandProblem(
                    line: typed.line, fault: .noSuch(.agent, name, suggestion: Spelling.nearest(to: name, among: names)))
            ], language: agent.language)
    }
}
