import Testing

@testable import MailFormat

/// Header sections that are not ASCII, for next hops without SMTPUTF8.
@Suite struct ASCIIHeaderTests {
    /// `nil`: it cannot be said.
    static let rows: [(header: String, ascii: String?)] = [
        ("Subject: hello\nX-Odd :  as it was\n\n", "Subject: hello\nX-Odd :  as it was\n\n"),
        ("Subject: Zażółć\nX-Odd :  as it was\n\n", "Subject: =?UTF-8?B?WmHFvMOzxYLEhw==?=\nX-Odd :  as it was\n\n"),
        ("X-Note: plain words before ż and behind\n\n", "X-Note: plain words before =?UTF-8?B?xbw=?= and behind\n\n"),
        (
            "From: Jan Żółw <jan@żółw.example>\nTo: a@b.example, Ż: c@d.example;\n\n",
            "From: =?UTF-8?B?SmFuIMW7w7PFgnc=?= <jan@xn--w-uga1v8h.example>\nTo: a@b.example, c@d.example\n\n"
        ),
        (
            "Content-Type: text/plain; charset=utf-8; name=\"żółw.txt\"\n\n",
            "Content-Type: text/plain; charset=utf-8; name*=UTF-8''%C5%BC%C3%B3%C5%82w.txt\n\n"
        ),
        (
            "Content-Disposition: attachment; filename=\"ż.txt\"; filename*=UTF-8''%C5%BC.txt\n\n",
            "Content-Disposition: attachment; filename*=UTF-8''%C5%BC.txt\n\n"
        ),
        ("Received: from ż by mx; now\n\n", "Received: from ?? by mx; now\n\n"), ("Subject: ż", "Subject: =?UTF-8?B?xbw=?=\n"),
        // addresses, Message-IDs and what is no field have no other form
        ("From: żółw@a.example\n\n", nil), ("To: a@b.example, żółw@a.example\n\n", nil), ("Message-ID: <ż@a.example>\n\n", nil),
        ("nonsense ż\n\n", nil), ("Subject: x\u{0}ż\n\n", nil),
    ]

    private func crlf(_ text: String) -> [UInt8] { octets(text.replacing("\n", with: "\r\n")) }

    @Test(arguments: rows) func `what is not ASCII is encoded, and all else stays`(header: String, ascii: String?) {
        let written = ASCIIHeader.write(HeaderSection(crlf(header)))
        #expect(written.map { text($0) } == ascii.map { text(crlf($0)) })
        // What is read of it is the same.
        if let written, written.contains(0x3F) {
            let (before, after) = (HeaderSection(crlf(header)), HeaderSection(written))
            #expect(before.text("Subject") == after.text("Subject"))
            #expect(before.addresses(of: "From") == after.addresses(of: "From"))
            #expect(before.contentDisposition?.filename == after.contentDisposition?.filename)
        }
    }

    @Test func `what follows the section stays`() {
        let written = ASCIIHeader.write(HeaderSection(octets("Subject: ż\r\n\r\nż")))
        #expect(written.map { text($0) } == "Subject: =?UTF-8?B?xbw=?=\r\n\r\nż")
    }
}
