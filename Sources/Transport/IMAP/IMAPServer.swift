package import Logging
package import MailTypes
package import Mailboxes
package import NIOCore
package import OpenSSL
import TLS

/// An IMAP service: with STARTTLS (port 143), or under TLS from the start (port 993). `start`, then `shutDown`.
package final class IMAPServer: Sendable {
    /// What a service is, beside what its sessions say.
    package struct Configuration: Sendable {
        /// What sessions may ask. `offersStartTLS` and `allowsPlaintextLogin` are set for every connection by what is
        /// known of it, whatever stands there.
        package var session: SessionConfiguration
        /// TLS before IMAP (port 993, RFC 8314 §3.2).
        package var isTLSFirst: Bool
        /// From whom a password is taken without TLS.
        package var plaintextLogin: PlaintextLogin
        /// How long a connection may be silent.
        package var timeouts: Timeouts
        /// Connections that the kernel keeps until they are accepted.
        package var backlog: Int32

        package init(
            session: SessionConfiguration, isTLSFirst: Bool = false, plaintextLogin: PlaintextLogin = .never,
            timeouts: Timeouts = Timeouts(), backlog: Int32 = 1024
        ) {
            (self.session, self.isTLSFirst, self.plaintextLogin) = (session, isTLSFirst, plaintextLogin)
            (self.timeouts, self.backlog) = (timeouts, backlog)
        }
    }

    /// How long a connection may be silent, each to the second.
    package struct Timeouts: Sendable {
        /// From the greeting to the login.
        package var login: TimeAmount
        /// After login, outside IDLE; RFC 3501 §5.4 asks for at least 30 minutes.
        package var autologout: TimeAmount
        /// What an idling client hears at least, so that firewalls keep the connection and dead ones are noticed.
        package var keepAlive: TimeAmount
        /// For a client to take some of what waits for it.
        package var write: TimeAmount

        package init(
            login: TimeAmount = .seconds(60), autologout: TimeAmount = .minutes(30),
            keepAlive: TimeAmount = .minutes(2), write: TimeAmount = .minutes(5)
        ) {
            (self.login, self.autologout, self.keepAlive, self.write) = (login, autologout, keepAlive, write)
        }
    }

    private let connections: ConnectionServer
    private let sessions: SessionTally
    private let group: any EventLoopGroup

    /// - Parameters:
    ///   - services: what all sessions share; the same for every server of the process.
    ///   - tls: needed for STARTTLS and for TLS first; without it neither is offered.
    ///   - ledger: shared by all servers of the process.
    ///   - noteRefusal: hears of connections that were refused, of one host once a minute.
    package init(
        configuration: Configuration, services: SessionServices, tls: TLSContextHolder?, group: any EventLoopGroup,
        ledger: ConnectionLedger, noteRefusal: @escaping @Sendable (PeerAddress, Reply) -> Void = { _, _ in },
        deadlineResolution: TimeAmount = .seconds(1), logger: Logger
    ) {
        precondition(tls != nil || !configuration.isTLSFirst, "TLS from the start needs a certificate")
        self.group = group
        let sessions = SessionTally()
        self.sessions = sessions
        let (isTLSFirst, plaintextLogin) = (configuration.isTLSFirst, configuration.plaintextLogin)
        var open = configuration.session
        open.offersStartTLS = tls != nil && !isTLSFirst
        open.allowsPlaintextLogin = true
        var guarded = open
        guarded.allowsPlaintextLogin = false
        func shared(_ session: SessionConfiguration) -> IMAPConnection.Shared {
            IMAPConnection.Shared(
                services: services, session: session, timeouts: configuration.timeouts, isTLSFirst: isTLSFirst,
                tls: tls,
                names: SessionNames(), tally: sessions, logger: logger)
        }
        let (trusting, strict) = (shared(open), shared(guarded))
        let executors = EventLoopExecutors(group)
        connections = ConnectionServer(
            group: group, ledger: ledger, backlog: configuration.backlog, refusal: isTLSFirst ? nil : Self.refusal,
            noteRefusal: noteRefusal, deadlineResolution: deadlineResolution, logger: logger
        ) { accepted in
            let isTrusted = plaintextLogin.isAllowed(for: accepted.entry.address)
            let connection = IMAPConnection(
                shared: isTrusted ? trusting : strict, entry: accepted.entry,
                executor: executors[accepted.channel.eventLoop])
            // A client that says no more may still wait for its answers.
            try accepted.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            // Few octets come at a time, and what a read was sized for stays with an idle connection.
            try accepted.channel.syncOptions?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 65536))
            if isTLSFirst, let tls {
                try accepted.channel.pipeline.syncOperations.addHandler(TLSHandler(server: tls.current))
            }
            try accepted.channel.pipeline.syncOperations.addHandler(connection)
            accepted.holdDeadline(connection)
        }
    }

    /// Opens the listeners, all or none, and answers their addresses in order, with the ports that the kernel chose.
    package func start(_ addresses: [ListenerAddress]) async throws(ListenerFailure) -> [SocketAddress] {
        try await connections.start(addresses)
    }

    /// Closes the listeners and ends the sessions with BYE, each when the command under way is done. What has not ended
    /// after `grace` is cut; transactions under way are finished.
    package func shutDown(grace: Duration) async {
        await connections.shutDown(grace: grace)
        await sessions.untilNone(on: group.next(), atMost: TimeAmount(grace))
    }

    @Sendable private static func refusal(_ reply: Reply) -> ByteBuffer {
        ByteBuffer(string: "* BYE [UNAVAILABLE] \(reply.lines.first ?? "")\r\n")
    }
}
