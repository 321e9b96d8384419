import MailTypes
import Testing

@testable import MailFormat

@Suite struct AddressListTests {
    @Test func `a local part that is too long in UTF-8 is none`() {
        let local = [UInt8](repeating: 0xE9, count: 125)
        #expect(AddressList(local + octets("@x.example")).addresses.count == 1)
        #expect(AddressList(local + [0xE9] + octets("@x.example")).addresses.isEmpty)
    }

    /// Name and address of each mailbox that can be used, written `name|address`.
    static let rows: [(field: String, addresses: [String])] = [
        ("a@b.example", ["|a@b.example"]),
        ("<a@b.example>", ["|a@b.example"]),
        ("Ann <a@b.example>", ["Ann|a@b.example"]),
        ("Ann  van\tBee <a@b.example>", ["Ann van Bee|a@b.example"]),
        (#""Bee, Ann" <a@b.example>"#, ["Bee, Ann|a@b.example"]),
        (#""Ann \"A\" Bee" <a@b.example>, c@d.example"#, [#"Ann "A" Bee|a@b.example"#, "|c@d.example"]),
        ("a@b.example (Ann)", ["Ann|a@b.example"]),
        ("a@b.example (Ann (the) Bee) , c@d.example", ["Ann (the) Bee|a@b.example", "|c@d.example"]),
        ("Ann(comment)Bee <a@b.example>", ["Ann Bee|a@b.example"]),
        (
            "A Group:Ed <e@x.example>,j@y.example;, after@z.example",
            ["Ed|e@x.example", "|j@y.example", "|after@z.example"]
        ),
        ("Undisclosed recipients:;", []),
        ("<@route.example,@other.example:a@b.example>", ["|a@b.example"]),
        ("a . b @ c . example", ["|a.b@c.example"]),
        (#""john doe"@b.example"#, [#"|"john doe"@b.example"#]),
        ("a@b.example <a@b.example>", ["a@b.example|a@b.example"]),
        ("Ann <a@b.example", ["Ann|a@b.example"]),
        ("Ann <a@b.example, Bob <b@b.example>", ["Ann|a@b.example", "Bob|b@b.example"]),
        ("Ann a@b.example", ["Ann|a@b.example"]),
        ("a@b.example>, c@d.example", ["|a@b.example", "|c@d.example"]),
        (", ,a@b.example,,", ["|a@b.example"]),
        ("=?utf-8?Q?=C5=BB=C3=B3=C5=82w=2C_Jan?= <z@b.example>", ["Żółw, Jan|z@b.example"]),
        ("=?utf-8?Q?Bee,?= Ann <a@b.example>", ["Bee, Ann|a@b.example"]),
        (#""=?utf-8?B?xbvDs8WCdw==?=" <z@b.example>"#, ["Żółw|z@b.example"]),
        ("Żółw <żółw@bücher.example>", ["Żółw|żółw@xn--bcher-kva.example"]),
        ("no address at all", []),
        ("Ann <>", []),
        ("Ann <a@>", []),
        ("<@b.example>", []),
        ("a@b@c.example", [#"|"a@b"@c.example"#]),
        ("a@b.example and more, c@d.example", ["|a@b.example", "|c@d.example"]),
        ("a@b.example c@d.example", ["|a@b.example", "|c@d.example"]),
        ("<a@b.example> more; Ann <c@d.example> more", ["|a@b.example", "Ann|c@d.example"]),
        ("a@[192.0.2.1]", ["|a@[192.0.2.1]"]),
        ("((((", []),
        ("\"open", []),
        ("a@b.example\\", ["|a@b.example"]),
        ("", []),
        ("a@b..example", []),
    ]

    @Test(arguments: rows) func `addresses are found in what people write`(field: String, addresses: [String]) {
        let found = AddressList(octets(field)).addresses.map { "\($0.displayName ?? "")|\($0.address)" }
        #expect(found == addresses)
    }

    @Test func `a group keeps its bounds`() {
        let elements = AddressList(octets("Team: a@b.example;")).elements
        #expect(elements.count == 3)
        #expect(elements.first == .groupStart(octets("Team")))
        #expect(elements.last == .groupEnd)
    }

    @Test func `control characters never come out of a name`() {
        let found = AddressList(octets("=?utf-8?Q?Ann=0D=0ABcc:_x?= <a@b.example>")).addresses
        #expect(found.first?.displayName == "AnnBcc: x")
    }

    @Test func `what is written is read as the same addresses`() throws {
        let names = [
            "Ann", "Bee, Ann", "Żółw", #"a "quoted" \ name"#, "Zażółć gęślą jaźń, wiele słów i jeszcze trochę", "=?x?",
            " a ",
        ]
        let domain = try #require(DomainName("example.org"))
        let list = names.enumerated().map {
            NamedAddress(displayName: $0.element, address: EmailAddress(localPart: "user \($0.offset)", domain: domain))
        }
        var writer = HeaderWriter()
        try writer.addresses("To", list)
        let header = HeaderSection(writer.octets + octets("\r\n"))
        #expect(header.addresses(of: "To") == list)
    }
}

@Suite struct DateParserTests {
    static let rows: [(field: String, written: String?)] = [
        ("Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("21 Nov 97 09:55:06 GMT", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("Thu,\t13 Feb 1969 23:32 -0330 (Newfoundland Time)", "Thu, 13 Feb 1969 23:32:00 -0330"),
        ("Wed, 9 Feb 2005 5:9:1 EST", "Wed, 9 Feb 2005 05:09:01 -0500"),
        ("Mon Jan  2 15:04:05 2006", "Mon, 2 Jan 2006 15:04:05 +0000"),
        ("Mon Jan  2 15:04:05 CET 2006", "Mon, 2 Jan 2006 15:04:05 +0100"),
        ("2020-02-29T12:00:00Z", "Sat, 29 Feb 2020 12:00:00 +0000"),
        ("2020-02-29 12:00:00 +0530", "Sat, 29 Feb 2020 12:00:00 +0530"),
        ("21-Nov-1997 10:00", "Fri, 21 Nov 1997 10:00:00 +0000"),
        ("3 January 2021 1:30 PM +0100", "Sun, 3 Jan 2021 13:30:00 +0100"),
        ("Sun, 3 Jan 121 00:00:00 +0000", "Sun, 3 Jan 2021 00:00:00 +0000"),
        ("Sun, 3 Jan 2021 00:00:00 GMT+0200", "Sun, 3 Jan 2021 00:00:00 +0200"),
        ("Sun, 3 Jan 2021 00:00:00+0200", "Sun, 3 Jan 2021 00:00:00 +0200"),
        ("Sun, 3 Jan 2021", "Sun, 3 Jan 2021 00:00:00 +0000"),
        ("31 Feb 2021 10:00:00 +0000", nil),
        ("Sun, 3 Jan 2021 25:00:00 +0000", nil),
        ("Sun, 3 Jan 2021 10:00:00 +9999", "Sun, 3 Jan 2021 10:00:00 +0000"),
        ("yesterday", nil), ("", nil), ("99999999999999999999", nil), ("1 Jan 99999999999", nil),
    ]

    @Test(arguments: rows) func `dates are read with their offset`(field: String, written: String?) {
        let civil = DateParser.parse(octets(field))
        let again = civil.flatMap { civil in civil.timestamp.map { MailDate.text($0, offset: civil.offset) } }
        #expect(again == written)
    }
}
