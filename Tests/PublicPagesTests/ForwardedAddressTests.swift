import MailTypes
import Testing

@testable import PublicPages

@Suite struct ForwardedAddressTests {
    static let proxies = ["127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"].compactMap { IPNetwork($0) }

    static let rows: [(peer: String, lists: [String], client: String)] = [
        // Nobody else's word counts.
        ("192.0.2.9", ["203.0.113.1"], "192.0.2.9"), ("127.0.0.1", [], "127.0.0.1"), ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.1"], "203.0.113.1"), ("127.0.0.1", ["203.0.113.1:4711"], "203.0.113.1"),
        // What the client wrote itself stands before what the proxy saw.
        ("127.0.0.1", ["198.51.100.7, 203.0.113.1"], "203.0.113.1"),
        ("127.0.0.1", ["198.51.100.7", "203.0.113.1"], "203.0.113.1"),
        // Through several proxies of ours.
        ("127.0.0.1", ["198.51.100.7, 203.0.113.1, 10.1.2.3"], "203.0.113.1"), ("10.1.2.3", ["10.9.9.9"], "10.9.9.9"),
        ("2001:db8:1::7", ["[2001:db8:2::1]:443"], "2001:db8:2::1"), ("2001:db8:1::7", ["2001:db8:2::1"], "2001:db8:2::1"),
        // Nonsense ends what is known.
        ("127.0.0.1", ["203.0.113.1, unknown"], "127.0.0.1"), ("127.0.0.1", ["203.0.113.1, evil, 10.0.0.1"], "10.0.0.1"),
        ("127.0.0.1", [String(repeating: "1.1.1.1,", count: 5000) + "203.0.113.1"], "203.0.113.1"),
    ]

    @Test(arguments: rows) func `a request comes from whom a trusted proxy says, and from the peer otherwise`(
        peer: String, lists: [String], client: String
    ) throws {
        let found = ForwardedAddress.client(
            try #require(IPAddress(peer)), forwardedFor: lists, trusting: Self.proxies)
        #expect(found.description == client)
    }
}
