/// The content of a submission, read from the database piece by piece, each in a transaction of its own.
struct StoredContent: OutgoingContent {
    let submission: SubmissionID
    let store: any DeskStore

    func piece(_ index: Int) async throws -> [UInt8]? {
        let submission = submission
        return try await store.read { transaction in
            index == 0
                ? try transaction.outgoingHeader(of: submission)
                : try transaction.outgoingBody(of: submission, piece: index - 1)
        }
    }
}
