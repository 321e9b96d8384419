package import Gateway
package import Logging
package import MailTypes
package import NIOCore
package import OpenSSL
package import SMTPProtocol

/// Delivers to the one relay that takes all outbound mail.
package final class RelayClient: DeliveryWire {
    /// The relay, and how to speak to it.
    package struct Configuration: Sendable {
        package var host: String
        package var port: Int
        package var session: SMTPClientSession.Configuration
        package var connectTimeout: Duration
        /// How long a connection waits for another mail.
        package var idleTimeout: Duration
        /// The time for one mail over an open connection, whatever else is in time.
        package var mailTimeout: Duration
        /// Recipients of one transaction (RFC 5321 §4.5.3.1.8: a server takes at least 100).
        package var maximumRecipients: Int

        package init(
            host: String, port: Int, session: SMTPClientSession.Configuration, connectTimeout: Duration = .seconds(30),
            idleTimeout: Duration = .seconds(5), mailTimeout: Duration = .seconds(3600), maximumRecipients: Int = 100
        ) {
            (self.host, self.port, self.session) = (host, port, session)
            (self.connectTimeout, self.idleTimeout, self.mailTimeout) = (connectTimeout, idleTimeout, mailTimeout)
            self.maximumRecipients = max(1, maximumRecipients)
        }
    }

    private let hop: Hop
    private let maximumRecipients: Int
    private let connections: HopConnections
    private let logger: Logger

    /// - Parameter tls: a client's context; needed unless the TLS policy is `none`.
    package init(configuration: Configuration, tls: TLSContext?, group: any EventLoopGroup, logger: Logger) {
        precondition(tls != nil || configuration.session.tls == .none, "TLS needs a context")
        hop = Hop(
            target: configuration.host, port: configuration.port, name: configuration.host,
            session: configuration.session, tls: tls)
        connections = HopConnections(
            configuration: .init(
                connectTimeout: configuration.connectTimeout, idleTimeout: configuration.idleTimeout,
                mailTimeout: configuration.mailTimeout),
            group: group, logger: logger)
        (maximumRecipients, self.logger) = (configuration.maximumRecipients, logger)
    }

    package func deliver(_ mail: OutgoingMail, to recipients: [EmailAddress]) async -> [DeliveryAttempt] {
        var attempts: [DeliveryAttempt] = []
        // Whoever may go by a relay whose certificate nobody looks at asks for nothing (RFC 8689 §4.2.1).
        guard !mail.wishes.requiresTLS || hop.session.tls == .required else {
            let failure = DeliveryFailure(
                stage: .tls, status: EnhancedStatus(5, 7, 30), diagnostic: "REQUIRETLS: TLS with the relay is not required")
            return recipients.map { _ in DeliveryAttempt(failure) }
        }
        while attempts.count < recipients.count {
            let part = Array(recipients[attempts.count...].prefix(maximumRecipients))
            do throws(DeliveryFailure) {
                let outcomes = try await connections.deliver(mail.session(to: part), mail.content, to: hop)
                attempts += outcomes.map { DeliveryAttempt($0, mail.wishes, by: hop.description) }
            } catch {
                logger.notice(
                    "next hop not reached",
                    metadata: [
                        LogKey.nextHop: "\(hop.description)", LogKey.failure: "\(error.diagnostic)",
                        LogKey.submission: "\(mail.submission)",
                    ])
                attempts += part.map { _ in DeliveryAttempt(error) }
            }
        }
        return attempts
    }

    /// Gives up connections to which nothing was given yet, and makes no more.
    package func stopOpening() { connections.stopOpening() }

    /// Quits the connections that wait; those with a mail under way end with it.
    package func shutDown() async { await connections.shutDown() }
}

extension OutgoingMail {
    /// As a client's session takes it.
    func session(to recipients: [EmailAddress]) -> SMTPClientSession.Mail {
        var envelope = Envelope(
            reversePath: reversePath, recipients: recipients, is8BitMIME: isEightBit, isSMTPUTF8: needsSMTPUTF8)
        envelope.wishes = wishes
        return SMTPClientSession.Mail(envelope: envelope, size: size)
    }
}
