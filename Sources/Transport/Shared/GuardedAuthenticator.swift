import Desk
import Gateway
import Logging
import MailFormat
import NIOCore

/// Checks logins for the guard: what fails is counted and answered later each time, whoever is banned fails unchecked.
struct GuardedAuthenticator: Authenticator {
    let base: any Authenticator
    let abuse: AbuseGuard
    let address: PeerAddress
    let eventLoop: any EventLoop
    let logger: Logger

    func authenticate(login: String, password: [UInt8], completion: @escaping @Sendable (AgentID?) -> Void) {
        guard !abuse.isBanned(address.address) else { return failed(credential: nil) { completion(nil) } }
        base.authenticate(login: login, password: password) { agent in
            guard agent == nil else { return completion(agent) }
            var hasher = Hasher()
            hasher.combine(login)
            hasher.combine(password)
            self.failed(credential: hasher.finalize()) { completion(nil) }
        }
    }

    func scram(isBound: Bool, bindings: ChannelBindings?) -> any SASLExchange {
        GuardedExchange(base: base.scram(isBound: isBound, bindings: bindings), owner: self)
    }

    fileprivate func failed(credential: Int?, then completion: @escaping @Sendable () -> Void) {
        let penalty = abuse.failedLogin(from: address.address, credential: credential)
        if let until = penalty.bannedUntil {
            logger.notice(
                "banned for failed logins", metadata: [LogKey.peer: "\(address)", LogKey.banned: "\(MailDate.text(until))"])
        }
        guard penalty.delay > .zero else { return completion() }
        eventLoop.scheduleTask(in: TimeAmount(penalty.delay), completion)
    }
}

/// The same for a login in several steps.
private struct GuardedExchange: SASLExchange {
    let base: any SASLExchange
    let owner: GuardedAuthenticator

    func respond(_ response: [UInt8], completion: @escaping @Sendable (SASLStep) -> Void) {
        base.respond(response) { step in
            switch step {
            case .challenge, .failed(.malformed, _): completion(step)
            case .succeeded(_, let login):
                guard owner.abuse.isBanned(owner.address.address) else { return completion(step) }
                owner.failed(credential: nil) { completion(.failed(.refused, login: login)) }
            case .failed: owner.failed(credential: nil) { completion(step) }
            }
        }
    }
}

extension AbuseGuard {
    /// The same authenticator, watched for a host; itself where nobody looks at the host.
    func watching(
        _ base: any Authenticator, _ address: PeerAddress, _ eventLoop: any EventLoop, _ logger: Logger
    ) -> any Authenticator {
        guard !isAllowed(address.address) else { return base }
        return GuardedAuthenticator(base: base, abuse: self, address: address, eventLoop: eventLoop, logger: logger)
    }
}
