import Desk
import Testing

struct MoveRulesTests {
    private static let casePlaces: [MovePlace] = [
        .inbox, .next, .new, .consultation, .waiting, .done, .closed, .spam, .team, .group, .pool, .folder, .followed, .archive,
    ]
    private static let ownPlaces: [MovePlace] = [.drafts, .sent, .templates, .sharedTemplates, .trash, .personal]

    /// What a case dropped there means.
    private static let decisions: [MovePlace: MoveRules.Decision] = [
        .inbox: .take, .consultation: .setStatus(.consultation), .department: .consult, .next: .giveBack, .new: .giveBack, .waiting: .setStatus(.waiting), .done: .setStatus(.done),
        .closed: .setStatus(.closed), .archive: .setStatus(.closed), .spam: .setStatus(.spam), .team: .handOver,
        .group: .handToGroup, .pool: .changePool, .folder: .fileInFolder, .followed: .follow, .trash: .delete,
    ]

    @Test(arguments: MovePlace.allCases, MovePlace.allCases)
    func `every move and copy between two places means something`(source: MovePlace, destination: MovePlace) {
        for role in MoveRules.Role.allCases {
            #expect(MoveRules.move(from: source, to: destination, role) == expectedMove(source, destination, role))
            #expect(MoveRules.copy(from: source, to: destination, role) == expectedCopy(source, destination, role))
        }
    }

    @Test(arguments: MovePlace.allCases, MovePlace.allCases)
    func `what may be moved there may be moved back`(source: MovePlace, destination: MovePlace) {
        for (role, places) in [(MoveRules.Role.ofCase, Self.casePlaces + [.trash]), (.own, Self.ownPlaces)]
        where places.contains(source) {
            if case .refuse = MoveRules.move(from: source, to: destination, role) { continue }
            if case .refuse(let refusal) = MoveRules.inverse(from: source, to: destination, role) {
                Issue.record("\(source) to \(destination) cannot be undone: \(refusal)")
            }
        }
    }

    @Test(arguments: Language.allCases) func `every refusal says something of its own`(language: Language) {
        let sentences = Set(MoveRules.Refusal.allCases.map { $0.sentence.text(in: language) })
        #expect(sentences.count == MoveRules.Refusal.allCases.count)
        #expect(sentences.allSatisfy { $0.count > 20 && (language != .english || $0.allSatisfy(\.isASCII)) })
    }

    private func expectedMove(_ source: MovePlace, _ destination: MovePlace, _ role: MoveRules.Role) -> MoveRules.Meaning {
        if source == .container || destination == .container { return .refuse(.noPlace) }
        switch (role, destination) {
        case (.ofCase, .overdue), (.ofCase, .poolStatus): return .refuse(.shownByItself)
        case (.ofCase, .sharedTemplates): return .refuse(.caseIntoSharedTemplates)
        case (.ofCase, .toSend), (.ofCase, .confirmed), (.ofCase, .approval), (.own, .toSend), (.own, .confirmed),
            (.own, .approval):
            return .refuse(.onlySendingHolds)
        case (.ofCase, .trash) where source == .followed: return .decide(.unfollow)
        case (.ofCase, _): return Self.decisions[destination].map { .decide($0) } ?? .refuse(.caseIntoPersonal)
        case (.own, _): return Self.ownPlaces.contains(destination) ? .file : .refuse(.personalIntoCase)
        case (.held, .drafts), (.held, .trash): return .recall
        case (.held, .approval) where source == .approval: return .file
        case (.held, _) where source == .approval: return .refuse(.ownApproval)
        case (.othersHeld, .toSend): return source == .toSend ? .file : .judge(.approve)
        case (.othersHeld, .approval): return source == .toSend ? .judge(.withdraw) : .file
        case (.othersHeld, .team) where source != .toSend: return .judge(.sendBack)
        case (.othersHeld, .inbox) where source != .toSend: return .judge(.takeOver)
        case (.othersHeld, _): return .refuse(.othersMail)
        case (.held, .confirmed): return .release
        case (.held, .toSend): return .file
        case (.held, _): return .refuse(.heldMail)
        }
    }

    private func expectedCopy(_ source: MovePlace, _ destination: MovePlace, _ role: MoveRules.Role) -> MoveRules.Meaning {
        if source == .container || destination == .container { return .refuse(.noPlace) }
        switch (role, destination) {
        case (.ofCase, .trash) where source == .followed: return .decide(.unfollow)
        case (.ofCase, .team), (.ofCase, .group): return .decide(.followForOthers)
        case (.ofCase, .department): return .refuse(.consultCopy)
        case (.ofCase, _):
            if case .refuse(let refusal) = expectedMove(source, destination, role), refusal != .caseIntoPersonal {
                return .refuse(refusal)
            }
            return Self.decisions[destination].map { .decide($0) } ?? .duplicate
        case (.own, .toSend), (.own, .confirmed), (.own, .approval): return .refuse(.onlySendingHolds)
        case (.own, _): return Self.ownPlaces.contains(destination) ? .duplicate : .refuse(.personalIntoCase)
        case (.held, .drafts), (.held, .trash): return .recall
        case (.held, .approval) where source == .approval: return .file
        case (.held, _) where source == .approval:
            return .refuse(Self.ownPlaces.contains(destination) ? .heldCopy : .ownApproval)
        case (.othersHeld, _): return expectedMove(source, destination, role)
        case (.held, .confirmed): return .release
        case (.held, .sent), (.held, .templates), (.held, .personal): return .duplicate
        case (.held, _): return .refuse(.heldCopy)
        }
    }
}
