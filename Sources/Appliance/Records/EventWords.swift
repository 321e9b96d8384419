import Desk
import Gateway
import MailTypes

/// Events in words for people at the command line.
struct EventWords {
    let roster: Roster

    /// What happened, without who and when.
    func sentence(_ event: TicketEvent) -> String {
        let text = words(event)
        guard let reason = event.reason, !reason.isEmpty, event.kind != .ruled else { return text }
        return "\(text): \(reason)"
    }

    private func words(_ event: TicketEvent) -> String {
        let (from, to) = (event.from ?? "", event.to ?? "")
        switch event.kind {
        case .opened: return "case opened"
        case .received where event.from == "0": return "answer of a department filed"
        case .received where event.from != nil: return "answer of \(department(from)) filed"
        case .received: return event.to == nil ? "mail of the customer filed" : "automatic mail filed"
        case .statusChanged: return "status \(from) -> \(to)"
        case .assigned: return event.to == nil ? "taken from \(person(from))" : "assigned to \(person(to))"
        case .poolChanged: return "pool \(pool(from)) -> \(pool(to))"
        case .groupAssigned: return event.to == nil ? "taken from group \(group(from))" : "given to group \(group(to))"
        case .answered: return "answered"
        case .delivered: return "answer delivered"
        case .deliveryFailed: return "answer not delivered"
        case .duplicate: return "the same mail again, not shown twice"
        case .linked: return "linked with #\(to)"
        case .tagged: return "tagged \(to)"
        case .untagged: return "tag \(event.from ?? to) removed"
        case .unconfirmed: return "mail of somebody who does not take part filed"
        case .noted: return "note filed"
        case .trashed: return "moved to Trash"
        case .forwarded: return "forwarded"
        case .ruled: return "rules held: \(event.reason ?? "")"
        case .filed: return event.to == nil ? "taken out of folder \(folder(from))" : "filed in folder \(folder(to))"
        case .priorityChanged: return "priority \(from) -> \(to)"
        case .categoryChanged: return "category \(from) -> \(to)"
        case .sourceChanged: return "source \(from) -> \(to)"
        case .followed: return "followed"
        case .unfollowed: return "followed no more"
        case .held: return "answer waits to leave"
        case .doubted: return "answer held with a doubt"
        case .recalled: return "answer recalled"
        case .merged: return event.from == nil ? "went into #\(to)" : "took in #\(from)"
        case .unmerged: return "merge with #\(event.from ?? to) undone"
        case .split: return event.to == nil ? "split off #\(from)" : "split into #\(to)"
        case .overdue: return "overdue"
        case .restored: return "restored"
        case .purged: return event.from == nil ? "mail removed for good" : "mail erased"
        case .customerChanged: return "customer \(event.from ?? "none") -> \(event.to ?? "none")"
        case .participantAdded: return "takes part: \(to)"
        case .answeredAutomatically: return "answered automatically"
        case .dueChanged: return "due \(from) -> \(to)"
        case .approvalAsked: return "answer waits for approval"
        case .approved: return "answer of \(person(from)) approved"
        case .approvalWithdrawn: return "answer taken back before it was approved"
        case .sentBack: return "answer sent back to \(person(from))"
        case .takenOver: return "answer of \(person(from)) taken over"
        case .replaced: return "answer of \(person(from)) replaced"
        case .consulted: return "\(department(to)) asked"
        case .consultationAnswered: return "\(department(to)) answered\(event.from == nil ? "" : " late")"
        case .consultationOverdue: return "\(department(to)) did not answer in time"
        case .consultationCancelled: return "the question to \(department(to)) waits for no answer"
        case .reminded: return "\(department(to)) reminded"
        case .substituted:
            return event.to == nil ? "\(person(from)) stands in no more" : "\(person(to)) stands in for who has it"
        case .firstAnswered: return "first answer \(to), after \(from) s of working time"
        case .questionAnswered: return event.to == nil ? "answer to \(from) taken back" : "answered \(from): \(to)"
        case .rated: return event.from == nil ? "rated \(to) of 5" : "rating \(from) -> \(to)"
        case .closingMailOmitted: return "customer not told that the case is over"
        case .solved: return "solved \(to), after \(from) s of working time"
        }
    }

    func login(_ agent: AgentID?) -> String? { agent.flatMap { roster.agents[$0]?.definition.login } }

    private func person(_ number: String) -> String {
        Int64(number).flatMap { roster.agents[AgentID(rawValue: $0)]?.definition.name } ?? number
    }

    private func pool(_ number: String) -> String {
        Int64(number).flatMap { roster.pools[PoolID(rawValue: $0)]?.definition.name } ?? number
    }

    private func group(_ number: String) -> String {
        Int64(number).flatMap { roster.groups[GroupID(rawValue: $0)]?.name } ?? number
    }

    private func department(_ number: String) -> String {
        Int64(number).flatMap { roster.departmentNames[DepartmentID(rawValue: $0)] } ?? "department \(number)"
    }

    private func folder(_ number: String) -> String {
        Int64(number).flatMap { roster.folders[FolderID(rawValue: $0)]?.name } ?? number
    }
}
