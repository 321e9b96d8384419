import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// The mailbox that a session has selected, as the client was told it is.
struct SelectedMailbox {
    /// `nil` for a container, which is always empty.
    var view: MailboxView?
    var uidValidity: UInt32
    var isReadOnly: Bool
    var map = UIDMap()
    /// Everything up to this mod-sequence was seen.
    var known = ModSequence(0)
    /// The HIGHESTMODSEQ of the view as of `known`, and the last one as of which everything was told.
    var highest = ModSequence(1)
    var toldHighest = ModSequence(1)
    /// Messages that went, of which the client was not told yet.
    var gone = NumberSet()
    /// Messages that this session copied away: told only with EXPUNGE, CLOSE, NOOP, CHECK and IDLE (DESIGN §3).
    var copiedAway = NumberSet()
    /// `\Deleted` that the client set on those.
    var deletedAfterCopy = NumberSet()
    /// Messages first told of by this session.
    var recentFrom: UInt32 = .max
    /// What this session changed itself and told, since it looked last.
    var ownChanges = OwnChanges()
    /// What FLAGS told.
    var keywords = AnnouncedKeywords()
    /// The saved result of SEARCH (RFC 5182).
    var searchResult = NumberSet()
    var subscription: ChangeFeed.Subscription?

    func isRecent(_ uid: UInt32) -> Bool { uid >= recentFrom }
}
