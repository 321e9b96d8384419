import Foundation

/// A request on the control socket: one line of JSON, answered by one line.
struct ControlRequest: Codable, Sendable {
    enum Operation: String, Codable, Sendable {
        case deskApply, deskExport, agentPassword
    }
    var operation: Operation
    var fileName: String?
    var text: String?
    var login: String?

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
                switch request.operation {
                case .deskApply: try await apply(text: request.text ?? "", fileName: request.fileName ?? "desk.yaml")
                case .deskExport: try await export()
                case .agentPassword: try await setPassword(request.text ?? "", of: request.login ?? "")
                }
            return ControlResponse(status: .ok, output: output)
        } catch let failure as CommandFailure {
            return ControlResponse(status: failure.status, output: failure.message)
        } catch {
            return ControlResponse(status: .software, output: "\(error)")
        }
    }
}
