import MailTypes
import Testing

@Suite struct IPNetworkHostTests {
    static let rows: [(address: String, host: String, neighbourhood: String)] = [
        ("192.0.2.77", "192.0.2.77/32", "192.0.2.0/24"), ("::ffff:192.0.2.77", "192.0.2.77/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"), ("::1", "::/64", "::/48"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::/64", "ffff:ffff:ffff::/48"),
    ]

    @Test(arguments: rows) func `a host has an address of IPv4 or a link of IPv6`(
        address: String, host: String, neighbourhood: String
    ) throws {
        let address = try #require(IPAddress(address))
        #expect(address.host.description == host)
        #expect(address.neighbourhood.description == neighbourhood)
        #expect(address.host.contains(address) && address.neighbourhood.contains(address))
    }

    @Test(arguments: ["0.0.0.0/0", "::/0", "10.0.0.0/8", "2001:db8::/65", "192.0.2.1/32", "2001:db8::1/128"])
    func `a network of a length has zeros behind it`(text: String) throws {
        let network = try #require(IPNetwork(text))
        #expect(IPNetwork(of: network.address, length: network.length) == network)
    }

    @Test func `loopback is one of both kinds`() {
        #expect(IPNetwork.loopback.map(\.description) == ["127.0.0.0/8", "::1/128"])
        for text in ["127.0.0.1", "127.9.9.9", "::1"] {
            #expect(IPAddress(text).map { address in IPNetwork.loopback.contains { $0.contains(address) } } == true)
        }
        #expect(IPAddress("::2").map { address in IPNetwork.loopback.contains { $0.contains(address) } } == false)
    }
}
