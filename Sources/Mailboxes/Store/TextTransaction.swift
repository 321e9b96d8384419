package import Desk
import MailTypes

/// What the full-text index needs of the database.
package protocol TextTransaction {
    /// How far the index came: messages up to this one are in it, but for those told apart by `isCut`.
    func textMark() throws -> TextMark
    /// Empties the index if its texts are of another version than `SearchTexts.version`.
    func renewTexts() throws
    /// Messages above the mark in order, with everything that `SearchTexts` is made of, until the closure says `false`.
    func eachUnindexed(_ body: (MessageRow) throws -> Bool) throws
    /// Stores texts and moves the mark. Says `false`, and stores nothing, if the mark is not what it was.
    func store(_ texts: [IndexedText], after mark: TextMark) throws -> Bool
    /// Messages of a view that the index cannot tell about: those it has not come to, and those of which it has not all.
    func unindexedUIDs(in view: MailboxView) throws -> [UInt32]
    /// Messages of a view that may hold a text with these trigrams, of the next `limit` hits above `message`; where it ended,
    /// `nil` at the end.
    func uids(holding trigrams: [UInt32], in view: MailboxView, above message: MessageKey, limit: Int) throws
        -> (uids: [UInt32], last: MessageKey?)
}

/// How far the index came. Numbers of messages that were discarded may be given again; `discarded` counts how often the
/// newest went, so that a text is never stored for another message.
package struct TextMark: Sendable, Equatable {
    package var indexed: Int64
    package var discarded: Int64
    /// The index is of this version of texts; else nothing counts as indexed.
    package var isCurrent: Bool

    package init(indexed: Int64, discarded: Int64, isCurrent: Bool = true) {
        (self.indexed, self.discarded, self.isCurrent) = (isCurrent ? indexed : 0, discarded, isCurrent)
    }
}

/// A message as the index takes it.
package struct IndexedText: Sendable {
    package var message: MessageKey
    package var head: [UInt8]
    package var body: [UInt8]
    package var isCut: Bool
    package var preview: String
    package var trigrams: [UInt32]

    package init(
        message: MessageKey, head: [UInt8], body: [UInt8], isCut: Bool, preview: String, trigrams: [UInt32]
    ) {
        (self.message, self.head, self.body) = (message, head, body)
        (self.isCut, self.preview, self.trigrams) = (isCut, preview, trigrams)
    }
}
