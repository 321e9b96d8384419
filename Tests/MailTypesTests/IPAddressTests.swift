import MailTypes
import Testing

@Suite struct IPAddressTests {
    static let rows: [(text: String, written: String?)] = [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
        ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("", nil), ("1.2.3", nil), ("1.2.3.4.5", nil), ("1.2.3.256", nil), ("01.2.3.4", nil), ("1.2.3.4 ", nil),
        ("+1.2.3.4", nil),
        (":", nil), (":::", nil), ("1::2::3", nil), ("1:2:3:4:5:6:7", nil), ("1:2:3:4:5:6:7:8:9", nil), (":1::", nil),
        ("1:", nil),
        ("::12345", nil), ("::g", nil), ("::+1", nil), ("::1.2.3", nil), ("1.2.3.4::", nil), ("fe80::1%eth0", nil),
        ("1::2:3:4:5:6:7:8", nil),
    ]

    @Test(arguments: rows) func `an address is read as RFC 4291 writes it`(text: String, written: String?) {
        #expect(IPAddress(text)?.description == written)
    }

    static let networks: [(address: String, network: String, length: Int, isIn: Bool)] = [
        ("192.0.2.1", "192.0.2.0", 24, true), ("192.0.3.1", "192.0.2.0", 24, false),
        ("192.0.3.1", "192.0.2.0", 23, true),
        ("1.2.3.4", "9.9.9.9", 0, true), ("192.0.2.1", "192.0.2.1", 32, true), ("192.0.2.1", "192.0.2.0", 32, false),
        ("2001:db8::1", "2001:db8::", 32, true), ("2001:db8:1::", "2001:db8::", 48, false),
        ("2001:db8::1", "2001:db8::2", 64, true),
        ("2001:db8::1", "2001:db8::2", 128, false), ("2001:db8:0:0:8000::", "2001:db8::", 65, false),
        ("::1", "1.2.3.4", 0, false),
        ("1.2.3.4", "::", 0, false),
    ]

    @Test(arguments: networks) func `a network is its first bits`(
        address: String, network: String, length: Int, isIn: Bool
    ) throws {
        let (address, network) = (try #require(IPAddress(address)), try #require(IPAddress(network)))
        #expect(address.isIn(network, prefix: length) == isIn)
    }

    @Test func `reverse names are those of the registries`() throws {
        #expect(try #require(IPAddress("192.0.2.1")).reverseName == "1.2.0.192.in-addr.arpa")
        #expect(
            try #require(IPAddress("2001:db8::1")).reverseName
                == "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")
    }
}
