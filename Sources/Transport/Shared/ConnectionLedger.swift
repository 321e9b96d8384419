import Synchronization

/// Counts connections in all and per peer address. One ledger is shared by every listener, so that the limits hold for
/// the appliance as a whole.
package final class ConnectionLedger: Sendable {
    /// How many connections there may be.
    package struct Limits: Sendable {
        /// Open connections in all.
        package var connections: Int
        /// Open connections of one peer address that have not logged in.
        package var connectionsPerAddress: Int
        package init(connections: Int = 2000, connectionsPerAddress: Int = 50) {
            (self.connections, self.connectionsPerAddress) = (connections, connectionsPerAddress)
        }
    }

    private struct State {
        var connections = 0
        var byAddress: [PeerAddress: Int] = [:]
    }
    private let state = Mutex(State())
    private let limits: Limits

    package init(limits: Limits) { self.limits = limits }

    /// Counts a connection; `nil`: there are too many. Every entry must be ended exactly once.
    func admit(_ address: PeerAddress) -> ConnectionEntry? {
        state.withLock { state in
            guard state.connections < limits.connections else { return nil }
            let ofAddress = state.byAddress[address, default: 0]
            guard ofAddress < limits.connectionsPerAddress else { return nil }
            state.connections += 1
            state.byAddress[address] = ofAddress + 1
            return ConnectionEntry(address: address, ledger: self)
        }
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
        guard let count = state.byAddress[address] else { return }
        state.byAddress[address] = count > 1 ? count - 1 : nil
    }
}

/// One connection in the ledger. Belongs to the connection and its event loop.
package final class ConnectionEntry {
    package let address: PeerAddress
    private let ledger: ConnectionLedger
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
