package import MailTypes
import Synchronization

/// Counts what hosts and their networks ask of pages that anybody may open, and says when it is too much.
package final class RequestGuard: Sendable {
    /// How much may be asked for.
    package struct Limits: Sendable {
        /// Requests of one host, an IPv4 address or an IPv6 /64.
        package var requests: RateLimit
        /// A network, a /24 or /48, may ask so many times what one host may.
        package var networkFactor: Int
        /// Hosts and networks that are remembered.
        package var trackedKeys: Int

        /// Documented defaults: 120 a minute, five times as many for a network, 50,000 of each.
        package init(
            requests: RateLimit = RateLimit(120, in: .seconds(60)), networkFactor: Int = 5, trackedKeys: Int = 50_000
        ) {
            (self.requests, self.networkFactor, self.trackedKeys) = (requests, networkFactor, trackedKeys)
        }
    }

    private struct State {
        var hosts: RecentTable<IPNetwork, SlidingCount>
        var networks: RecentTable<IPNetwork, SlidingCount>
    }

    private let limits: Limits
    private let clock: any WallClock
    private let state: Mutex<State>

    package init(limits: Limits = Limits(), clock: any WallClock) {
        (self.limits, self.clock) = (limits, clock)
        state = Mutex(
            State(
                hosts: RecentTable(capacity: limits.trackedKeys), networks: RecentTable(capacity: limits.trackedKeys)))
    }

    /// After how long to ask again where it was too much.
    package var pause: Duration { limits.requests.period }

    /// Counts a request; `false`: too many. What is refused is not counted, so that who waits gets through.
    package func admits(_ address: IPAddress) -> Bool {
        let (now, limits) = (clock.now, limits)
        let (count, period) = (limits.requests.count, limits.requests.period)
        return state.withLock { state in
            guard (state.hosts.peek(address.host) ?? SlidingCount()).level(at: now, within: period) < count,
                (state.networks.peek(address.neighbourhood) ?? SlidingCount()).level(at: now, within: period)
                    < count * limits.networkFactor
            else { return false }
            state.hosts.update(address.host, initial: SlidingCount()) { $0.add(at: now, within: period) }
            state.networks.update(address.neighbourhood, initial: SlidingCount()) { $0.add(at: now, within: period) }
            return true
        }
    }
}
