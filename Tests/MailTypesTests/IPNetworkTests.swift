import MailTypes
import Testing

struct IPNetworkTests {
    static let memberships: [(network: String, address: String, contains: Bool)] = [
        ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("::/0", "2001:db8::1", true), ("::1", "::1", true),
    ]

    @Test(arguments: memberships) func `a network holds its addresses`(
        network: String, address: String, contains: Bool
    ) throws {
        let (network, address) = (try #require(IPNetwork(network)), try #require(IPAddress(address)))
        #expect(network.contains(address) == contains)
        #expect(IPNetwork(network.description) == network)
    }

    @Test(arguments: ["", "/", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/+8", "192.0.2/24", "2001:db8::/129", "a/8", "1.2.3.4/8/9"])
    func `what is no network is none`(text: String) {
        #expect(IPNetwork(text) == nil)
    }
}
