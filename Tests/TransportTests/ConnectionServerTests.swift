import Glibc
import Logging
import NIOCore
import SMTPProtocol
import Testing
import Transport

@Suite(.timeLimit(.minutes(5))) struct ConnectionServerTests {
    private func server() -> SMTPServer {
        SMTPServer(
            configuration: .init(session: .init(role: .mx, hostname: "mx.acme.example")), receiver: FakeReceiver(),
            authenticator: nil, tls: nil, group: ServerFixture.group, ledger: ConnectionLedger(limits: .init()),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `a port in use is named, and no listener stays open`() async throws {
        try await ServerFixture.run { other in
            let taken = ListenerAddress.tcp(host: "127.0.0.1", port: other.address.port ?? 0)
            let server = server()
            do throws(ListenerFailure) {
                _ = try await server.start([.tcp(host: "127.0.0.1", port: 0), taken])
                Issue.record("a port was opened twice")
            } catch {
                #expect(error.address == taken)
                #expect(error.description.contains("127.0.0.1:\(other.address.port ?? 0)"))
            }
            await server.shutDown(grace: .zero)
        }
    }

    @Test func `several addresses are served, IPv6 among them`() async throws {
        let server = server()
        let addresses = try await server.start([.tcp(host: "127.0.0.1", port: 0), .tcp(host: "::1", port: 0)])
        for address in addresses {
            let dialogue = try await Dialogue.connect(to: address)
            #expect(await dialogue.reply() == "220")
            try await dialogue.close()
        }
        await server.shutDown(grace: .seconds(5))
    }

    @Test func `an inherited socket is served`() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let bound = try SocketAddress(ipAddress: "127.0.0.1", port: 0).withSockAddr { address, size in
            bind(descriptor, address, socklen_t(size))
        }
        try #require(bound == 0 && listen(descriptor, 16) == 0)
        let server = server()
        let addresses = try await server.start([.inherited(fileDescriptor: descriptor)])
        let dialogue = try await Dialogue.connect(to: try #require(addresses.first))
        #expect(await dialogue.reply() == "220")
        #expect(try await dialogue.say("QUIT") == "221")
        await server.shutDown(grace: .seconds(5))
    }
}
