import Desk
import Gateway
import Logging

/// The same for a login in several steps.
private struct WatchedExchange: SASLExchange {
    let base: any SASLExchange
    let logger: Logger

    func respond(_ response: [UInt8], completion: @escaping @Sendable (SASLStep) -> Void) {
        let logger = logger
        base.respond(response) { step in
            switch step {
            case .challenge: break
            case .succeeded(let agent, let login): logger.accepted(agent, login)
            case .failed(_, let login): logger.refused(login ?? "")
            }
            completion(step)
        }
    }
}

extension Logger {
    fileprivate func accepted(_ agent: AgentID, _ login: String) {
        info("logged in", metadata: [LogKey.imapLogin: "\(login)", LogKey.imapAgent: "\(agent)"])
    }

    fileprivate func refused(_ login: String) { notice("login refused", metadata: [LogKey.imapLogin: "\(login)"]) }
}

/// Tells the log of the logins of one connection; the password is not among what it tells.
struct WatchedAuthenticator: Authenticator {
    let base: any Authenticator
    let logger: Logger

    func authenticate(login: String, password: [UInt8], completion: @escaping @Sendable (AgentID?) -> Void) {
        let logger = logger
        base.authenticate(login: login, password: password) { agent in
            if let agent { logger.accepted(agent, login) } else { logger.refused(login) }
            completion(agent)
        }
    }

    func scram(isBound: Bool, bindings: ChannelBindings?) -> any SASLExchange {
        WatchedExchange(base: base.scram(isBound: isBound, bindings: bindings), logger: logger)
    }
}
