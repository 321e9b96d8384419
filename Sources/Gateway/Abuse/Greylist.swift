import Desk
import MailAuth
import MailFormat
package import MailTypes

/// Puts mail of strangers off once: programs that only send spam seldom come again, mail servers do. What is remembered is
/// a digest of network, sender and recipient, and domains whose mail came back and is vouched for by SPF or DKIM: their
/// mail is not put off again, wherever it comes from.
package struct Greylist: Sendable {
    /// How long what takes.
    package struct Configuration: Sendable {
        /// Mail that comes again sooner is put off again.
        package var delay: Duration = .seconds(300)
        /// Mail that comes again later counts as new.
        package var retryWithin: Duration = .seconds(2 * 86400)
        /// How long who came again is remembered, from the last mail on.
        package var remember: Duration = .seconds(36 * 86400)
        package init() {}
    }

    private let configuration: Configuration
    private let cryptography: any Cryptography

    package init(_ configuration: Configuration, cryptography: any Cryptography) {
        (self.configuration, self.cryptography) = (configuration, cryptography)
    }

    /// What is to be written down about mail, and whether it is put off.
    struct Decision: Equatable {
        var isDeferred = false
        /// Seen for the first time.
        var new: [Int64] = []
        /// Came again in time, or passed before and that is to be remembered for longer.
        var passed: [Int64] = []
        var domains: [String] = []

        var isNothing: Bool { new.isEmpty && passed.isEmpty && domains.isEmpty }
    }

    /// The reply that puts a mail off; `nil`: it is let in. A database that cannot be asked puts nothing off.
    func judge(
        _ envelope: Envelope, from host: IPAddress, _ verdicts: MailVerdicts?, in store: any DeskStore, now: Timestamp
    ) async -> Reply? {
        let keys = keys(of: envelope, from: host, inNameOf: Self.sender(verdicts))
        let domains = Self.vouched(verdicts)
        let decision = try? await store.read { transaction in
            try decide(keys, domains, now) { try transaction.greylisting($0) } isKnown: {
                try transaction.knownDomain($0, at: now)
            }
        }
        guard let decision else { return nil }
        if !decision.isNothing {
            let (waits, remembers) = (now + configuration.retryWithin, now + configuration.remember)
            _ = try? await store.write { transaction in
                for key in decision.new { try transaction.keep(Greylisting(firstAt: now, until: waits), of: key) }
                for key in decision.passed {
                    try transaction.keep(Greylisting(firstAt: now, passedAt: now, until: remembers), of: key)
                }
                for domain in decision.domains { try transaction.keepKnownDomain(domain, until: remembers) }
                try transaction.pruneGreylist(at: now)
            }
        }
        return decision.isDeferred ? .greylisted : nil
    }

    /// Pure: what is known goes in.
    func decide(
        _ keys: [Int64], _ domains: [String], _ now: Timestamp, known: (Int64) throws -> Greylisting?,
        isKnown: (String) throws -> Timestamp?
    ) rethrows -> Decision {
        var decision = Decision()
        for domain in domains {
            guard let until = try isKnown(domain) else { continue }
            // Written anew once a day at most.
            if until - now < configuration.remember - .seconds(86400) { decision.domains.append(domain) }
            return decision
        }
        for key in keys {
            guard let entry = try known(key), entry.until > now else {
                decision.new.append(key)
                decision.isDeferred = true
                continue
            }
            if entry.passedAt != nil {
                if entry.until - now < configuration.remember - .seconds(86400) { decision.passed.append(key) }
            } else if now - entry.firstAt < configuration.delay {
                decision.isDeferred = true
            } else {
                decision.passed.append(key)
            }
        }
        if !decision.isDeferred { decision.domains = domains }
        return decision
    }

    /// One for each recipient: the domain that lets the host send for it by SPF, else the network, since big senders come again
    /// from another host; the sender without its numbers, since lists have others in each mail.
    func keys(of envelope: Envelope, from host: IPAddress, inNameOf domain: String? = nil) -> [Int64] {
        let origin = domain ?? "\(host.neighbourhood)"
        let sender = envelope.reversePath.map { "\(Self.withoutNumbers($0.identity))" } ?? ""
        return envelope.recipients.map { recipient in
            let digest = cryptography.makeDigest()
            Array("\(origin)\n\(sender)\n\(recipient.identity)".utf8).withUnsafeBytes { digest.update($0) }
            let code = digest.finalize().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int64(bitPattern: code)
        }
    }

    private static func withoutNumbers(_ text: String) -> String {
        var result = ""
        for character in text {
            if !character.isNumber { result.append(character) } else if result.last != "#" { result.append("#") }
        }
        return result
    }

    /// The domain that SPF vouches for.
    private static func sender(_ verdicts: MailVerdicts?) -> String? {
        guard let spf = verdicts?.spf, spf.result == .pass, !spf.domain.isEmpty else { return nil }
        return spf.domain.lowercased()
    }

    /// Domains that SPF or DKIM vouches for.
    static func vouched(_ verdicts: MailVerdicts?) -> [String] {
        guard let verdicts else { return [] }
        var domains = verdicts.dkim.filter { $0.result == .pass }.map { $0.signingDomain.lowercased() }
        if verdicts.spf.result == .pass { domains.append(verdicts.spf.domain.lowercased()) }
        return Array(Set(domains.filter { !$0.isEmpty && $0.utf8.count <= 253 })).sorted().prefix(5).map(\.self)
    }
}

/// What is known of a network, a sender and a recipient.
package struct Greylisting: Hashable, Sendable {
    package var firstAt: Timestamp
    /// When mail came again in time.
    package var passedAt: Timestamp?
    /// Until when it counts.
    package var until: Timestamp

    package init(firstAt: Timestamp, passedAt: Timestamp? = nil, until: Timestamp) {
        (self.firstAt, self.passedAt, self.until) = (firstAt, passedAt, until)
    }

    /// Rows of mail that did not come again, of mail that did, and of domains.
    package static let maximumRows: Int64 = 200_000
}

/// What greylisting needs of the database.
package protocol GreylistTransaction {
    func greylisting(_ key: Int64) throws -> Greylisting?
    func keep(_ greylisting: Greylisting, of key: Int64) throws
    /// Until when a domain is known; `nil`: it is not.
    func knownDomain(_ domain: String, at now: Timestamp) throws -> Timestamp?
    func keepKnownDomain(_ domain: String, until: Timestamp) throws
    /// Forgets what is over, some rows at a time, and what is beyond the bounds.
    func pruneGreylist(at now: Timestamp) throws
}

extension Reply {
    package static let greylisted = Reply(
        451, EnhancedStatus(4, 7, 1), "Not accepted yet: strangers are asked to try again in some minutes")
}
