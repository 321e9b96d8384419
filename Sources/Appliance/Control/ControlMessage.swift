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
