package import Desk
package import MailTypes
import Synchronization

/// Which cards somebody has been reading: under the eyes of a reader a card is not replaced. A hint of this process that
/// may be lost.
package final class CardScreens: Sendable {
    /// How long somebody is taken to look at what was fetched.
    package static let attention = Duration.seconds(60)
    private static let limit = 10_000

    private let shown = Mutex<[MessageKey: Timestamp]>([:])

    package init() {}

    /// A client fetched the text of cards.
    package func shown(_ cards: [MessageKey], at now: Timestamp) {
        guard !cards.isEmpty else { return }
        shown.withLock { shown in
            for card in cards { shown[card] = now }
            if shown.count > Self.limit { shown = shown.filter { now - $0.value < Self.attention } }
            if shown.count > Self.limit { shown = [:] }
        }
    }

    /// When nobody looks at a card any more; `nil`: nobody does now.
    package func busy(_ card: MessageKey, at now: Timestamp) -> Timestamp? {
        shown.withLock { $0[card] }.map { $0 + Self.attention }.flatMap { $0 > now ? $0 : nil }
    }
}
