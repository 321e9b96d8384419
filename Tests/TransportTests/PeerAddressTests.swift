import NIOCore
import Testing
import Transport

@Suite struct PeerAddressTests {
    static let rows: [(written: String, text: String, isLoopback: Bool)] = [
        ("127.0.0.1", "127.0.0.1", true), ("127.9.8.7", "127.9.8.7", true), ("192.0.2.255", "192.0.2.255", false),
        ("::1", "::1", true), ("::", "::", false), ("2001:db8::1", "2001:db8::1", false),
        ("2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1", false), ("2001:0:0:1:0:0:1:1", "2001::1:0:0:1:1", false),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", false), ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8", false),
        ("fe80::", "fe80::", false), ("::ffff:192.0.2.1", "192.0.2.1", false), ("::ffff:127.0.0.1", "127.0.0.1", true),
    ]

    @Test(arguments: rows) func `an address is written as RFC 5952 says`(
        written: String, text: String, isLoopback: Bool
    ) throws {
        let address = PeerAddress(try SocketAddress(ipAddress: written, port: 25))
        #expect(address.description == text)
        #expect(address.isLoopback == isLoopback)
    }
}
