import Gateway
import Logging
import MailTypes
import NIOPosix
import OpenSSL
import Resolver
import SMTPProtocol
import Settings
import Transport

/// Wires what mail from outside meets before it is taken.
struct ReceptionAssembly {
    let settings: MachineSettings
    let clock: any WallClock
    let logger: Logger

    /// The MX's receiver.
    func receiver(
        _ intake: Intake, _ roster: RosterHolder, _ resolver: DNSResolver?, _ others: OtherRecipients?,
        _ signers: SignerRing
    ) -> IntakeReceiver {
        IntakeReceiver(intake: intake, roster: roster, hosts: hosts(resolver), others: others, signers: signers)
    }

    /// `nil`: mail is not put off.
    var greylist: Greylist? {
        settings.abuse.greylist.map { greylist in
            var configuration = Greylist.Configuration()
            configuration.delay = greylist.delay
            configuration.retryWithin = greylist.retryWithin
            configuration.remember = greylist.remember
            return Greylist(configuration, cryptography: Libcrypto())
        }
    }

    private func hosts(_ resolver: DNSResolver?) -> HostCheck? {
        guard settings.checksHosts, let resolver else { return nil }
        var configuration = HostCheck.Configuration()
        configuration.lists = settings.abuse.lists.map {
            DNSList(zone: $0.zone.ascii, score: $0.score, answers: $0.answers)
        }
        configuration.rejectAt = settings.abuse.rejectAt
        configuration.quarantineAt = settings.abuse.quarantineAt
        configuration.tagAt = settings.abuse.tagAt
        return HostCheck(configuration, lookup: resolver)
    }

    /// The host behind; `nil`: there is none.
    func others(_ group: MultiThreadedEventLoopGroup) throws -> OtherRecipients? {
        guard let others = settings.otherRecipients else { return nil }
        var session = SMTPClientSession.Configuration(hostname: settings.hostname.ascii)
        let tls: TLSContext?
        switch others.tls {
        case .none: (session.tls, tls) = (.none, nil)
        case .opportunistic: (session.tls, tls) = (.opportunistic, try TLSContext(verification: .opportunistic))
        case .required: (session.tls, tls) = (.required, try TLSContext(verification: .required))
        }
        var configuration = OtherRecipients.Configuration(
            host: others.relay.host, port: others.relay.port, session: session)
        configuration.rememberTaken = others.remember
        configuration.rememberRefused = min(others.remember, configuration.rememberRefused)
        return OtherRecipients(configuration, tls: tls, group: group, clock: clock, logger: logger)
    }
}
