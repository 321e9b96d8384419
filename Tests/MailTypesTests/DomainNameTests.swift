import MailTypes
import Testing

@Suite struct DomainNameTests {
    static let names: [(written: String, ascii: String?)] = [
        ("acme.example", "acme.example"), ("ACME.Example.", "acme.example"), ("localhost", "localhost"),
        ("Żółw.example", "xn--w-uga1v8h.example"), ("żółw.example", "xn--w-uga1v8h.example"),
        ("xn--w-uga1v8h.EXAMPLE", "xn--w-uga1v8h.example"), ("ＡＣＭＥ.example", "acme.example"),
        ("_dmarc.acme.example", "_dmarc.acme.example"), ("a-b.example", "a-b.example"),
        ("[192.0.2.1]", "[192.0.2.1]"), ("[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]"),
        ("", nil), (".", nil), ("a..b", nil), (".a", nil), ("-a.example", nil), ("a-.example", nil), ("a b", nil),
        ("a\u{0}b", nil), ("a@b", nil), ("[]", nil), ("[192.0.2.1", nil), ("[a b]", nil), ("a.example\r\n", nil),
        (String(repeating: "a", count: 63) + ".example", String(repeating: "a", count: 63) + ".example"),
        (String(repeating: "a", count: 64) + ".example", nil), (String(repeating: "a.", count: 127) + "a", nil),
    ]

    @Test(arguments: names) func `a domain has one comparable form`(written: String, ascii: String?) {
        #expect(DomainName(written)?.ascii == ascii)
    }

    @Test func `spellings of one domain are the same value`() {
        #expect(DomainName("Żółw.example") == DomainName("xn--w-uga1v8h.example"))
        // The same letters as base letter and combining mark.
        #expect(DomainName("Z\u{307}o\u{301}łw.example") == DomainName("żółw.example"))
        #expect(DomainName("[192.0.2.1]")?.isAddressLiteral == true && DomainName("a.b")?.isAddressLiteral == false)
    }
}
