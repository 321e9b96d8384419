import Gateway
import Logging
import MailTypes
import NIOCore
import SMTPProtocol
import Synchronization
import Testing
import Transport

/// Mail to the exchangers of its recipients' domains, which listen on loopback.
@Suite(.timeLimit(.minutes(5))) struct ExchangerClientTests {
    /// Names that a test makes up: exchangers of domains, and addresses of hosts.
    private struct Names: ExchangerLookup {
        var exchangers: [String: [(Int, String)]] = [:]
        var hosts: [String: [String]] = [:]

        func exchangers(of domain: String) async throws(LookupFailure) -> DNSAnswer<MailExchanger> {
            DNSAnswer(records: (exchangers[domain] ?? []).map { MailExchanger(preference: $0.0, host: $0.1) })
        }

        func addresses(
            of host: String, _ family: IPAddress.Family
        ) async throws(LookupFailure) -> DNSAnswer<IPAddress> {
            guard let texts = hosts[host] else { throw LookupFailure(.timedOut) }
            return DNSAnswer(records: texts.compactMap { IPAddress($0) }.filter { $0.family == family })
        }

        func associations(_ name: String) async throws(LookupFailure) -> DNSAnswer<TLSAssociation> {
            DNSAnswer(records: [])
        }

        func texts(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> { DNSAnswer(records: []) }
    }

    private static func deliver(
        to recipients: [String] = ["ann@c.example"], names: Names, port: Int?
    ) async throws -> [DeliveryAttempt] {
        let own = try #require(DomainName("mx.acme.example"))
        let client = ExchangerClient(
            configuration: .init(
                port: port ?? 0, session: SMTPClientSession.Configuration(hostname: "mx.acme.example", tls: .none)),
            search: ExchangerSearch(lookup: names, ownName: own), contexts: nil,
            group: ServerFixture.group, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let mail = OutgoingMail(
            submission: SubmissionID(rawValue: 1), reversePath: EmailAddress("help@acme.example"), isEightBit: false,
            needsSMTPUTF8: false, size: 3, content: Pieces(["a\r\n"]))
        let attempts = await client.deliver(mail, to: recipients.compactMap { EmailAddress($0) })
        await client.shutDown()
        return attempts
    }

    @Test func `an exchanger that is down is passed over for the next one`() async throws {
        try await ServerFixture.run { server in
            let names = Names(
                exchangers: ["c.example": [(10, "down.c.example"), (20, "up.c.example")]],
                hosts: ["down.c.example": ["127.0.0.2"], "up.c.example": ["127.0.0.1"]])
            let attempts = try await Self.deliver(names: names, port: server.address.port)
            #expect(attempts.map(\.outcome) == [.delivered])
            #expect(server.receiver.mails.count == 1)
        }
    }

    @Test func `domains are served apart, and each recipient gets an answer`() async throws {
        try await ServerFixture.run { server in
            let names = Names(
                exchangers: ["c.example": [(10, "mx.c.example")], "null.example": [(0, "")]],
                hosts: ["mx.c.example": ["127.0.0.1"], "d.example": ["127.0.0.1"]])
            let attempts = try await Self.deliver(
                to: ["a@c.example", "b@null.example", "c@d.example", "d@c.example", "e@silent.example"], names: names,
                port: server.address.port)
            #expect(attempts.map(\.outcome) == [.delivered, .failed, .delivered, .delivered, .deferred])
            #expect(server.receiver.mails.map(\.envelope.recipients.count).sorted() == [1, 2])
        }
    }

    @Test func `who is deferred at one exchanger is offered to another, who is refused is not`() async throws {
        let seen = Mutex<[String]>([])
        let listener = try await Dialogue.listen { peer in
            try await peer.introduce()
            _ = await peer.line()
            try await peer.send("250 ok\r\n")
            while let line = await peer.line() {
                if line.hasPrefix("RCPT") {
                    seen.withLock { $0.append(line) }
                    try await peer.send(line.contains("<a@") ? "550 5.1.1 no\r\n" : "451 4.2.0 later\r\n")
                } else {
                    try await peer.send("250 ok\r\n")
                    if line.hasPrefix("RSET") { continue }
                }
            }
        }
        let names = Names(
            exchangers: ["c.example": [(10, "one.c.example"), (20, "two.c.example")]],
            hosts: ["one.c.example": ["127.0.0.1"], "two.c.example": ["127.0.0.1"]])
        let attempts = try await Self.deliver(
            to: ["a@c.example", "b@c.example"], names: names, port: listener.localAddress?.port)
        #expect(attempts.map(\.outcome) == [.failed, .deferred])
        #expect(seen.withLock { $0.map { $0.contains("<a@") } } == [true, false, false])
        try await listener.close()
    }
}
