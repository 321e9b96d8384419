/// What moving or copying a message means (DESIGN §3): one total function of source, destination and of what the message
/// is. Rights are not asked here; whoever carries a decision out does that.
///
///     MoveRules.move(from: .new, to: .inbox, .ofCase)  // .decide(.take)
///     MoveRules.move(from: .drafts, to: .inbox, .own)  // .refuse(.personalIntoCase)
package enum MoveRules {
    /// What a message is, as far as moving it goes.
    package enum Role: Sendable, CaseIterable {
        /// Part of a case: moving it moves the whole case.
        case ofCase
        /// Mail of the account itself.
        case own
        /// A mail that waits to leave: single, whatever case it is for.
        case held
        /// Such a mail of somebody else, which the agent judges or has approved.
        case othersHeld
    }

    /// A decision about the whole case; the destination says which colleague, group, pool or folder.
    package enum Decision: Equatable, Sendable {
        case take
        case handOver
        case handToGroup
        case setStatus(TicketStatus)
        case giveBack
        case changePool
        /// A department is asked about it.
        case consult
        /// Into a custom folder, which is a place and no status.
        case fileInFolder
        /// The agent follows the case, which stays where it is.
        case follow
        /// A colleague, or every member of a group, follows it.
        case followForOthers
        /// Taken out of Followed: the agent follows it no more.
        case unfollow
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
        /// A mail that waits to leave does not leave, and becomes a draft again.
        case recall
        /// A mail that is held with a doubt leaves all the same.
        case release
        /// What a supervisor says about a mail that waits for it.
        case judge(ApprovalJudgement)
        case refuse(Refusal)
    }

    /// Why not. The sentence is shown to people.
    package enum Refusal: Equatable, Sendable, CaseIterable {
        case caseIntoPersonal
        case personalIntoCase
        case noPlace
        case shownByItself
        case onlySendingHolds
        case heldMail
        case heldCopy
        case ownApproval
        case othersMail
        case consultCopy
        case caseIntoSharedTemplates

        package var sentence: Sentence {
            switch self {
            case .caseIntoPersonal:
                Sentence(
                    "A case cannot be moved among your own mail; copy the message instead",
                    "Sprawy nie można przenieść do własnej poczty; skopiuj wiadomość")
            case .personalIntoCase:
                Sentence(
                    "Your own mail cannot become a case by moving it", "Własna wiadomość nie stanie się sprawą przez przeniesienie")
            case .noPlace:
                Sentence(
                    "No mail is kept here; choose one of the mailboxes in it",
                    "Tu nie przechowuje się wiadomości; wybierz jeden z folderów w środku")
            case .shownByItself: Sentence("Cases are shown there by themselves", "Sprawy pojawiają się tam same")
            case .onlySendingHolds:
                Sentence("Only mail that you send waits there", "Czekają tam tylko wiadomości, które wysyłasz")
            case .heldMail:
                Sentence(
                    "A mail that waits to leave can be recalled to Drafts, or moved to To send/Confirmed",
                    "Wiadomość, która czeka na wysłanie, można cofnąć do szkiców albo przenieść do „Do wysłania/Potwierdzone”")
            case .heldCopy:
                Sentence(
                    "A mail that waits to leave cannot be copied; move it to Drafts to recall it",
                    "Wiadomości, która czeka na wysłanie, nie można skopiować; przenieś ją do szkiców, aby ją cofnąć")
            case .ownApproval:
                Sentence(
                    "Your mail waits for a supervisor; it can be recalled to Drafts",
                    "Wiadomość czeka na kierownika; można ją cofnąć do szkiców")
            case .consultCopy:
                Sentence(
                    "A department is asked by moving the case there, not by copying it",
                    "Dział pyta się, przenosząc tam sprawę, a nie kopiując")
            case .caseIntoSharedTemplates:
                Sentence(
                    "Everybody reads the shared templates; write a template from the case's mail and put that there",
                    "Wspólne szablony czytają wszyscy; napisz szablon na podstawie wiadomości i umieść go tam")
            case .othersMail:
                Sentence(
                    "Move it to To send to approve it, to Team/name to send it back, to INBOX to take it over",
                    "Przenieś ją do „Do wysłania”, aby zaakceptować, do „Zespół/…”, aby odesłać, do INBOX, aby przejąć")
            }
        }
    }

    /// What MOVE means.
    package static func move(from source: MovePlace, to destination: MovePlace, _ role: Role) -> Meaning {
        if source == .container || destination == .container { return .refuse(.noPlace) }
        switch role {
        case .ofCase:
            if let leaving = leavingFollowed(source, destination) { return leaving }
            return ofCase(to: destination, otherwise: .refuse(.caseIntoPersonal))
        case .own:
            if destination.isPersonal { return .file }
            return .refuse(destination.holdsSentMail ? .onlySendingHolds : .personalIntoCase)
        case .held:
            if source == .approval { return waiting(to: destination, otherwise: .refuse(.ownApproval)) }
            switch destination {
            case .drafts, .trash: return .recall
            case .confirmed: return .release
            case .toSend: return .file
            default: return .refuse(.heldMail)
            }
        case .othersHeld: return others(from: source, to: destination)
        }
    }

    /// What COPY means: into a deciding mailbox the same as MOVE, among one's own mail a second message. A copy to a
    /// colleague or a group hands nothing over, but lets them follow.
    package static func copy(from source: MovePlace, to destination: MovePlace, _ role: Role) -> Meaning {
        if source == .container || destination == .container { return .refuse(.noPlace) }
        switch role {
        case .ofCase:
            if let leaving = leavingFollowed(source, destination) { return leaving }
            if destination == .team || destination == .group { return .decide(.followForOthers) }
            if destination == .department { return .refuse(.consultCopy) }
            return ofCase(to: destination, otherwise: .duplicate)
        case .own:
            if destination.isPersonal { return .duplicate }
            return .refuse(destination.holdsSentMail ? .onlySendingHolds : .personalIntoCase)
        case .held where source == .approval:
            return waiting(to: destination, otherwise: .refuse(destination.isPersonal ? .heldCopy : .ownApproval))
        case .othersHeld: return others(from: source, to: destination)
        case .held:
            switch destination {
            case .drafts, .trash: return .recall
            case .confirmed: return .release
            case .sent, .templates, .personal: return .duplicate
            default: return .refuse(.heldCopy)
            }
        }
    }

    /// The move that undoes one (Ctrl+Z of a client): the same way back.
    package static func inverse(from source: MovePlace, to destination: MovePlace, _ role: Role) -> Meaning {
        move(from: destination, to: source, role)
    }

    /// A mail of one's own that waits for a supervisor can only be recalled.
    private static func waiting(to destination: MovePlace, otherwise: Meaning) -> Meaning {
        switch destination {
        case .drafts, .trash: .recall
        case .approval: .file
        default: otherwise
        }
    }

    /// What a supervisor does with a mail in Approval; from To send the approval is taken back.
    private static func others(from source: MovePlace, to destination: MovePlace) -> Meaning {
        switch destination {
        case .toSend: source == .toSend ? .file : .judge(.approve)
        case .approval: source == .toSend ? .judge(.withdraw) : .file
        case .team where source != .toSend: .judge(.sendBack)
        case .inbox where source != .toSend: .judge(.takeOver)
        default: .refuse(.othersMail)
        }
    }

    /// Deleting in Followed deletes no case: it ends the following. Any other way out of there decides about the case as from
    /// anywhere else.
    private static func leavingFollowed(_ source: MovePlace, _ destination: MovePlace) -> Meaning? {
        source == .followed && destination == .trash ? .decide(.unfollow) : nil
    }

    /// What a destination decides about a case; `otherwise` for mailboxes that hold an account's own mail.
    private static func ofCase(to destination: MovePlace, otherwise: Meaning) -> Meaning {
        switch destination {
        case .inbox: .decide(.take)
        case .team: .decide(.handOver)
        case .group: .decide(.handToGroup)
        case .waiting: .decide(.setStatus(.waiting))
        case .done: .decide(.setStatus(.done))
        case .closed, .archive: .decide(.setStatus(.closed))
        case .spam: .decide(.setStatus(.spam))
        // Moving back into Next undoes a take from there: the case waits again, for whoever is next.
        case .new, .next: .decide(.giveBack)
        case .pool: .decide(.changePool)
        case .department: .decide(.consult)
        case .consultation: .decide(.setStatus(.consultation))
        case .folder: .decide(.fileInFolder)
        case .followed: .decide(.follow)
        case .trash: .decide(.delete)
        case .overdue, .poolStatus: .refuse(.shownByItself)
        case .toSend, .confirmed, .approval: .refuse(.onlySendingHolds)
        // Everybody reads there, whatever pools one is a member of.
        case .sharedTemplates: .refuse(.caseIntoSharedTemplates)
        case .drafts, .sent, .templates, .personal: otherwise
        case .container: .refuse(.noPlace)
        }
    }
}
