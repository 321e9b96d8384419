import MailTypes
import Testing

@Suite struct EmailAddressTests {
    static let addresses: [(written: String, localPart: String, description: String)] = [
        ("jan@acme.example", "jan", "jan@acme.example"), ("Jan.K+x@ACME.example", "Jan.K+x", "Jan.K+x@acme.example"),
        ("\"john doe\"@acme.example", "john doe", "\"john doe\"@acme.example"),
        ("\"plain\"@acme.example", "plain", "plain@acme.example"),
        ("\"a\\\"b\\\\c\"@acme.example", "a\"b\\c", "\"a\\\"b\\\\c\"@acme.example"),
        ("\"a@b\"@acme.example", "a@b", "\"a@b\"@acme.example"), ("\".a\"@acme.example", ".a", "\".a\"@acme.example"),
        ("żółw@żółw.example", "żółw", "żółw@xn--w-uga1v8h.example"), ("a@[192.0.2.1]", "a", "a@[192.0.2.1]"),
        // A combining mark belongs to no quote and no `@`.
        ("\"\u{301}(\"@acme.example", "\u{301}(", "\"\u{301}(\"@acme.example"),
        ("o'neil!#$%&*-/=?^_`{|}~@acme.example", "o'neil!#$%&*-/=?^_`{|}~", "o'neil!#$%&*-/=?^_`{|}~@acme.example"),
    ]

    @Test(arguments: addresses)
    func `an address is read, written and read again`(written: String, localPart: String, description: String) throws {
        let address = try #require(EmailAddress(written))
        #expect(address.localPart == localPart && address.description == description)
        let again = try #require(EmailAddress(address.description))
        #expect(again == address && again.localPart == localPart)
    }

    @Test(arguments: [
        "", "@", "jan", "jan@", "@acme.example", ".jan@acme.example", "jan.@acme.example", "jan k@acme.example",
        "\"\"@acme.example", "\"a\"b\"@acme.example", "\"a\\\"@acme.example", "\"a\r\nb\"@acme.example",
        "a,b@acme.example",
        "<jan@acme.example>", "jan@acme example", "jan@acme.example\n", "a\u{0}@acme.example", "(a)@acme.example",
    ])
    func `anything else is no address`(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test func `limits hold at the limit and one beyond`() {
        let longest = String(repeating: "x", count: EmailAddress.maximumLocalPartLength)
        #expect(EmailAddress(longest + "@acme.example") != nil)
        #expect(EmailAddress(longest + "x@acme.example") == nil)
        #expect(EmailAddress("\"\(longest)\"@acme.example") != nil)
        #expect(EmailAddress("\"\(longest)x\"@acme.example") == nil)
    }

    static let same: [(String, String)] = [
        ("jan@acme.example", "JAN@ACME.EXAMPLE"), ("\"jan\"@acme.example", "jan@acme.example"),
        ("Łoś@acme.example", "łoś@acme.example"), ("z\u{307}uk@acme.example", "żuk@acme.example"),
        ("a@Żółw.example", "A@xn--w-uga1v8h.example"),
    ]

    @Test(arguments: same) func `the same person in another spelling is equal`(one: String, other: String) throws {
        let (one, other) = (try #require(EmailAddress(one)), try #require(EmailAddress(other)))
        #expect(one == other && one.identity == other.identity && Set([one, other]).count == 1)
    }

    @Test func `detail and dots make another person`() {
        #expect(EmailAddress("jan+x@acme.example") != EmailAddress("jan@acme.example"))
        #expect(EmailAddress("j.an@acme.example") != EmailAddress("jan@acme.example"))
    }
}
