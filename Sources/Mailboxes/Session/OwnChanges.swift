import IMAPProtocol
import MailTypes

/// Flags that a session changed itself and told: by the mod-sequence of the change, of which a command takes few.
struct OwnChanges: Sendable {
    private var messages: [Int64: NumberSet] = [:]

    var isEmpty: Bool { messages.isEmpty }

    /// A change of this message; cheapest in ascending order.
    mutating func note(_ uid: UInt32, at modSequence: ModSequence) {
        messages[modSequence.number, default: NumberSet()].insert(uid)
    }

    mutating func add(_ others: OwnChanges) {
        messages.merge(others.messages) { ours, theirs in
            theirs.ranges.reduce(into: ours) { $0.insert($1) }
        }
    }

    /// Whether all that happened to the flags of a message since `known` is of our own doing.
    func explain(_ news: FlagNews, since known: ModSequence) -> Bool {
        guard !isEmpty else { return false }
        return [news.shared, news.personal].allSatisfy {
            $0 <= known.number || messages[$0]?.contains(news.uid) == true
        }
    }
}
