import Desk
package import Gateway

/// A transaction of the whole desk over one connection: Gateway's and Mailboxes' ports, in parts beside their statements.
package final class Transaction {
    package let connection: any SQLConnection
    /// What it changed; the store publishes it after the commit.
    private(set) var change = Change()
    /// Keywords that were remembered already, so that one STORE of many messages remembers each once.
    var notedKeywords: Set<String> = []
    /// Cases whose cards it marked already.
    var markedCards: Set<TicketNumber> = []

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func note(_ change: Change) { self.change.merge(change) }
}

extension Transaction: DeskTransaction {}
