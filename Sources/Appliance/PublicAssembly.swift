import Gateway
import Logging
import MailTypes
import NIOPosix
import OpenSSL
import PublicPages
import Settings
import Transport

/// Wires the pages that anybody may open.
struct PublicAssembly {
    let workplace: Workplace
    let intake: Intake
    let logger: Logger

    private var settings: MachineSettings { workplace.installation.settings }

    func server(
        _ listener: Listener, tls: TLSContextHolder?, group: MultiThreadedEventLoopGroup, ledger: ConnectionLedger
    ) -> HTTPServer {
        let site = PublicSite(
            .init(
                ratings: Ratings(
                    store: workplace.store, roster: workplace.roster, keys: workplace.keys, cryptography: Libcrypto(),
                    clock: workplace.clock, room: intake.room, host: settings.hostname),
                roster: workplace.roster, guardian: RequestGuard(clock: workplace.clock), cryptography: Libcrypto(),
                policy: OwnPolicy(exchanger: settings.hostname),
                clientSettings: { [host = settings.hostname, servers] domain in
                    MailClientSettings(domain: domain, host: host, servers: servers)
                }),
            trustedProxies: listener.trustedProxies, logger: logger)
        return HTTPServer(
            configuration: .init(isTLSFirst: listener.tls, trustedProxies: listener.trustedProxies), tls: tls, group: group,
            ledger: ledger, logger: logger
        ) { request, peer in await site.respond(to: request, from: peer) }
    }

    /// What agents' programs connect to, TLS from the first octet before STARTTLS (RFC 8314 §3).
    private var servers: [MailClientSettings.Server] {
        let names: [(ListenerName, MailClientSettings.Server.Kind)] = [
            (.imaps, .imap), (.imap, .imap), (.submissions, .smtp), (.submission, .smtp),
        ]
        return names.compactMap { name, kind in
            settings.listener(name)?.advertisedPort.map { port in
                MailClientSettings.Server(kind: kind, port: port, isTLSFirst: name.isImplicitTLS)
            }
        }
    }
}
