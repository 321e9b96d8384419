package import Desk
package import Gateway
package import OpenSSL
import Synchronization

/// A SCRAM exchange over accounts that the test knows.
package final class ScriptedExchange: SASLExchange {
    private struct State {
        var server: SCRAMServer
        var login: String?
    }
    private let state: Mutex<State>
    private let account: @Sendable (String) -> (agent: AgentID, verifier: SCRAMVerifier)?

    package init(
        isBound: Bool, bindings: ChannelBindings?,
        account: @escaping @Sendable (String) -> (agent: AgentID, verifier: SCRAMVerifier)?
    ) {
        let bindings = bindings.map {
            TLSChannelBindings(exporter: $0.exporter, serverEndPoint: $0.serverEndPoint)
        }
        state = Mutex(State(server: SCRAMServer(isBound: isBound, bindings: bindings, nonce: "servernonce")))
        self.account = account
    }

    package func respond(_ response: [UInt8], completion: @escaping @Sendable (SASLStep) -> Void) {
        completion(state.withLock { step(&$0, response) })
    }

    private func step(_ state: inout State, _ response: [UInt8]) -> SASLStep {
        var action = state.server.received(response)
        if case .lookUp(let login) = action {
            state.login = login
            let found = account(login)
            let decoy = SCRAMVerifier.decoy(for: login, key: HMACSHA256(key: [1]))
            action = state.server.found(found?.verifier ?? decoy, isReal: found != nil)
        }
        let login = state.login
        switch action {
        case .challenge(let challenge): return .challenge(challenge)
        case .succeeded:
            guard let login, let found = account(login) else { return .failed(.refused, login: login) }
            return .succeeded(found.agent, login: login)
        case .failed(.malformed): return .failed(.malformed, login: login)
        case .failed(.foreignIdentity): return .failed(.foreignIdentity, login: login)
        case .failed, .lookUp: return .failed(.refused, login: login)
        }
    }
}
