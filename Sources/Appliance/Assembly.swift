import Cards
import Desk
import Foundation
import Gateway
import Logging
import MailAuth
import MailTypes
import Mailboxes
import NIOCore
import NIOPosix
import OpenSSL
import Resolver
import SMTPProtocol
import ServiceLifecycle
import Settings
import Storage
import Transport
import UnixSignals

/// Wires the parts of a running appliance together and runs them as services, ended in the opposite order: listeners
/// first, then what delivers, then what they all stand on.
struct Assembly {
    let workplace: Workplace
    let logger: Logger
    private let signers = SignerRing()

    init(workplace: Workplace, logger: Logger) { (self.workplace, self.logger) = (workplace, logger) }

    private var settings: MachineSettings { workplace.installation.settings }
    private var reception: ReceptionAssembly {
        ReceptionAssembly(settings: settings, clock: workplace.clock, logger: logger)
    }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, min(4, System.coreCount)))
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let rules = BoundedRuleThread()
        let result: Result<Void, any Error>
        do {
            try await serve(group, threads, rules)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await rules.shutDown()
        try? await threads.shutdownGracefully()
        try? await group.shutdownGracefully()
        try result.get()
    }

    private func serve(
        _ group: MultiThreadedEventLoopGroup, _ threads: NIOThreadPool, _ rules: BoundedRuleThread
    ) async throws {
        let next = NextOffers(store: workplace.store, roster: workplace.roster, clock: workplace.clock)
        let resolver = try resolver()
        let submission = submission(group, rules, resolver)
        let screens = CardScreens()
        let recents = RecentMarks(
            atStart: try await workplace.store.read { (transaction: Transaction) in try transaction.nextUIDs() })
        let others = try reception.others(group)
        let receiver = reception.receiver(submission.intake, workplace.roster, resolver, others, signers)
        let listeners = try await openListeners(group, threads, next, submission, receiver, screens, recents)
        let cards = CardService(
            store: workplace.store, feed: workplace.feed, roster: workplace.roster, renderer: CardRenderer(),
            screens: screens, cryptography: Libcrypto(), clock: workplace.clock, hostname: settings.hostname,
            logger: logger)
        var services: [any Service] = [
            Housekeeping(store: workplace.store, clock: workplace.clock, logger: logger),
            Watchdog(isAlive: { [store = workplace.store] in
                (try? await store.read { (transaction: Transaction) in try transaction.generation() }) != nil
            }),
            try OutboxAssembly(workplace: workplace, signers: signers, logger: logger).service(
                group, submission.held, resolver),
            CancellableService { [scheduler = scheduler(submission.held)] in await scheduler.run() },
            CancellableService { [feed = workplace.feed] in await next.run(feed: feed) },
            CancellableService { [workplace] in
                await TextIndexer(store: workplace.store, feed: workplace.feed).run()
            },
            CancellableService { await cards.run() },
            ControlServer(
                path: workplace.installation.data.controlSocket, operations: workplace.operations, group: group,
                logger: logger),
        ]
        if let others { services.append(HostBehindService(others: others)) }
        services += listeners
        if let learning = try spamLearning(group) { services.append(CancellableService { await learning.run() }) }
        services.append(Readiness(logger: logger))
        let serviceGroup = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Self.quiet(logger)))
        try await serviceGroup.run()
    }

    /// The service group tells every step; that is for tracing.
    private static func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        if quiet.logLevel > .trace { quiet.logLevel = .warning }
        return quiet
    }

    /// The ways of mail, in and out.
    private func submission(
        _ group: MultiThreadedEventLoopGroup, _ rules: BoundedRuleThread, _ resolver: DNSResolver?
    ) -> Submission {
        let intake = Intake(
            store: workplace.store, roster: workplace.roster, keys: workplace.keys, cryptography: Libcrypto(),
            clock: workplace.clock,
            room: FreeSpaceGauge(
                database: workplace.store.database, minimum: settings.limits.freeSpace, clock: workplace.clock),
            policy: senderPolicy(resolver), filters: FilterChain(filters(group)), greylist: reception.greylist,
            rules: rules,
            configuration: .init(hostname: settings.hostname), logger: logger,
            aside: { [loop = group.next()] work in loop.execute(work) })
        return Submission(intake: intake, expiry: settings.delivery.expireAfter, logger: logger)
    }

    // MARK: - Listeners

    private func openListeners(
        _ group: MultiThreadedEventLoopGroup, _ threads: NIOThreadPool, _ next: NextOffers, _ submission: Submission,
        _ receiver: IntakeReceiver, _ screens: CardScreens, _ recents: RecentMarks
    ) async throws -> [any Service] {
        let tls = try tlsContexts()
        let limits = settings.limits
        let ledger = ConnectionLedger(
            limits: .init(connections: limits.connections, connectionsPerAddress: limits.connectionsPerAddress),
            abuse: AbuseGuard(settings, clock: workplace.clock))
        let authenticator = CredentialChecker(
            store: workplace.store, threads: threads, decoyKey: HMACSHA256(key: workplace.keys.secret(for: "scram decoy")))
        let plaintext = PlaintextLogin(rawValue: settings.security.allowPlaintextLogin.rawValue) ?? .never
        let intake = submission.intake
        let mx = SMTPServer(
            configuration: .init(session: smtpSession(.mx)),
            receiver: receiver, authenticator: nil, tls: tls, group: group, ledger: ledger, logger: logger)
        func submissionServer(isTLSFirst: Bool) -> SMTPServer {
            SMTPServer(
                configuration: .init(
                    session: smtpSession(.submission), isTLSFirst: isTLSFirst, plaintextLogin: plaintext),
                receiver: SubmissionReceiver(submission: submission), authenticator: authenticator, tls: tls,
                group: group, ledger: ledger, logger: logger)
        }
        var opening = ListenerOpening(settings: settings, file: workplace.installation.file, logger: logger)
        await opening.open(.smtp, { addresses async throws(ListenerFailure) in try await mx.start(addresses) }, mx.shutDown)
        for name in [ListenerName.submission, .submissions] where settings.listener(name) != nil {
            let server = submissionServer(isTLSFirst: name == .submissions)
            await opening.open(
                name, { addresses async throws(ListenerFailure) in try await server.start(addresses) }, server.shutDown)
        }
        let sessions = SessionServices(
            store: workplace.store, feed: workplace.feed, roster: workplace.roster, authenticator: authenticator,
            clock: workplace.clock, accounts: AccountConnections(limit: limits.imapConnectionsPerAccount), recents: recents, next: next,
            intake: intake, held: submission.held, editing: workplace.operations,
            screens: screens)
        var session = SessionConfiguration(hostName: settings.hostname.ascii, messageSize: limits.messageSize)
        session.newsDelay = .seconds(5)
        let names = SessionNames()
        for name in [ListenerName.imap, .imaps] where settings.listener(name) != nil {
            let server = IMAPServer(
                configuration: .init(session: session, isTLSFirst: name == .imaps, plaintextLogin: plaintext),
                services: sessions, tls: tls, group: group, ledger: ledger,
                noteRefusal: { address, reply in
                    let peer = Peer(
                        address: address.description, helo: "", isESMTP: false, tls: nil, isAuthenticated: false,
                        sessionID: names.next())
                    intake.refusals.note(
                        MailOrigin(peer, Envelope(reversePath: nil)), reply: reply, cause: "connection to IMAP")
                }, logger: logger)
            await opening.open(
                name, { addresses async throws(ListenerFailure) in try await server.start(addresses) }, server.shutDown)
        }
        if let listener = settings.listener(.public) {
            let pages = PublicAssembly(workplace: workplace, intake: intake, logger: logger)
                .server(listener, tls: tls, group: group, ledger: ledger)
            await opening.open(
                .public, { addresses async throws(ListenerFailure) in try await pages.start(addresses) }, pages.shutDown)
        }
        let services = try await opening.finish()
        let reload = { @Sendable [signers, data = workplace.installation.data] in
            signers.replace(try SigningKeyFiles(data).load().mapValues(\.active))
        }
        try reload()
        return [CertificateReload(tls: tls, reloadSigners: reload, logger: logger)] + services
    }

    private func filters(_ group: MultiThreadedEventLoopGroup) -> [any MailFilter] {
        settings.filters.map { filter in
            MilterFilter(
                .init(
                    name: filter.name, address: Self.address(filter.milter),
                    onFailure: .init(rawValue: filter.onFailure.rawValue) ?? .temporaryFailure, deadline: filter.deadline,
                    thresholds: filter.score.map { score in
                        ScoreThresholds(
                            field: score.field, rejectAt: score.rejectAt, quarantineAt: score.quarantineAt,
                            tagAt: score.tagAt)
                    }),
                hostname: settings.hostname, group: group, logger: logger)
        }
    }

    private static func address(_ place: MachineSettings.Filter.Address) -> MilterFilter.Configuration.Address {
        switch place {
        case .tcp(let server): .tcp(host: server.host, port: server.port)
        case .unix(let path): .unix(path: path)
        }
    }

    /// `nil` where no filter is taught.
    private func spamLearning(_ group: MultiThreadedEventLoopGroup) throws -> SpamLearning? {
        guard let learning = settings.filters.compactMap(\.learning).first else { return nil }
        let password = try learning.passwordFile.map { try SecretFile.firstLine(of: $0, "rspamd's password") }
        return SpamLearning(
            store: workplace.store, feed: workplace.feed,
            teacher: RspamdController(Self.address(learning.controller), password: password, group: group),
            clock: workplace.clock, logger: logger)
    }

    /// `nil` where nobody asks for names.
    private func resolver() throws -> DNSResolver? {
        guard settings.checksHosts || settings.delivery.relay == nil else { return nil }
        do throws(ConfigurationFailure) {
            return try DNSResolver(settings.resolver)
        } catch {
            throw CommandFailure(.configuration, "\(workplace.installation.file): \(error)")
        }
    }

    /// `nil` where the origin of mail is not checked.
    private func senderPolicy(_ resolver: DNSResolver?) -> SenderPolicy? {
        guard settings.checksOrigin, let resolver else {
            logger.notice("the origin of mail is not checked")
            return nil
        }
        let authentication = settings.authentication
        let check = MailCheck(lookup: resolver, limits: .init(deadline: authentication.deadline))
        return SenderPolicy(
            check: check, dmarc: .init(rawValue: authentication.dmarc.rawValue) ?? .reject,
            spf: .init(rawValue: authentication.spf.rawValue) ?? .tag,
            trustedForwarders: authentication.trustedForwarders)
    }

    private func tlsContexts() throws -> TLSContextHolder? {
        let certificates = workplace.installation.certificates
        guard !certificates.isEmpty else { return nil }
        let sessionTickets = settings.tls.sessionTickets
        return try TLSContextHolder { try TLSContext(certificates: certificates, sessionTickets: sessionTickets) }
    }

    private func smtpSession(_ role: SMTPServerSession.Role) -> SMTPServerSession.Configuration {
        var limits = SMTPServerSession.Limits()
        limits.lineLength = settings.limits.lineLength
        limits.recipients = settings.limits.recipients
        limits.messageSize = settings.limits.messageSize
        limits.commandsWithoutMail = settings.limits.commandsWithoutMail
        limits.errors = settings.limits.errors
        return SMTPServerSession.Configuration(
            role: role, hostname: settings.hostname.ascii, limits: limits,
            // Without SCRAM-SHA-256-PLUS: neomutt lets GNU SASL choose it and then has no channel binding to give.
            mechanisms: [.scram, .plain, .login],
            commandTimeout: settings.limits.commandTimeout, transactionTimeout: settings.limits.transactionTimeout)
    }

    // MARK: - Time

    /// What happens by itself; each part of the desk names the kinds of timers that it handles.
    private func scheduler(_ held: HeldMails) -> Scheduler {
        let consultations = Consultations(held: held)
        let absences = AbsenceSettling(cryptography: Libcrypto(), host: settings.hostname)
        // Without pages to rate on nobody is asked.
        let closing = settings.publicOrigin.map { ClosingMails(held: held, links: RatingLinks(origin: $0)) }
        if closing == nil, workplace.roster.current.pools.values.contains(where: { $0.definition.closingMail != nil }) {
            logger.warning("closing mails need the listener public and are not sent")
        }
        let approvals = ApprovalNotices(held: held)
        let oversight = Oversight(cryptography: Libcrypto(), host: settings.hostname)
        let handlers: [TimerKind: Scheduler.Handler] = [
            .consultation: { try consultations.lapse($0, $1) }, .absence: { try absences.settle($0, $1) },
            .overdueNotice: { try oversight.tellOverdue($0, $1) }, .handovers: { try oversight.tellHandovers($0, $1) },
            .closing: { try closing?.settle($0, $1) },
            .approvalNews: { try approvals.settle($0, $1) }, .approvalList: { try approvals.settle($0, $1) },
        ]
        return Scheduler(
            store: workplace.store, roster: workplace.roster, feed: workplace.feed, clock: workplace.clock,
            handlers: CaseTimers.handlers.merging(handlers) { $1 }, logger: logger)
    }
}
