import Desk
import Logging
import MailFormat
import MailTypes

extension Sending {
    /// `#find`: looks for cases in a snapshot of the database, behind the commit, and puts the answers into the agent's INBOX.
    /// Only then is the mail acknowledged: a client that hears nothing sends it again.
    func search(
        _ searches: [String], _ facts: Logger.Metadata, completion: @escaping @Sendable (Reply) -> Void
    ) {
        let (store, logger) = (intake.store, submission.logger)
        @Sendable func fail(_ failure: StoreFailure) {
            let reasons: Logger.Metadata = ["failure.reason": "\(failure.reason.rawValue)"]
            logger.error("cases not looked for", metadata: facts.merging(reasons) { $1 })
            completion(.failure(failure))
        }
        store.read { transaction in
            try searches.map { try CaseSearch(words: $0, agent: agent, roster: roster).run(in: transaction) }
        } completion: { result in
            switch result {
            case .failure(let failure): fail(failure)
            case .success(let results):
                store.write(octets: 0) { transaction in
                    try tell(results, of: searches, transaction)
                } completion: { result in
                    switch result {
                    case .success: completion(.accepted)
                    case .failure(let failure): fail(failure)
                    }
                }
            }
        }
    }

    private func tell(
        _ results: [CaseSearch.Result], of searches: [String], _ transaction: any DeskTransaction
    ) throws {
        let work = CaseWork(transaction, roster: roster, now: now)
        for (words, result) in zip(searches, results) {
            try result.notice(for: words, about: content.header.messageID, stamp: stamp, roster: roster, to: agent)
                .file(to: agent, cryptography: intake.cryptography, host: host, work)
        }
    }
}
