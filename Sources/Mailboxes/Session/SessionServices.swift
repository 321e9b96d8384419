package import Gateway
import MailTypes
package import NIOCore

/// What every session shares.
package struct SessionServices: Sendable {
    package var store: any MailboxStore
    package var feed: ChangeFeed
    package var roster: RosterHolder
    package var authenticator: any Authenticator
    package var clock: any WallClock
    package var accounts: AccountConnections
    package var recents: RecentMarks
    package var maps: SharedMaps
    package var unseen: UnseenCounts
    /// Offers cases in Next; `nil` where nobody is offered anything.
    package var next: NextOffers?
    /// Files mail that agents put into New, INBOX and Pools/p; `nil`: they cannot.
    package var intake: Intake?
    /// Recalls and releases mail in To send; `nil`: none waits there.
    package var held: HeldMails?
    /// Makes, renames and removes custom folders; `nil`: nobody can.
    package var editing: (any DeskEditing)?
    /// Learns which cards are read.
    package var screens: CardScreens

    package init(
        store: any MailboxStore, feed: ChangeFeed, roster: RosterHolder, authenticator: any Authenticator,
        clock: any WallClock, accounts: AccountConnections, recents: RecentMarks = RecentMarks(),
        maps: SharedMaps = SharedMaps(), unseen: UnseenCounts = UnseenCounts(),
        next: NextOffers? = nil,
        intake: Intake? = nil, held: HeldMails? = nil, editing: (any DeskEditing)? = nil,
        screens: CardScreens = CardScreens()
    ) {
        self.screens = screens
        (self.held, self.editing) = (held, editing)
        (self.store, self.feed, self.roster, self.authenticator) = (store, feed, roster, authenticator)
        (self.clock, self.accounts, self.recents, self.next) = (clock, accounts, recents, next)
        (self.intake, self.maps, self.unseen) = (intake, maps, unseen)
    }
}

/// Where responses go. Returning late is how a slow reader slows the session down.
package protocol ResponseSink: Sendable {
    func write(_ octets: ByteBuffer) async throws
}

/// What a session may ask, and what it answers.
package struct SessionConfiguration: Sendable {
    /// Stands in the greeting.
    package var hostName: String
    /// STARTTLS can be had.
    package var offersStartTLS: Bool
    /// A password is taken in the clear: for tests, and behind a proxy that ends TLS.
    package var allowsPlaintextLogin: Bool
    /// Octets of a message that APPEND takes.
    package var messageSize: Int
    /// Refused logins until the connection is closed.
    package var loginAttempts: Int
    /// Commands that could not be read until the connection is closed.
    package var badCommands: Int
    /// Cases that one command of somebody who is no supervisor may decide about (DESIGN §3).
    package var casesPerCommand: Int
    /// Messages that one transaction of MOVE moves, and that one COPY, which is all or nothing, may name.
    package var messagesPerMove = 1000
    package var messagesPerCopy = 10_000
    /// Messages that one APPEND may bring (MULTIAPPEND).
    package var messagesPerAppend: Int
    /// Octets of one annotation, annotations of an account, and octets of all their values (RFC 5464).
    package var annotationSize = 65_536
    package var annotations = 1000
    package var annotationOctets = 1_048_576
    /// Messages of one transaction of FETCH, STORE and SEARCH.
    package var pageSize: Int
    /// Octets of content that one transaction reads.
    package var chunkSize: Int
    /// Octets of responses that wait for more before they are sent; about as many are made at once at most.
    package var responsesTogether = 65_536
    /// The least time between two announcements to an idling client; the first comes at once, and the more work they are,
    /// the rarer they get.
    package var announcementInterval: Duration
    /// How long news wait for a command in which every client looks for them (see `IMAPSession.letNewsWait`).
    package var newsDelay = Duration.zero

    package init(
        hostName: String = "localhost", offersStartTLS: Bool = false, allowsPlaintextLogin: Bool = false,
        messageSize: Int = 37_748_736, loginAttempts: Int = 5, badCommands: Int = 20, casesPerCommand: Int = 25,
        messagesPerAppend: Int = 1000, pageSize: Int = 500, chunkSize: Int = 131_072, announcementInterval: Duration = .milliseconds(5)
    ) {
        (self.hostName, self.offersStartTLS) = (hostName, offersStartTLS)
        (self.allowsPlaintextLogin, self.messageSize) = (allowsPlaintextLogin, messageSize)
        (self.loginAttempts, self.badCommands, self.casesPerCommand) = (loginAttempts, badCommands, casesPerCommand)
        self.messagesPerAppend = messagesPerAppend
        (self.pageSize, self.chunkSize, self.announcementInterval) = (pageSize, chunkSize, announcementInterval)
    }
}
