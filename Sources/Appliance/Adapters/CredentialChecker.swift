package import Desk
import Gateway
import MailTypes
package import NIOPosix
import OpenSSL
package import Storage

/// Checks passwords against the stored verifiers on a bounded pool of threads. A login that does not exist costs as much
/// as one that does.
package final class CredentialChecker: Authenticator {
    private let store: Store
    private let threads: NIOThreadPool

    /// The pool must be running.
    package init(store: Store, threads: NIOThreadPool) { (self.store, self.threads) = (store, threads) }

    package func authenticate(
        login: String, password: [UInt8], completion: @escaping @Sendable (AgentID?) -> Void
    ) {
        let folded = foldedName(login)
        let threads = threads
        store.runRead { try $0.credential(foldedLogin: folded) } completion: { result in
            let account = (try? result.get()) ?? nil
            threads.submit { state in
                guard case .active = state else { return completion(nil) }
                let stored = account?.verifier.flatMap { SCRAMVerifier(text: $0) }
                let verifier = stored ?? SCRAMVerifier.decoy(for: folded)
                let isRight = verifier.verifies(String(decoding: password, as: UTF8.self))
                guard isRight, stored != nil, let account, account.isActive else { return completion(nil) }
                completion(account.agent)
            }
        }
    }
}
