/// What all rules together may take of one mail: each expression is bounded by itself, and there may be many of them over
/// many texts. Asked before every text that is looked through; once it is used up nothing holds any more.
package final class RuleBudget {
    /// A look at the clock costs more than most searches.
    private static let searchesPerLook = 16

    private let isSpent: () -> Bool
    private var searches = 0
    /// The rules were cut short.
    package private(set) var isUsedUp = false

    /// `isSpent` says, whenever it is asked, whether enough was taken.
    package init(isSpent: @escaping () -> Bool) { self.isSpent = isSpent }

    /// Whether another text may be looked through.
    func allowsSearch() -> Bool {
        guard !isUsedUp else { return false }
        searches += 1
        if searches % Self.searchesPerLook == 0 { isUsedUp = isSpent() }
        return !isUsedUp
    }
}
