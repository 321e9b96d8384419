package import Gateway
package import Logging
package import MailTypes
package import NIOCore
package import OpenSSL
package import SMTPProtocol

/// Delivers to the mail exchangers of the recipients' domains (RFC 5321 §5.1).
package final class ExchangerClient: DeliveryWire {
    /// How to speak to them, and when to leave it for another time.
    package struct Configuration: Sendable {
        /// The port of all exchangers; another one than 25 in a closed network only.
        package var port: Int
        package var session: SMTPClientSession.Configuration
        package var connectTimeout: Duration
        /// How long a connection waits for another mail.
        package var idleTimeout: Duration
        /// The time for one mail over an open connection, whatever else is in time.
        package var mailTimeout: Duration
        /// Recipients of one transaction (RFC 5321 §4.5.3.1.8: a server takes at least 100).
        package var maximumRecipients: Int
        /// Addresses that one attempt tries, and those of them with which it comes as far as a mail.
        package var maximumAddresses: Int
        package var maximumTransactions: Int

        package init(
            port: Int = 25, session: SMTPClientSession.Configuration, connectTimeout: Duration = .seconds(30),
            idleTimeout: Duration = .seconds(5), mailTimeout: Duration = .seconds(3600), maximumRecipients: Int = 100,
            maximumAddresses: Int = 6, maximumTransactions: Int = 2
        ) {
            (self.port, self.session) = (port, session)
            (self.connectTimeout, self.idleTimeout, self.mailTimeout) = (connectTimeout, idleTimeout, mailTimeout)
            self.maximumRecipients = max(1, maximumRecipients)
            (self.maximumAddresses, self.maximumTransactions) = (max(1, maximumAddresses), max(1, maximumTransactions))
        }
    }

    private let configuration: Configuration
    private let search: ExchangerSearch
    private let contexts: Contexts?
    private let connections: HopConnections
    private let logger: Logger

    /// Clients' contexts: one that takes anybody's certificate, and one that insists on the server's name.
    package struct Contexts: Sendable {
        package var opportunistic: TLSContext
        package var verified: TLSContext
        package init(opportunistic: TLSContext, verified: TLSContext) {
            (self.opportunistic, self.verified) = (opportunistic, verified)
        }
    }

    /// - Parameters:
    ///   - contexts: `nil`: nothing is sent over TLS, and nothing to who asks for it.
    ///   - tally: counts what TLS comes to.
    package init(
        configuration: Configuration, search: ExchangerSearch, contexts: Contexts?, tally: TLSTally? = nil,
        group: any EventLoopGroup, logger: Logger
    ) {
        (self.configuration, self.search, self.contexts, self.logger) = (configuration, search, contexts, logger)
        connections = HopConnections(
            configuration: .init(
                connectTimeout: configuration.connectTimeout, idleTimeout: configuration.idleTimeout,
                mailTimeout: configuration.mailTimeout),
            group: group, logger: logger,
            noteTLS: { hop, failure in
                guard let (domain, policy) = hop.policy else { return }
                let result = failure.map(TLSResult.failureType) ?? TLSResult.success
                tally?.note(TLSResult(domain: domain, policy: policy, result: result))
            })
    }

    /// Gives up connections to which nothing was given yet, and makes no more.
    package func stopOpening() { connections.stopOpening() }

    /// Quits the connections that wait; those with a mail under way end with it.
    package func shutDown() async { await connections.shutDown() }

    package var hasOneNextHop: Bool { false }

    package func deliver(_ mail: OutgoingMail, to recipients: [EmailAddress]) async -> [DeliveryAttempt] {
        var attempts: [EmailAddress: DeliveryAttempt] = [:]
        for (domain, group) in Dictionary(grouping: recipients, by: \.domain) {
            var rest = group[...]
            while !rest.isEmpty {
                let part = Array(rest.prefix(configuration.maximumRecipients))
                rest = rest.dropFirst(part.count)
                for (recipient, attempt) in zip(part, await deliver(mail, to: part, at: domain)) {
                    attempts[recipient] = attempt
                }
            }
        }
        return recipients.map { recipient in
            guard let attempt = attempts[recipient] else { preconditionFailure("a recipient was left out") }
            return attempt
        }
    }

    /// Recipients of one domain in one transaction, with as many of its exchangers as it takes.
    private func deliver(
        _ mail: OutgoingMail, to recipients: [EmailAddress], at domain: DomainName
    ) async -> [DeliveryAttempt] {
        let hops: [Hop]
        do throws(DeliveryFailure) {
            hops = try await self.hops(to: domain, requiringTLS: mail.wishes.requiresTLS)
        } catch {
            report(error, domain.ascii, mail)
            return recipients.map { _ in DeliveryAttempt(error) }
        }
        var progress = ExchangerProgress(
            recipients, wishes: mail.wishes, maximumTransactions: configuration.maximumTransactions)
        for hop in hops.prefix(configuration.maximumAddresses) {
            do throws(DeliveryFailure) {
                let outcomes = try await connections.deliver(
                    mail.session(to: progress.remaining), mail.content, to: hop)
                progress.settled(outcomes, by: hop.description)
            } catch {
                report(error, hop.description, mail)
                let failure = mail.wishes.requiresTLS ? error.underRequiredTLS : error
                // Those that are not tried may take it.
                progress.notReached(hops.count > configuration.maximumAddresses ? failure.forNow : failure)
            }
            if progress.isOver { break }
        }
        return progress.attempts
    }

    /// The servers to try. One that is equally good and has a connection that waits comes first.
    private func hops(to domain: DomainName, requiringTLS: Bool) async throws(DeliveryFailure) -> [Hop] {
        let found = try await search.hops(to: domain, requiringTLS: requiringTLS)
        let hops = found.map { secured($0, for: domain) }
        let best = found.prefix { $0.preference == found.first?.preference }.count
        guard let index = hops.prefix(best).firstIndex(where: connections.hasIdle) else { return hops }
        var ordered = hops
        ordered.insert(ordered.remove(at: index), at: 0)
        return ordered
    }

    private func secured(_ found: ExchangerPlan.Hop, for domain: DomainName) -> Hop {
        var hop = Hop(
            target: found.address.description, port: configuration.port, name: found.host.ascii,
            session: configuration.session)
        hop.policy = (domain.ascii, found.policy)
        guard let contexts else {
            hop.session.tls = found.security == .opportunistic ? .none : .required
            return hop
        }
        hop.tls = contexts.opportunistic
        guard found.security != .opportunistic else { return hop }
        // Nothing goes in the clear where something vouches for TLS (RFC 7672 §2.2, RFC 8461 §5).
        hop.session.tls = .required
        switch found.security {
        case .opportunistic, .encrypted: break
        case .verified: (hop.tls, hop.isVerified) = (contexts.verified, true)
        case .dane(let associations, let names):
            hop.dane = DANEIdentity(
                associations: associations.map {
                    .init(usage: $0.usage, selector: $0.selector, matchingType: $0.matchingType, data: $0.data)
                }, baseName: found.host.ascii, otherNames: names)
        }
        return hop
    }

    private func report(_ failure: DeliveryFailure, _ place: String, _ mail: OutgoingMail) {
        logger.notice(
            "next hop not reached",
            metadata: [
                LogKey.nextHop: "\(place)", LogKey.failure: "\(failure.diagnostic)",
                LogKey.submission: "\(mail.submission)",
            ])
    }
}

extension DeliveryFailure {
    /// The same for a mail that only goes to servers with TLS (RFC 8689 §4.2.1): one that offers none will not get it.
    fileprivate var underRequiredTLS: DeliveryFailure {
        guard stage == .tls, status == EnhancedStatus(4, 7, 4) else { return self }
        var failure = self
        (failure.status, failure.diagnostic) = (EnhancedStatus(5, 7, 30), "REQUIRETLS: \(diagnostic)")
        return failure
    }

    /// The same, to be tried again.
    fileprivate var forNow: DeliveryFailure {
        var failure = self
        failure.status = EnhancedStatus(4, status.subject, status.detail)
        return failure
    }
}

/// How far an attempt with the exchangers of one domain has come: who has an answer that counts.
struct ExchangerProgress {
    private let recipients: [EmailAddress]
    private var outcomes: [DeliveryAttempt?]
    private var failure: DeliveryFailure?
    private var transactionsLeft: Int
    private let wishes: DeliveryWishes

    init(_ recipients: [EmailAddress], wishes: DeliveryWishes, maximumTransactions: Int) {
        (self.recipients, self.wishes, transactionsLeft) = (recipients, wishes, maximumTransactions)
        outcomes = recipients.map { _ in nil }
    }

    /// Those whom the next exchanger is asked to take.
    var remaining: [EmailAddress] { open.map { recipients[$0] } }

    private var open: [Int] { outcomes.indices.filter { index in outcomes[index].map(Self.isOpen) ?? true } }

    /// Whether there is nobody left to ask for, or too many exchangers were asked already.
    var isOver: Bool { open.isEmpty || transactionsLeft == 0 }

    /// One result per recipient; whoever no exchanger spoke about gets the last reason for that.
    var attempts: [DeliveryAttempt] {
        let unreached =
            failure ?? DeliveryFailure(stage: .connecting, status: EnhancedStatus(4, 4, 1), diagnostic: "no connection")
        return outcomes.map { $0 ?? DeliveryAttempt(unreached) }
    }

    /// A transaction took place; its outcomes are those of `remaining`.
    mutating func settled(_ results: [RecipientOutcome], by server: String) {
        transactionsLeft -= 1
        for (index, result) in zip(open, results) { outcomes[index] = DeliveryAttempt(result, wishes, by: server) }
    }

    /// An exchanger could not be reached or let nobody in. That another will never take the mail counts only alone.
    mutating func notReached(_ failure: DeliveryFailure) {
        if failure.isTransient || self.failure == nil { self.failure = failure }
    }

    /// Deferred before the content was given away: another exchanger may take it. Later it might have been taken.
    private static func isOpen(_ attempt: DeliveryAttempt) -> Bool {
        guard case .deferred(let failure) = attempt else { return false }
        return failure.stage != .content
    }
}
