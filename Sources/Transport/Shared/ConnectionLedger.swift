package import Gateway
import MailTypes
import SMTPProtocol
import Synchronization

/// Counts connections in all and per peer address. One ledger is shared by every listener, so that the limits hold for
/// the appliance as a whole. What hosts do in the course of time its guard watches.
package final class ConnectionLedger: Sendable {
    /// How many connections there may be.
    package struct Limits: Sendable {
        /// Open connections in all.
        package var connections: Int
        /// Open connections of one peer, an address or an IPv6 /64, that have not logged in.
        package var connectionsPerAddress: Int
        package init(connections: Int = 2000, connectionsPerAddress: Int = 50) {
            (self.connections, self.connectionsPerAddress) = (connections, connectionsPerAddress)
        }
    }

    private struct State {
        var connections = 0
        var byHost: [IPNetwork: Int] = [:]
    }
    private let state = Mutex(State())
    private let limits: Limits
    /// `nil`: nobody is watched.
    let abuse: AbuseGuard?

    package init(limits: Limits, abuse: AbuseGuard? = nil) { (self.limits, self.abuse) = (limits, abuse) }

    /// What came of a connection.
    enum Admission {
        case admitted(ConnectionEntry)
        case refused(Reply)
    }

    /// Counts a connection, or says why it may not be. Every entry must be ended exactly once.
    func admit(_ address: PeerAddress, to door: AbuseGuard.Door) -> Admission {
        if let refusal = abuse?.connected(address.address, to: door) { return .refused(refusal) }
        let host = address.address.host
        let isAdmitted = state.withLock { state in
            guard state.connections < limits.connections else { return false }
            let ofHost = state.byHost[host, default: 0]
            guard ofHost < limits.connectionsPerAddress else { return false }
            state.connections += 1
            state.byHost[host] = ofHost + 1
            return true
        }
        return isAdmitted ? .admitted(ConnectionEntry(address: address, ledger: self)) : .refused(.tooManyConnections)
    }

    /// Open connections in all.
    package var connections: Int { state.withLock { $0.connections } }

    fileprivate func loggedIn(_ address: PeerAddress) {
        state.withLock { Self.discount(address, &$0) }
    }

    fileprivate func ended(_ address: PeerAddress, isLoggedIn: Bool) {
        state.withLock { state in
            state.connections -= 1
            if !isLoggedIn { Self.discount(address, &state) }
        }
    }

    private static func discount(_ address: PeerAddress, _ state: inout State) {
        let host = address.address.host
        guard let count = state.byHost[host] else { return }
        state.byHost[host] = count > 1 ? count - 1 : nil
    }
}

/// One connection in the ledger. Belongs to the connection and its event loop.
package final class ConnectionEntry {
    package let address: PeerAddress
    private let ledger: ConnectionLedger
    /// Who watches the peer; `nil`: nobody.
    package var abuse: AbuseGuard? { ledger.abuse }
    private var isLoggedIn = false
    private var isEnded = false

    fileprivate init(address: PeerAddress, ledger: ConnectionLedger) { (self.address, self.ledger) = (address, ledger) }

    /// The peer has proved who it is: its address is no longer what limits it.
    package func loggedIn() {
        guard !isLoggedIn, !isEnded else { return }
        isLoggedIn = true
        ledger.loggedIn(address)
    }

    /// The connection is gone.
    func ended() {
        guard !isEnded else { return }
        isEnded = true
        ledger.ended(address, isLoggedIn: isLoggedIn)
    }
}
