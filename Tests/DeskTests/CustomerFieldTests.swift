import Testing

@testable import Desk

@Suite struct CustomerFieldTests {
    private static let rows: [(text: String, field: CustomerField?)] = [
        ("firm", .firm), ("Firma", .firm), ("COMPANY", .firm), ("imię i nazwisko", .name), ("imie", .name), ("Tel", .phone),
        ("uwagi", .note), ("adres", .address), ("E-Mail", .address), (" segment ", .own("segment")), ("shoe  size", .own("shoe size")), ("", nil), ("a/b", nil),
        ("100%", nil), (String(repeating: "x", count: 100), .own(String(repeating: "x", count: 100))),
        (String(repeating: "x", count: 101), nil),
    ]

    @Test(arguments: rows) func `facts have names in both languages, and other names are fields of the desk's own`(
        text: String, field: CustomerField?
    ) { #expect(CustomerField(text) == field) }

    @Test(arguments: [("phon", "phone"), ("frim", "firm"), ("segment", nil)])
    func `a name that is spelled nearly so is found`(text: String, near: String?) {
        #expect(CustomerField.standardName(near: text) == near)
    }
}
