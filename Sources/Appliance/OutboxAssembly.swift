import Foundation
import Gateway
import Logging
import MailTypes
import NIOCore
import NIOPosix
import OpenSSL
import Resolver
import SMTPProtocol
import Settings
import Transport

/// Wires what carries mail away: to a relay, or to the mail exchangers of its recipients.
struct OutboxAssembly {
    let workplace: Workplace
    let signers: SignerRing
    let logger: Logger
    /// Counts what TLS comes to.
    let tally: TLSTally

    init(workplace: Workplace, signers: SignerRing, logger: Logger) {
        (self.workplace, self.signers, self.logger) = (workplace, signers, logger)
        tally = TLSTally(store: workplace.store, clock: workplace.clock, logger: logger)
    }

    private var settings: MachineSettings { workplace.installation.settings }
    private var delivery: MachineSettings.Delivery { settings.delivery }

    /// The runner of the outbox with its way out. `resolver` is needed where no relay is configured.
    func service(
        _ group: MultiThreadedEventLoopGroup, _ held: HeldMails, _ resolver: DNSResolver?
    ) throws -> OutboxService {
        let way = try way(group, resolver)
        let runner = OutboxRunner(
            configuration: .init(
                schedule: RetrySchedule(delays: delivery.retryAfter), limits: limits,
                delayNotice: delivery.delayNoticeAfter),
            store: workplace.store,
            feed: workplace.feed,
            wire: SigningWire(way.wire, ring: signers, clock: workplace.clock, hostname: settings.hostname),
            notices: workplace.notices, held: held, clock: workplace.clock, logger: logger)
        workplace.outbox.attach(runner)
        return OutboxService(runner: runner, tally: tally, stop: way.stop, shutDown: way.shutDown)
    }

    /// A relay takes what is allowed from the first moment; of a domain's servers nothing is known at first.
    private var limits: OutboxQueue.Limits {
        let own = delivery.connectionsPerDestination
        let pauses = delivery.retryAfter.map { min($0, .seconds(1800)) }
        return OutboxQueue.Limits(
            deliveries: delivery.connections, perDestination: own, firstPerDestination: delivery.relay == nil ? 1 : own,
            perMinute: delivery.mailsPerMinute,
            waitingPerDestination: delivery.relay == nil ? 200 : 1000, pauses: pauses)
    }

    private func way(
        _ group: MultiThreadedEventLoopGroup, _ resolver: DNSResolver?
    ) throws -> (wire: any DeliveryWire, stop: @Sendable () -> Void, shutDown: @Sendable () async -> Void) {
        if let relay = delivery.relay {
            let client = try relayClient(relay, group)
            return (client, client.stopOpening, client.shutDown)
        }
        guard let resolver else { preconditionFailure("direct delivery needs a resolver") }
        let client = try exchangerClient(resolver, group)
        return (client, client.stopOpening, client.shutDown)
    }

    private func relayClient(_ relay: HostAndPort, _ group: MultiThreadedEventLoopGroup) throws -> RelayClient {
        var session = SMTPClientSession.Configuration(hostname: settings.hostname.ascii)
        let tls: TLSContext?
        switch delivery.relayTLS {
        case .none: (session.tls, tls) = (.none, nil)
        case .opportunistic: (session.tls, tls) = (.opportunistic, try TLSContext(verification: .opportunistic))
        case .required: (session.tls, tls) = (.required, try TLSContext(verification: .required))
        }
        if let user = delivery.relayUser {
            session.credentials = Credentials(login: user, password: try password())
            session.allowsPlaintextLogin = delivery.relayTLS == .none
        }
        return RelayClient(
            configuration: .init(host: relay.host, port: relay.port, session: session), tls: tls, group: group,
            logger: logger)
    }

    private func exchangerClient(_ resolver: DNSResolver, _ group: MultiThreadedEventLoopGroup) throws -> ExchangerClient {
        var session = SMTPClientSession.Configuration(hostname: settings.hostname.ascii)
        session.refusesOwnName = true
        let contexts = ExchangerClient.Contexts(
            opportunistic: try TLSContext(verification: .opportunistic), verified: try TLSContext(verification: .required))
        let policies = STSPolicies(
            lookup: resolver,
            fetching: PolicyFetcher(lookup: resolver, tls: contexts.verified, port: delivery.policyPort, group: group),
            store: workplace.store, clock: workplace.clock, logger: logger)
        return ExchangerClient(
            configuration: .init(port: delivery.exchangerPort, session: session),
            search: ExchangerSearch(
                lookup: resolver, ownName: settings.hostname, port: delivery.exchangerPort, policies: policies,
                isOwn: ownAddresses()),
            contexts: contexts, tally: tally, group: group, logger: logger)
    }

    /// Whether we listen for mail from other servers at an address, as far as the settings name it.
    private func ownAddresses() -> @Sendable (IPAddress) -> Bool {
        let addresses = settings.listener(.smtp)?.addresses ?? []
        let own = Set(
            addresses.compactMap { address -> IPAddress? in
                guard case .tcp(let host, let port) = address, port == delivery.exchangerPort else { return nil }
                return IPAddress(host)
            })
        return { own.contains($0) }
    }

    /// The first line of the password file.
    private func password() throws -> String {
        try delivery.relayPasswordFile.map { try SecretFile.firstLine(of: $0, "the relay's password") } ?? ""
    }
}

/// A file whose first line is a password.
enum SecretFile {
    static func firstLine(of file: String, _ what: String) throws(CommandFailure) -> String {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw CommandFailure(.configuration, "\(file): \(what) cannot be read")
        }
        return String(text.prefix { $0 != "\n" && $0 != "\r\n" })
    }
}
