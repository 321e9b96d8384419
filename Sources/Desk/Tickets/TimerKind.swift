/// What a timer of the desk is for. The number is what the database stores.
package enum TimerKind: Int64, Sendable, CaseIterable {
    /// The deadline of the first answer or of the solution passes.
    case deadline = 1
    /// A waiting or done case closes.
    case idleClose = 2
    /// A case of spam is removed.
    case spamPurge = 3
    /// What lies in Trash is removed.
    case trashPurge = 4
    /// A mail that waits to leave, leaves.
    case release = 6
    /// A view by year is filled with the cases that were closed before it was made.
    case archive = 7
    /// A department has not answered in its time; the subject is the consultation.
    case consultation = 8
    /// An absence begins or ends; the subject is the agent.
    case absence = 9
    /// Supervisors hear what is overdue in a pool; the subject is the pool.
    case overdueNotice = 10
    /// A case goes from hand to hand: its supervisors hear of it.
    case handovers = 11
    /// A case is over: its customer is told and asked; the subject is the agent who closed it, 0: Stempel itself.
    case closing = 12
    /// Something came to what waits for a supervisor's approval; the subject is the supervisor.
    case approvalNews = 13
    /// What waits for a supervisor's approval became less, or is worded otherwise; the subject is the supervisor.
    case approvalList = 14
}
