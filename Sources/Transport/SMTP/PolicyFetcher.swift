package import Gateway
package import MailTypes
package import NIOCore
import NIOPosix
package import OpenSSL
import TLS

/// Fetches policies for TLS from the web servers of their domains (RFC 8461 §3.3): one request over a verified connection, no
/// redirection followed, nothing long taken.
package struct PolicyFetcher: STSPolicyFetching {
    /// Why there is no policy.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let wellKnown = "/.well-known/mta-sts.txt"

    private let lookup: any ExchangerLookup
    private let tls: TLSContext
    private let port: Int
    private let timeout: Duration
    private let group: any EventLoopGroup

    /// - Parameters:
    ///   - tls: a client's context that insists on the server's name.
    ///   - port: another one than 443 in a closed network only.
    package init(
        lookup: any ExchangerLookup, tls: TLSContext, port: Int = 443, timeout: Duration = .seconds(30),
        group: any EventLoopGroup
    ) {
        (self.lookup, self.tls, self.port, self.timeout, self.group) = (lookup, tls, port, timeout, group)
    }

    package func policy(of domain: DomainName) async throws -> String {
        let host = "mta-sts.\(domain.ascii)"
        var addresses = try await lookup.addresses(of: host, .v4).records.prefix(3)
        if let six = try? await lookup.addresses(of: host, .v6).records.prefix(3) { addresses += six }
        var last: any Error = Failure(description: "\(host) has no address")
        for address in addresses {
            do {
                return try Self.text(in: try await fetch(from: address, host: host))
            } catch {
                last = error
            }
        }
        throw last
    }

    private func fetch(from address: IPAddress, host: String) async throws -> [UInt8] {
        let eventLoop = group.next()
        let answered = eventLoop.makePromise(of: [UInt8].self)
        let request =
            "GET \(Self.wellKnown) HTTP/1.0\r\nHost: \(host)\r\nUser-Agent: Stempel\r\nAccept: text/plain\r\n\r\n"
        let bootstrap = ClientBootstrap(group: eventLoop).connectTimeout(TimeAmount(timeout))
            .channelInitializer { [tls, timeout] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(TLSHandler(client: tls, serverName: host))
                    try pipeline.addHandler(PolicyRequest(request, timeout: TimeAmount(timeout), answered: answered))
                }
            }
        do {
            let channel = try await bootstrap.connect(host: address.description, port: port).get()
            defer { channel.close(promise: nil) }
            return try await answered.futureResult.get()
        } catch {
            answered.fail(error)
            throw error
        }
    }

    /// The body of an answer that ended with its connection (RFC 9112 §6.3).
    static func text(in answer: [UInt8]) throws(Failure) -> String {
        guard let (fields, start) = header(of: answer) else { throw Failure(description: "the answer is no HTTP") }
        let status = fields.first?.split(separator: " ").dropFirst().first
        guard fields.first?.hasPrefix("http/1.") == true, status == "200" else {
            throw Failure(description: "the server says \(status.map(String.init) ?? "nothing")")
        }
        guard value("content-type", in: fields)?.hasPrefix("text/plain") == true else {
            throw Failure(description: "the answer is no text/plain")
        }
        guard value("transfer-encoding", in: fields) == nil else {
            throw Failure(description: "the answer is encoded, which HTTP/1.0 does not know")
        }
        let body = answer[start...]
        if let length = value("content-length", in: fields), Int(length) != body.count {
            throw Failure(description: "the answer is cut")
        }
        guard body.count <= STSPolicy.maximumLength else { throw Failure(description: "the policy is too long") }
        return String(decoding: body, as: UTF8.self)
    }

    /// Whether an answer has come as far as it says that it goes.
    static func isWhole(_ answer: [UInt8]) -> Bool {
        guard let (fields, start) = header(of: answer), let length = value("content-length", in: fields) else { return false }
        return Int(length).map { answer.count - start >= $0 } ?? false
    }

    /// The lines of the header section in lower case, and where the body begins.
    private static func header(of answer: [UInt8]) -> (fields: [String], start: Int)? {
        let end = Array("\r\n\r\n".utf8)
        let limit = min(answer.count, 16_384)
        guard let split = (0..<max(0, limit - 3)).first(where: { answer[$0..<$0 + 4].elementsEqual(end) }) else { return nil }
        let text = String(decoding: answer[..<split], as: UTF8.self)
        return (text.split(separator: "\r\n").map { $0.lowercased() }, split + 4)
    }

    private static func value(_ name: String, in fields: [String]) -> String? {
        fields.dropFirst().first { $0.hasPrefix(name + ":") }.map { field in
            String(field.dropFirst(name.count + 1).drop { $0 == " " }.prefix { $0 != " " && $0 != ";" })
        }
    }
}

/// Sends one request as soon as TLS stands, and gathers the answer until the connection ends.
private final class PolicyRequest: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: String
    private let timeout: TimeAmount
    private let answered: EventLoopPromise<[UInt8]>
    private var answer: [UInt8] = []
    private var deadline: Scheduled<Void>?

    init(_ request: String, timeout: TimeAmount, answered: EventLoopPromise<[UInt8]>) {
        (self.request, self.timeout, self.answered) = (request, timeout, answered)
    }

    func channelActive(context: ChannelHandlerContext) {
        let answered = answered
        deadline = context.eventLoop.scheduleTask(in: timeout) {
            answered.fail(PolicyFetcher.Failure(description: "the server did not answer in time"))
        }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSEvent.handshakeCompleted = event else { return context.fireUserInboundEventTriggered(event) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        answer += Array(buffer: unwrapInboundIn(data))
        if PolicyFetcher.isWhole(answer) {
            answered.succeed(answer)
            return context.close(promise: nil)
        }
        guard answer.count > STSPolicy.maximumLength + 16_384 else { return }
        answered.fail(PolicyFetcher.Failure(description: "the answer is too long"))
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answered.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        answered.succeed(answer)
        context.fireChannelInactive()
    }
}
