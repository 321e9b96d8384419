package import MailTypes
import Synchronization

/// A stranger's connection to the port for mail from outside. What is to be known of the host is asked for while it still
/// says who it is, and waited for where it is needed.
package final class Visit: Sendable, Equatable {
    package let host: IPAddress
    private let check: HostCheck
    private let listings: Task<[HostListing], Never>
    private let reverse: Task<ReverseName, Never>
    private let found: FoundName
    /// What the lists say to its mail; `nil`: not known yet.
    private let judgement: Mutex<Judgement?>

    /// Whether lists say that the host is not to be talked to.
    package enum Judgement: Hashable, Sendable {
        case welcome
        case refused(Reply)
    }

    package init(of host: IPAddress, check: HostCheck) {
        (self.host, self.check) = (host, check)
        judgement = Mutex(check.configuration.lists.isEmpty || check.configuration.rejectAt == nil ? .welcome : nil)
        listings = Task { await check.listings(of: host) }
        let found = FoundName()
        self.found = found
        reverse = Task {
            let reverse = await check.reverseName(of: host)
            found.name.withLock { $0 = reverse.name }
            return reverse
        }
    }

    /// Shared with the search for it.
    private final class FoundName: Sendable {
        let name = Mutex<String?>(nil)
    }

    /// The name that leads back to the host, where it is known without waiting.
    package var knownName: String? { found.name.withLock { $0 } }

    deinit {
        listings.cancel()
        reverse.cancel()
    }

    package static func == (left: Visit, right: Visit) -> Bool { left === right }

    /// The judgement, where it is known without waiting.
    package var knownJudgement: Judgement? { judgement.withLock { $0 } }

    /// The judgement, when the lists have answered.
    package func judged() async -> Judgement {
        if let known = knownJudgement { return known }
        let found = await listings.value
        let score = found.reduce(0) { $0 + $1.list.score }
        var result = Judgement.welcome
        if let limit = check.configuration.rejectAt, score >= limit,
            let worst = found.max(by: { $0.list.score < $1.list.score })
        {
            result = .refused(.listed(host, by: worst.list.zone))
        }
        judgement.withLock { $0 = result }
        return result
    }

    /// All that is to be known, with the name that the host gave itself.
    func facts(helo: String) async -> HostFacts {
        let reverse = await reverse.value
        return HostFacts(
            reverse: reverse, helo: await check.helo(helo, of: host, known: reverse), listings: await listings.value,
            tagAt: check.configuration.tagAt)
    }

    /// Whether a case that its mail opens goes to Spam.
    func isQuarantined(_ facts: HostFacts) -> Bool {
        check.configuration.quarantineAt.map { facts.score >= $0 } ?? false
    }
}

extension Reply {
    /// RFC 5782 §2.1: who is refused for a list is told which.
    package static func listed(_ host: IPAddress, by zone: String) -> Reply {
        Reply(550, EnhancedStatus(5, 7, 1), "Not accepted: your address \(host) is listed by \(zone)")
    }
}
