import Gateway
import Logging
import MailTypes
import NIOCore
import NIOPosix
import OpenSSL
import SMTPProtocol
import TestKit
import Transport

/// An SMTP server on loopback, with what it works with.
struct ServerFixture {
    let server: SMTPServer
    let receiver: FakeReceiver
    let address: SocketAddress
    let ledger: ConnectionLedger

    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    static let clientTLS = try! TLSContext(verification: .opportunistic)
    static let directory = TemporaryDirectory()
    static let serverTLS: TLSContextHolder = {
        let made = TestCertificate(["mx.acme.example"], in: directory, file: "server")
        return try! TLSContextHolder {
            try TLSContext(certificates: [CertificateFiles(certificate: made.certificate, key: made.key)])
        }
    }()

    /// Starts a server, has it played with, and shuts it down.
    static func run(
        _ role: SMTPServerSession.Role = .mx, receiver: FakeReceiver = FakeReceiver(), hasTLS: Bool = false,
        isTLSFirst: Bool = false, plaintextLogin: PlaintextLogin = .never,
        limits: ConnectionLedger.Limits = .init(), abuse: AbuseGuard? = nil, commandTimeout: Duration = .seconds(300),
        transactionTimeout: Duration = .seconds(1800), _ play: (ServerFixture) async throws -> Void
    ) async throws {
        let ledger = ConnectionLedger(limits: limits, abuse: abuse)
        let server = SMTPServer(
            configuration: SMTPServer.Configuration(
                session: SMTPServerSession.Configuration(
                    role: role, hostname: "mx.acme.example", commandTimeout: commandTimeout,
                    transactionTimeout: transactionTimeout),
                isTLSFirst: isTLSFirst, plaintextLogin: plaintextLogin),
            receiver: receiver, authenticator: role == .submission ? FakeAuthenticator() : nil,
            tls: hasTLS || isTLSFirst ? serverTLS : nil, group: group, ledger: ledger,
            deadlineResolution: .milliseconds(5), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let addresses = try await server.start([.tcp(host: "127.0.0.1", port: 0)])
        let fixture = ServerFixture(server: server, receiver: receiver, address: addresses[0], ledger: ledger)
        do {
            try await play(fixture)
            await server.shutDown(grace: .seconds(5))
        } catch {
            await server.shutDown(grace: .zero)
            throw error
        }
    }

    /// A dialogue that has read the greeting.
    func greeted(tls: TLSContext? = nil) async throws -> Dialogue {
        let dialogue = try await Dialogue.connect(to: address, tls: tls)
        guard await dialogue.reply() == "220" else { throw ChannelError.eof }
        return dialogue
    }

    /// A dialogue that may send content now.
    func sending() async throws -> Dialogue {
        let dialogue = try await greeted()
        try await dialogue.say("EHLO client.example")
        try await dialogue.say("MAIL FROM:<ann@client.example>")
        try await dialogue.say("RCPT TO:<help@acme.example>")
        guard try await dialogue.say("DATA") == "354" else { throw ChannelError.eof }
        return dialogue
    }
}

/// Waits until something holds and stays so; the test's time limit ends what never does.
func eventually(_ condition: () -> Bool) async throws {
    while !condition() {
        try Task.checkCancellation()
        await aMoment()
    }
}

/// Lets a few milliseconds pass on an event loop, so that others get the processor.
func aMoment() async {
    try? await ServerFixture.group.next().scheduleTask(in: .milliseconds(2)) {}.futureResult.get()
}
