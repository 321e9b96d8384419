/// What moving or copying a message means (DESIGN §3): one total function of source, destination and of whether the
/// message is part of a case. Rights are not asked here; whoever carries a decision out does that.
///
///     MoveRules.move(from: .new, to: .inbox, ofCase: true)     // .decide(.take)
///     MoveRules.move(from: .drafts, to: .inbox, ofCase: false) // .refuse(.personalIntoCase)
package enum MoveRules {
    /// A decision about the whole case; the destination says which colleague, group or pool.
    package enum Decision: Equatable, Sendable {
        case take
        case handOver
        case handToGroup
        case setStatus(TicketStatus)
        case giveBack
        case changePool
        /// To Trash: with the right to delete, or what the pool says deleting means.
        case delete
    }

    /// What comes of it.
    package enum Meaning: Equatable, Sendable {
        case decide(Decision)
        /// The message itself goes to another mailbox of the account.
        case file
        /// A second message with the same octets in a mailbox of the account.
        case duplicate
        case refuse(Refusal)
    }

    /// Why not. The sentence is shown to people.
    package enum Refusal: Equatable, Sendable {
        case caseIntoPersonal
        case personalIntoCase
        case noPlace
        case copyHandsNothingOver

        package var sentence: String {
            switch self {
            case .caseIntoPersonal: "A case cannot be moved among your own mail; copy the message instead"
            case .personalIntoCase: "Your own mail cannot become a case by moving it"
            case .noPlace: "No mail is kept here; choose one of the mailboxes in it"
            case .copyHandsNothingOver: "A copy hands nothing over; move the case instead"
            }
        }
    }

    /// What MOVE means.
    package static func move(from source: MovePlace, to destination: MovePlace, ofCase: Bool) -> Meaning {
        if source == .container || destination == .container { return .refuse(.noPlace) }
        guard let decision = decision(to: destination) else {
            return ofCase ? .refuse(.caseIntoPersonal) : .file
        }
        if ofCase { return .decide(decision) }
        return destination == .trash ? .file : .refuse(.personalIntoCase)
    }

    /// What COPY means: into a deciding mailbox the same as MOVE, among one's own mail a second message.
    package static func copy(from source: MovePlace, to destination: MovePlace, ofCase: Bool) -> Meaning {
        if source == .container || destination == .container { return .refuse(.noPlace) }
        guard let decision = decision(to: destination) else { return .duplicate }
        guard ofCase else { return destination == .trash ? .duplicate : .refuse(.personalIntoCase) }
        switch decision {
        case .handOver, .handToGroup: return .refuse(.copyHandsNothingOver)
        case .take, .setStatus, .giveBack, .changePool, .delete: return .decide(decision)
        }
    }

    /// The move that undoes one (Ctrl+Z of a client): the same way back.
    package static func inverse(from source: MovePlace, to destination: MovePlace, ofCase: Bool) -> Meaning {
        move(from: destination, to: source, ofCase: ofCase)
    }

    /// What a destination decides about a case; `nil` for mailboxes that hold an account's own mail.
    private static func decision(to destination: MovePlace) -> Decision? {
        switch destination {
        case .inbox: .take
        case .team: .handOver
        case .group: .handToGroup
        case .waiting: .setStatus(.waiting)
        case .done: .setStatus(.done)
        case .closed: .setStatus(.closed)
        case .spam: .setStatus(.spam)
        // Moving back into Next undoes a take from there: the case waits again, for whoever is next.
        case .new, .next: .giveBack
        case .pool: .changePool
        case .trash: .delete
        case .drafts, .sent, .templates, .personal, .container: nil
        }
    }
}
