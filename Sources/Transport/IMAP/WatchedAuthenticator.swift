import Desk
import Gateway
import Logging

/// Tells the log of the logins of one connection; the password is not among what it tells.
struct WatchedAuthenticator: Authenticator {
    let base: any Authenticator
    let logger: Logger

    func authenticate(login: String, password: [UInt8], completion: @escaping @Sendable (AgentID?) -> Void) {
        let logger = logger
        base.authenticate(login: login, password: password) { agent in
            if let agent {
                logger.info("logged in", metadata: [LogKey.imapLogin: "\(login)", LogKey.imapAgent: "\(agent)"])
            } else {
                logger.notice("login refused", metadata: [LogKey.imapLogin: "\(login)"])
            }
            completion(agent)
        }
    }
}
