import CSystemd
import Gateway
import Logging
import MailTypes
import NIOCore
import OpenSSL
import ServiceLifecycle
import Storage
import Transport
import UnixSignals

/// An open listener, ended politely at shutdown.
struct ListenerService: Service {
    /// How long sessions may take to end by themselves.
    static let grace = Duration.seconds(10)

    let shutDown: @Sendable (Duration) async -> Void

    func run() async throws {
        try? await gracefulShutdown()
        await shutDown(Self.grace)
    }
}

/// The outbox's runner: what is on the wire at shutdown is brought to its end.
struct OutboxService: Service {
    let runner: OutboxRunner
    let tally: TLSTally
    /// Gives up connections to which nothing was given yet.
    let stop: @Sendable () -> Void
    /// Ends the connections that wait.
    let shutDown: @Sendable () async -> Void

    func run() async throws {
        await withGracefulShutdownHandler {
            await deliver()
        } onGracefulShutdown: {
            stop()
        }
        await shutDown()
    }

    private func deliver() async {
        await cancelWhenGracefulShutdown {
            async let counting: Void = tally.run()
            await runner.run()
            await counting
        }
    }
}

/// The connections to the host behind, quit when nobody sends mail for it any more.
struct HostBehindService: Service {
    let others: OtherRecipients

    func run() async throws {
        try? await gracefulShutdown()
        await others.shutDown()
    }
}

/// Something that runs until its task is cancelled.
struct CancellableService: Service {
    let body: @Sendable () async -> Void

    func run() async throws { await cancelWhenGracefulShutdown { await body() } }
}

/// Reads the certificates and the keys that sign mail again on SIGHUP; on failure the old ones stay, and the log says why.
struct CertificateReload: Service {
    let tls: TLSContextHolder?
    /// Reads the signing keys again.
    let reloadSigners: @Sendable () throws -> Void
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            do {
                try tls?.reload()
                logger.notice("certificates reloaded")
            } catch {
                logger.error("certificates not reloaded", metadata: ["tls.problem": "\(error)"])
            }
            do {
                try reloadSigners()
                logger.notice("signing keys reloaded")
            } catch {
                logger.error("signing keys not reloaded", metadata: ["dkim.problem": "\(error)"])
            }
        }
    }
}

/// Tells the service manager that all listeners are open, and that the end has begun.
struct Readiness: Service {
    let logger: Logger

    func run() async throws {
        Systemd.notify("READY=1")
        logger.notice("ready")
        try? await gracefulShutdown()
        Systemd.notify("STOPPING=1")
        logger.notice("stopping")
    }
}

/// Sweeps what nobody finished: staged content after a day, tombstones after 30 days.
struct Housekeeping: Service {
    let store: Store
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await sweep()
                try? await Task.sleep(for: .seconds(3600))
            }
        }
    }

    private func sweep() async {
        let now = clock.now
        do {
            var (swept, last) = (0, 0)
            repeat {
                last = try await store.write { (transaction: Transaction) in
                    try transaction.sweep(
                        stagedBefore: now - .seconds(86400), expungedBefore: now - .seconds(30 * 86400))
                }
                swept += last
            } while last > 0 && !Task.isCancelled
            if swept > 0 { logger.info("swept", metadata: ["storage.rows": "\(swept)"]) }
        } catch {
            logger.warning("not swept", metadata: ["failure.reason": "\(error.reason.rawValue)"])
        }
    }
}
