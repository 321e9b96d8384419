package import Desk
package import Gateway
import MailTypes
package import NIOPosix
package import OpenSSL
package import Storage

/// Checks passwords against the stored verifiers on a bounded pool of threads. A login that does not exist costs as much
/// as one that does.
package final class CredentialChecker: Authenticator {
    private let store: Store
    private let threads: NIOThreadPool
    private let decoyKey: HMACSHA256

    /// The pool must be running. Under the same decoy key a login that does not exist shows the same salt, in every run of
    /// the server.
    package init(store: Store, threads: NIOThreadPool, decoyKey: HMACSHA256) {
        (self.store, self.threads, self.decoyKey) = (store, threads, decoyKey)
    }

    package func authenticate(
        login: String, password: [UInt8], completion: @escaping @Sendable (AgentID?) -> Void
    ) {
        let threads = threads
        find(login) { account, verifier in
            threads.submit { state in
                guard case .active = state else { return completion(nil) }
                let isRight = verifier.verifies(String(decoding: password, as: UTF8.self))
                completion(isRight ? account : nil)
            }
        }
    }

    package func scram(isBound: Bool, bindings: ChannelBindings?) -> any SASLExchange {
        SCRAMExchange(checker: self, isBound: isBound, bindings: bindings)
    }

    /// The verifier of a login: the account's, or, for whoever cannot log in, a decoy and no account.
    func find(_ login: String, completion: @escaping @Sendable (AgentID?, SCRAMVerifier) -> Void) {
        let folded = foldedName(login)
        let decoy = SCRAMVerifier.decoy(for: folded, key: decoyKey)
        store.runRead { try $0.credential(foldedLogin: folded) } completion: { result in
            let account = (try? result.get()) ?? nil
            let stored = account?.verifier.flatMap { SCRAMVerifier(text: $0) }
            guard let account, account.isActive, let stored else { return completion(nil, stored ?? decoy) }
            completion(account.agent, stored)
        }
    }
}
