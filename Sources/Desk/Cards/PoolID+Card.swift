/// Where the entries of cards stand. A card lies in a mailbox once for each language in use, and an account sees its own
/// language's: so an entry of a card counts for a number made of pool and language, and a view sees it by that number as
/// it sees other mail by its pool. Every count that is kept by pool is right for every reader without another word.
extension PoolID {
    private static let shift: Int64 = 40
    /// Above all numbers of pools, below those of languages.
    private static let queue: Int64 = 1 << (shift - 1)
    private static let mask: Int64 = queue - 1

    /// The least number that is a card's.
    package static let leastOfCards: Int64 = 1 << shift

    /// What the cards of the pool count for in a language.
    package func ofCards(in language: Language) -> PoolID { PoolID(rawValue: rawValue + language.offset) }
    /// What the pool's mail in New counts for where only Next gives it out: those who see it there see both numbers.
    package var inQueue: PoolID { PoolID(rawValue: rawValue | Self.queue) }
    /// The pool itself.
    package var withoutLanguage: PoolID { PoolID(rawValue: rawValue & Self.mask) }
    package var isOfCards: Bool { rawValue >= Self.leastOfCards }
}

extension Language {
    /// What the language adds to a pool's number; the database stores it with the card.
    package var offset: Int64 {
        switch self {
        case .english: PoolID.leastOfCards
        case .polish: 2 * PoolID.leastOfCards
        }
    }
}
