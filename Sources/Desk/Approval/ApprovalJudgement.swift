/// What somebody who may says about a mail that waits for approval (DESIGN §3).
package enum ApprovalJudgement: Sendable, CaseIterable {
    /// It leaves as it is, after the time in which it can be recalled.
    case approve
    /// It is its author's draft again, with words why.
    case sendBack
    /// The judge writes on: it is the judge's draft, and the case the judge's.
    case takeOver
    /// What was approved waits again.
    case withdraw
}

/// What became of a request for approval. The number is what the database stores.
package enum ApprovalOutcome: Int64, Sendable, CaseIterable {
    case waiting = 1
    case approved = 2
    case sentBack = 3
    case takenOver = 4
    /// A supervisor sent another mail instead.
    case replaced = 5
    /// Its author took it back.
    case recalled = 6
}
