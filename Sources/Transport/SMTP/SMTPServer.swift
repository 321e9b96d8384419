package import Gateway
package import Logging
import MailTypes
package import NIOCore
package import OpenSSL
package import SMTPProtocol
import TLS

/// An SMTP service: the MX, submission, or submission under TLS from the start. `start`, then `shutDown`.
package final class SMTPServer: Sendable {
    /// What a service is, beside what its sessions say.
    package struct Configuration: Sendable {
        package var session: SMTPServerSession.Configuration
        /// TLS before SMTP (port 465, RFC 8314 §3.3).
        package var isTLSFirst: Bool
        /// From whom a password is taken without TLS.
        package var plaintextLogin: PlaintextLogin
        /// Connections that the kernel keeps until they are accepted.
        package var backlog: Int32

        package init(
            session: SMTPServerSession.Configuration, isTLSFirst: Bool = false,
            plaintextLogin: PlaintextLogin = .never, backlog: Int32 = 1024
        ) {
            (self.session, self.isTLSFirst) = (session, isTLSFirst)
            (self.plaintextLogin, self.backlog) = (plaintextLogin, backlog)
        }
    }

    private let connections: ConnectionServer

    /// - Parameters:
    ///   - authenticator: needed where the session configuration names mechanisms.
    ///   - tls: needed for STARTTLS and for TLS first; without it neither is offered.
    ///   - ledger: shared by all servers of the process.
    package init<Receiver: MailReceiver>(
        configuration: Configuration, receiver: Receiver, authenticator: (any Authenticator)?, tls: TLSContextHolder?,
        group: any EventLoopGroup, ledger: ConnectionLedger, deadlineResolution: TimeAmount = .seconds(1),
        logger: Logger
    ) {
        precondition(tls != nil || !configuration.isTLSFirst, "TLS from the start needs a certificate")
        let shared = SMTPServerHandler<Receiver>.Shared(
            receiver: receiver, authenticator: authenticator, tls: tls, names: SessionNames(), logger: logger)
        var open = configuration.session
        if tls == nil { open.tls = .unavailable }
        open.allowsPlaintextLogin = true
        var guarded = open
        guarded.allowsPlaintextLogin = false
        let (isTLSFirst, plaintextLogin, trusting, strict) = (
            configuration.isTLSFirst, configuration.plaintextLogin, open, guarded
        )
        connections = ConnectionServer(
            group: group, ledger: ledger, door: open.role == .mx ? .exchange : .login, backlog: configuration.backlog,
            refusal: isTLSFirst ? nil : Self.refusal,
            noteRefusal: { address, reply in
                let peer = Peer(
                    address: address.description, helo: "", isESMTP: false, tls: nil, isAuthenticated: false,
                    sessionID: shared.names.next())
                receiver.noteRefusal(reply, because: nil, of: Envelope(reversePath: nil), peer: peer)
            }, deadlineResolution: deadlineResolution, logger: logger
        ) { accepted in
            let isTrusted = plaintextLogin.isAllowed(for: accepted.entry.address)
            let handler = SMTPServerHandler(
                shared: shared, configuration: isTrusted ? trusting : strict, entry: accepted.entry,
                isTLSFirst: isTLSFirst)
            // A client that says no more may still wait for its reply.
            try accepted.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            if isTLSFirst, let tls {
                try accepted.channel.pipeline.syncOperations.addHandler(TLSHandler(server: tls.current))
            }
            try accepted.channel.pipeline.syncOperations.addHandler(handler)
            accepted.holdDeadline(handler)
        }
    }

    /// Opens the listeners, all or none, and answers their addresses in order, with the ports that the kernel chose.
    package func start(_ addresses: [ListenerAddress]) async throws(ListenerFailure) -> [SocketAddress] {
        try await connections.start(addresses)
    }

    /// Closes the listeners and ends the sessions with 421; a mail that is being filed is answered first. What has not
    /// ended after `grace` is cut.
    package func shutDown(grace: Duration) async { await connections.shutDown(grace: grace) }

    @Sendable private static func refusal(_ reply: Reply) -> ByteBuffer {
        var buffer = ByteBuffer()
        reply.write(into: &buffer)
        return buffer
    }
}
