import Desk
import Testing

@testable import PublicPages

@Suite struct FormFieldsTests {
    static let rows: [(body: String, rating: String?, comment: String?)] = [
        ("", nil, nil), ("rating=4", "4", nil), ("rating=4&comment=", "4", ""), ("comment=a+b&rating=5", "5", "a b"),
        ("rating=4&comment=%C5%BC%C3%B3%C5%82w%0D%0A2", "4", "żółw\r\n2"), ("rating", "", nil), ("=&&&rating=1", "1", nil),
        // The first one counts; what is no escape is itself; what is no UTF-8 does no harm.
        ("rating=1&rating=2", "1", nil), ("comment=%4", nil, "%4"), ("comment=%", nil, "%"), ("comment=%zz", nil, "%zz"),
        ("comment=%FF%00", nil, "\u{FFFD}\0"), ("r%61ting=3", "3", nil), ("comment=a=b", nil, "a=b"),
    ]

    @Test(arguments: rows) func `a form is read leniently`(body: String, rating: String?, comment: String?) {
        let fields = FormFields(body.utf8)
        #expect(fields["rating"] == rating && fields["comment"] == comment)
    }

    @Test func `more fields than a form has are passed over`() {
        let many = (0..<1000).map { "f\($0)=x" }.joined(separator: "&") + "&rating=4"
        #expect(FormFields(many.utf8)["rating"] == nil)
    }
}

@Suite struct PreferredLanguageTests {
    static let rows: [(field: String?, language: Language?)] = [
        (nil, nil), ("", nil), ("*", nil), ("de-DE,de;q=0.9", nil), ("pl", .polish), ("pl-PL,pl;q=0.9,en;q=0.8", .polish),
        ("en-US,en;q=0.9", .english), ("en;q=0.5, pl;q=0.7", .polish), ("pl;q=0, en;q=0.1", .english),
        ("de,PL;q=0.3", .polish), ("en;q=7", nil), ("en;q=x", nil), ("pl;level=1;q=0.4,en;q=0.3", .polish),
        (String(repeating: "x,", count: 10_000) + "pl", nil),
    ]

    @Test(arguments: rows) func `a browser's wish is read`(field: String?, language: Language?) {
        #expect(PreferredLanguage.choice(field) == language)
    }
}
