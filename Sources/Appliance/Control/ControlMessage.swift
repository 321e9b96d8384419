import Desk
import Foundation

/// A request on the control socket: one line of JSON, answered by one line.
enum ControlRequest: Codable, Sendable {
    case deskApply(fileName: String, text: String)
    case deskExport
    case agentPassword(login: String, password: String)
    case parts(DeskSection, name: String?, isJSON: Bool)
    case edit(DeskEdit, isJSON: Bool)
    case absences(AbsenceRequest)
    case cases(CaseRequest)
    case customers(CustomerRequest)
    /// Octets of a message from an offset on, in base64.
    case octets(message: Int64, offset: Int)
    case why(String, isJSON: Bool)
    case report(ReportRequest)
    case board(isJSON: Bool)
    case queue(QueueOrder, isJSON: Bool)

    /// Its words on the command line, without what may be secret.
    var name: String {
        switch self {
        case .deskApply: "desk apply"
        case .deskExport: "desk export"
        case .agentPassword: "agent password"
        case .parts(let section, _, _): "\(section.word) list"
        case .edit(let edit, _): "\(edit.section.word) \(edit.name)"
        case .absences: "agent absences"
        case .cases: "case"
        case .customers: "customer"
        case .octets: "case raw"
        case .why: "why"
        case .report: "report"
        case .board: "board"
        case .queue(let order, _): "queue \(order.verb.rawValue)"
        }
    }

    /// Whether it is to change something; what is told as a change of a case has its event beside.
    var isChange: Bool {
        switch self {
        case .deskApply, .agentPassword, .edit: true
        case .queue(let order, _): ![.list, .show, .tls].contains(order.verb)
        case .deskExport, .parts, .absences, .cases, .customers, .octets, .why, .report, .board: false
        }
    }

    /// Octets of the longest request.
    static let maximumLength = 8 << 20
}

/// What came of a request: what to print, and how to end.
struct ControlResponse: Codable, Sendable {
    var status: Int32
    var output: String

    init(status: ExitStatus, output: String) { (self.status, self.output) = (status.rawValue, output) }
}

extension DeskOperations {
    /// Carries out a request of the command line.
    func perform(_ request: ControlRequest) async -> ControlResponse {
        do {
            let output =
                switch request {
                case .deskApply(let fileName, let text): try await apply(text: text, fileName: fileName)
                case .deskExport: try await export()
                case .agentPassword(let login, let password): try await setPassword(password, of: login)
                case .parts(let section, let name, let isJSON): try await parts(section, name, isJSON: isJSON)
                case .edit(let edit, let isJSON): try await self.edit(edit, isJSON: isJSON)
                case .absences(let request): try await perform(request)
                case .cases(let request): try await perform(request)
                case .customers(let request): try await perform(request)
                case .octets(let message, let offset): try await octets(of: message, from: offset)
                case .why(let text, let isJSON): try await why(text, isJSON: isJSON)
                case .report(let request): try await perform(request)
                case .board(let isJSON): try await board(isJSON: isJSON)
                case .queue(let order, let isJSON): try await self.queue(order, isJSON: isJSON)
                }
            return ControlResponse(status: .ok, output: output)
        } catch let failure as CommandFailure {
            return ControlResponse(status: failure.status, output: failure.message)
        } catch {
            return ControlResponse(status: .software, output: "\(error)")
        }
    }
}
