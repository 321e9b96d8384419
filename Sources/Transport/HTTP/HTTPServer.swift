import Gateway
package import HummingbirdCore
package import Logging
package import MailTypes
package import NIOCore
package import OpenSSL
import TLS

/// An HTTP/1.1 service on listeners of the appliance: its connections are counted, watched and ended like all others, under
/// TLS of the same certificates or in the clear behind a proxy. `start`, then `shutDown`.
package final class HTTPServer: Sendable {
    /// What a service is.
    package struct Configuration: Sendable {
        /// TLS before HTTP.
        package var isTLSFirst: Bool
        /// Proxies: however many connections one of them has, they are of many people.
        package var trustedProxies: [IPNetwork]
        /// The most time from one response to the next.
        package var requestTimeout: TimeAmount
        /// Octets of one header field, of all of them, and their count.
        package var fieldSize: Int
        package var headerSize: Int
        package var fields: Int
        /// Connections that the kernel keeps until they are accepted.
        package var backlog: Int32

        /// Documented defaults: 30 s; 8 KiB, 16 KiB and 100 fields.
        package init(
            isTLSFirst: Bool = false, trustedProxies: [IPNetwork] = [], requestTimeout: TimeAmount = .seconds(30),
            fieldSize: Int = 8192, headerSize: Int = 16384, fields: Int = 100, backlog: Int32 = 1024
        ) {
            (self.isTLSFirst, self.trustedProxies, self.requestTimeout) = (isTLSFirst, trustedProxies, requestTimeout)
            (self.fieldSize, self.headerSize, self.fields) = (fieldSize, headerSize, fields)
            self.backlog = backlog
        }
    }

    /// Answers a request of a peer.
    package typealias Responder = @Sendable (Request, IPAddress) async -> Response

    private let connections: ConnectionServer

    /// - Parameters:
    ///   - tls: needed for TLS first.
    ///   - ledger: shared by all servers of the process.
    package init(
        configuration: Configuration, tls: TLSContextHolder?, group: any EventLoopGroup, ledger: ConnectionLedger,
        deadlineResolution: TimeAmount = .seconds(1), logger: Logger, respond: @escaping Responder
    ) {
        precondition(tls != nil || !configuration.isTLSFirst, "TLS from the start needs a certificate")
        connections = ConnectionServer(
            group: group, ledger: ledger, door: .open, backlog: configuration.backlog,
            deadlineResolution: deadlineResolution, logger: logger
        ) { accepted in
            let (channel, address) = (accepted.channel, accepted.entry.address.address)
            if configuration.trustedProxies.contains(where: { $0.contains(address) }) { accepted.entry.loggedIn() }
            let pipeline = channel.pipeline.syncOperations
            if configuration.isTLSFirst, let tls { try pipeline.addHandler(TLSHandler(server: tls.current)) }
            let deadline = RequestDeadline(configuration.requestTimeout)
            try pipeline.addHandler(deadline)
            accepted.holdDeadline(deadline)
            let http = HTTP1Channel(
                responder: { request, writer, _ in
                    let response = await respond(request, address)
                    try await writer.write(response: response.head, body: response.body)
                },
                configuration: .init(
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: configuration.fieldSize, maxHeaderListSize: configuration.headerSize,
                        maxHeaderFieldCount: configuration.fields)))
            http.setup(channel: channel, logger: logger).whenComplete { result in
                switch result {
                case .success(let requests): Task { await http.handle(value: requests, logger: logger) }
                case .failure: channel.close(promise: nil)
                }
            }
        }
    }

    /// Opens the listeners, all or none, and answers their addresses in order, with the ports that the kernel chose.
    package func start(_ addresses: [ListenerAddress]) async throws(ListenerFailure) -> [SocketAddress] {
        try await connections.start(addresses)
    }

    /// Closes the listeners; requests under way are answered, and what has not ended after `grace` is cut.
    package func shutDown(grace: Duration) async { await connections.shutDown(grace: grace) }
}
