import Desk
import Testing

struct MoveRulesTests {
    private static let casePlaces: [MovePlace] = [
        .inbox, .next, .new, .waiting, .done, .closed, .spam, .team, .group, .pool,
    ]
    private static let ownPlaces: [MovePlace] = [.drafts, .sent, .templates, .trash, .personal]

    /// What a case dropped there means.
    private static let decisions: [MovePlace: MoveRules.Decision] = [
        .inbox: .take, .next: .giveBack, .new: .giveBack, .waiting: .setStatus(.waiting), .done: .setStatus(.done),
        .closed: .setStatus(.closed), .spam: .setStatus(.spam), .team: .handOver, .group: .handToGroup,
        .pool: .changePool, .trash: .delete,
    ]

    @Test(arguments: MovePlace.allCases, MovePlace.allCases)
    func `every move and copy between two places means something`(source: MovePlace, destination: MovePlace) {
        for ofCase in [true, false] {
            #expect(
                MoveRules.move(from: source, to: destination, ofCase: ofCase)
                    == expectedMove(source, destination, ofCase))
            #expect(
                MoveRules.copy(from: source, to: destination, ofCase: ofCase)
                    == expectedCopy(source, destination, ofCase))
        }
    }

    @Test(arguments: MovePlace.allCases, MovePlace.allCases)
    func `what may be moved there may be moved back`(source: MovePlace, destination: MovePlace) {
        for (ofCase, places) in [(true, Self.casePlaces + [.trash]), (false, Self.ownPlaces)]
        where places.contains(source) {
            if case .refuse = MoveRules.move(from: source, to: destination, ofCase: ofCase) { continue }
            if case .refuse(let refusal) = MoveRules.inverse(from: source, to: destination, ofCase: ofCase) {
                Issue.record("\(source) to \(destination) cannot be undone: \(refusal)")
            }
        }
    }

    private func expectedMove(_ source: MovePlace, _ destination: MovePlace, _ ofCase: Bool) -> MoveRules.Meaning {
        if source == .container || destination == .container { return .refuse(.noPlace) }
        if ofCase { return Self.decisions[destination].map { .decide($0) } ?? .refuse(.caseIntoPersonal) }
        return Self.ownPlaces.contains(destination) ? .file : .refuse(.personalIntoCase)
    }

    private func expectedCopy(_ source: MovePlace, _ destination: MovePlace, _ ofCase: Bool) -> MoveRules.Meaning {
        if source == .container || destination == .container { return .refuse(.noPlace) }
        guard ofCase else { return Self.ownPlaces.contains(destination) ? .duplicate : .refuse(.personalIntoCase) }
        switch destination {
        case .team, .group: return .refuse(.copyHandsNothingOver)
        default: return Self.decisions[destination].map { .decide($0) } ?? .duplicate
        }
    }
}
