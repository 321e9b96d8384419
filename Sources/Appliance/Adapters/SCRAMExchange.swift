import Desk
import Gateway
import MailTypes
import OpenSSL
import Synchronization

/// The SCRAM machine behind Gateway's port, with the verifiers of the database. Every step is cheap; only the verifier is
/// waited for.
final class SCRAMExchange: SASLExchange {
    private struct State {
        var server: SCRAMServer
        var login: String?
        var account: AgentID?
    }
    private let state: Mutex<State>
    private let checker: CredentialChecker

    init(checker: CredentialChecker, isBound: Bool, bindings: ChannelBindings?) {
        self.checker = checker
        let bindings = bindings.map {
            TLSChannelBindings(exporter: $0.exporter, serverEndPoint: $0.serverEndPoint)
        }
        // 18 octets are 24 characters of base64, none of them a comma.
        let server = SCRAMServer(isBound: isBound, bindings: bindings, nonce: Base64.encode(randomBytes(18)))
        state = Mutex(State(server: server))
    }

    func respond(_ response: [UInt8], completion: @escaping @Sendable (SASLStep) -> Void) {
        let action = state.withLock { state in
            let action = state.server.received(response)
            if case .lookUp(let login) = action { state.login = login }
            return action
        }
        guard case .lookUp(let login) = action else { return completion(step(action)) }
        checker.find(login) { account, verifier in
            let action = self.state.withLock { state in
                state.account = account
                return state.server.found(verifier, isReal: account != nil)
            }
            completion(self.step(action))
        }
    }

    private func step(_ action: SCRAMServer.Action) -> SASLStep {
        let (login, account) = state.withLock { ($0.login, $0.account) }
        switch action {
        case .challenge(let challenge): return .challenge(challenge)
        case .succeeded:
            guard let login, let account else { preconditionFailure("a decoy has no right proof") }
            return .succeeded(account, login: login)
        case .failed(.malformed): return .failed(.malformed, login: login)
        case .failed(.foreignIdentity): return .failed(.foreignIdentity, login: login)
        case .failed: return .failed(.refused, login: login)
        case .lookUp: preconditionFailure("the verifier is looked up once")
        }
    }
}
