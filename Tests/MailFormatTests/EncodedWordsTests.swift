import Testing

@testable import MailFormat

@Suite struct EncodedWordsTests {
    static let rows: [(field: String, text: String)] = [
        ("plain", "plain"),
        ("=?ISO-8859-1?Q?a?=", "a"),
        ("=?ISO-8859-1?Q?a?= b", "a b"),
        ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
        ("=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=", "ab"),
        ("=?ISO-8859-1?Q?a_b?=", "a b"),
        ("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
        ("a=?UTF-8?q?=C5=BB?=b", "aŻb"),
        ("=?UTF-8?B?xbs=?=", "Ż"),
        ("=?utf-8?Q?=C5?= =?utf-8?Q?=BB?=", "Ż"),  // one character split across words
        ("=?utf-8?B?xQ==?= =?utf-8?B?uw==?=", "Ż"),
        ("=?utf-8*pl?Q?=C5=BB?=", "Ż"),
        ("=?iso-8859-2?Q?=AF=F3=B3w?=", "Żółw"),
        ("=?windows-1250?Q?=AF=F3=B3w?=", "Żółw"),
        ("=?iso-8859-1?Q?=80?=", "€"),
        ("=?utf-8?Q?caf=E9?=", "café"),  // the label is wrong
        ("=?us-ascii?Q?=C5=BB?=", "Ż"),
        ("=?no-such-charset?Q?=C5=BB?=", "Ż"),
        ("=?iso-2022-jp?B?GyRCJUYlOSVIGyhC?=", "テスト"),
        ("=?koi8-r?B?8NLJ18XU?=", "Привет"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?utf-8?Q?with spaces?=", "with spaces"),
        ("=?utf-8?Q?=ZZ=4?=", "=ZZ=4"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?utf-8?Q?never closed", "=?utf-8?Q?never closed"),
        ("=?=?=?", "=?=?=?"), ("=?", "=?"), ("=", "="), ("", ""),
        ("=?utf-8?Q??=", ""),
        ("=?utf-8?B?!!!?=", ""),
    ]

    @Test(arguments: rows) func `encoded words become text`(field: String, text: String) {
        #expect(EncodedWords.decode(octets(field)) == text)
    }

    static let texts = [
        "plain words", "Zażółć gęślą jaźń", "two  spaces", " leading", "trailing ", "=?looks like one?=",
        "mixed ä words here",
        String(repeating: "bardzo długi temat wiadomości, ", count: 12), String(repeating: "x", count: 2000),
        "日本語のとても長い件名です。" + String(repeating: "漢字", count: 60),
        "tab\tinside", "😀", "a ß b ß c",
    ]

    @Test(arguments: texts) func `what is written is read as the same text, on lines that are not too long`(
        subject: String
    ) throws {
        var writer = HeaderWriter()
        try writer.text("Subject", subject)
        let header = HeaderSection(writer.octets + octets("\r\n"))
        #expect(header.fields.count == 1)
        #expect(header.text("Subject") == subject)
        for line in text(writer.octets).split(separator: "\r\n") { #expect(line.utf8.count <= 78) }
        #expect(writer.octets.allSatisfy { $0 < 0x80 })
    }
}

@Suite struct MediaTypeTests {
    static let rows: [(field: String, essence: String?, name: String?)] = [
        ("text/plain", "text/plain", nil),
        ("TEXT/Plain; NAME=a.txt", "text/plain", "a.txt"),
        ("text/plain; name=\"a; b.txt\"; x=y", "text/plain", "a; b.txt"),
        ("text/plain (comment) ; (more) name = \"a\\\"b\"", "text/plain", "a\"b"),
        ("text/plain name=a.txt", "text/plain", "a.txt"),
        ("text/plain;; ;name=a.txt;", "text/plain", "a.txt"),
        ("text/plain; name=annual report.pdf; x=1", "text/plain", "annual report.pdf"),
        ("text/plain; x=1 name=a.txt", "text/plain", "a.txt"),
        ("text/plain; name*=UTF-8'pl'%C5%BB%C3%B3%C5%82w", "text/plain", "Żółw"),
        ("text/plain; name*0*=UTF-8''%C5%BB; name*1=%20; name*2*=%41", "text/plain", "Ż%20A"),
        ("text/plain; name*1=b; name*0=a; name*2=c", "text/plain", "abc"),
        ("text/plain; name*0=a; name*2=c", "text/plain", "a"),
        ("text/plain; name*1=b; name*2=c", "text/plain", "bc"),
        ("text/plain; name*0=a; name*0=A; name*1=b", "text/plain", "ab"),
        ("text/plain; name*0=a; name*1*=%C5%BB; NAME*2=c", "text/plain", "aŻc"),
        ("text/plain; name*2*=%BB; name*0*=utf-8''a; name*1*=%C5", "text/plain", "aŻ"),
        ("text/plain; name*0*=iso-8859-2''%AF%F3; name*1*=%B3w", "text/plain", "Żółw"),
        ("text/plain; name*=no-such-charset''%C5%BB", "text/plain", "Ż"),
        ("text/plain; name*0=a; name=plain; name*1=b", "text/plain", "plain"),
        ("text/plain; name*12345678901234567890=a", "text/plain", nil),
        ("text/plain; name*=utf-8''%C5%B", "text/plain", "Å%B"),
        ("text/plain; name==?utf-8?Q?=C5=BB?=", "text/plain", "Ż"),
        ("text/plain; name=plain; name*=UTF-8''better", "text/plain", "better"),
        ("text/plain; name*=unquoted", "text/plain", "unquoted"),
        ("text/plain; name=", "text/plain", ""),
        ("text/plain; name", "text/plain", nil),
        ("text/plain; name=\"open", "text/plain", "open"),
        ("text", nil, nil), ("text/", nil, nil), ("/plain", nil, nil), ("", nil, nil), (";", nil, nil),
        ("application/x-foo/bar", "application/x-foo/bar", nil),
    ]

    @Test(arguments: rows) func `types and parameters are read as they are really written`(
        field: String, essence: String?, name: String?
    ) {
        let type = MediaType(octets(field))
        #expect(type?.essence == essence)
        #expect(type?.parameter("name") == name)
    }

    @Test func `a damaged set of continuations is shown as it is written`() {
        let names = { (field: String) in MediaType(octets(field))?.parameters.map { text($0.name) + "=" + text($0.value) } }
        #expect(names("a/b; x*0=1; x*2=3; y=z") == ["y=z", "x*0=1", "x*2=3"])
        #expect(names("a/b; x*0=1; x*0*=2") == ["x*0=1", "x*0*=2"])
        #expect(names("a/b; x*1=2; x*0=1") == ["x=12"])
    }

    @Test func `a thousand parameters cost a hundred`() {
        let field = "text/plain" + (0..<5000).map { "; name*\($0 % 1000)*=x" }.joined()
        #expect((MediaType(octets(field))?.parameters.count ?? 0) <= MIMEParameters.limit)
    }

    @Test(arguments: [
        "plain.txt", "with space.txt", "Zażółć.pdf", String(repeating: "długa nazwa ", count: 20), "quote\"s", "",
    ])
    func `a written parameter is read as the same text`(value: String) throws {
        var writer = HeaderWriter()
        try writer.parameterized("Content-Disposition", "attachment", [("filename", value)])
        let header = HeaderSection(writer.octets + octets("\r\n"))
        #expect(header.contentDisposition?.filename == value)
        for line in text(writer.octets).split(separator: "\r\n") { #expect(line.utf8.count <= 78) }
    }
}
