import Desk
import Gateway
import IMAPProtocol

/// How much mail of one's own an account may have (DESIGN §3: "quota per account"). Cases count for nobody.
struct OwnMailQuota: Sendable {
    /// The name of the one quota root (RFC 9208 §3.1): Private/…, Drafts, Sent, Templates and own mail in Trash.
    static let root = "Private"

    let octets: Int64
    let messages: Int64

    init(_ person: Roster.Agent, _ roster: Roster) {
        let quota = roster.quota(of: person)
        (octets, messages) = (Int64(quota.storage), Int64(quota.messages))
    }

    static let refusal = CommandRefusal.no("Your own mail has reached its quota; delete some of it", .overQuota)

    /// Refuses what grew beyond the quota. What shrinks passes, even if it is still too much.
    func check(_ after: OwnMailUsage, since before: OwnMailUsage) throws {
        let hasTooMany = after.messages > messages && after.messages > before.messages
        guard !hasTooMany, after.octets <= octets || after.octets <= before.octets else { throw Self.refusal }
    }

    /// Usage and limits as QUOTA tells them. Usage is rounded up and limits are rounded down, so that nothing looks as if
    /// it had room.
    func resources(_ usage: OwnMailUsage) -> [QuotaResource] {
        [
            QuotaResource("STORAGE", usage: (usage.octets + 1023) / 1024, limit: octets / 1024),
            QuotaResource("MESSAGE", usage: usage.messages, limit: messages),
        ]
    }
}
