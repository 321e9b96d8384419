import MailTypes
import Testing

@testable import MailFormat

@Suite struct HeaderWriterTests {
    @Test(arguments: ["a\r\nBcc: x@y", "a\nb", "a\rb", "a\0b"]) func `header injection is refused`(value: String) throws
    {
        let address = NamedAddress(displayName: value, address: try #require(EmailAddress("a@b.example")))
        let local = NamedAddress(
            address: EmailAddress(localPart: value, domain: try #require(DomainName("b.example"))))
        var writer = HeaderWriter()
        #expect(throws: InvalidFieldValue.self) { try writer.text("Subject", value) }
        #expect(throws: InvalidFieldValue.self) { try writer.structured("X-A", value) }
        #expect(throws: InvalidFieldValue.self) { try writer.addresses("To", [address]) }
        #expect(throws: InvalidFieldValue.self) { try writer.addresses("To", [local]) }
        #expect(throws: InvalidFieldValue.self) {
            try writer.parameterized("Content-Type", "text/plain", [("name", value)])
        }
        #expect(writer.octets.isEmpty)
    }

    @Test(arguments: ["=?a?Q?b?= ", "=?utf-8?B?eA==?=", "a =?b"])
    func `text that looks like an encoded-word is read as it was written`(value: String) throws {
        var writer = HeaderWriter()
        let (plain, next) = (EmailAddress(localPart: "=?utf-8?B?a", domain: try #require(DomainName("x"))), "ż@y")
        let addresses = [
            NamedAddress(address: plain), NamedAddress(displayName: value, address: try #require(EmailAddress(next))),
        ]
        try writer.text("Subject", value)
        try writer.addresses("To", addresses)
        try writer.parameterized("Content-Disposition", "attachment", [("filename", value)])
        let header = HeaderSection(writer.octets)
        #expect(header.text("Subject") == value)
        #expect(header.addresses(of: "To") == addresses)
        #expect(header.contentDisposition?.filename == value)
    }

    @Test(arguments: [399, 400, 401, 799, 800, 801, 880, 890, 899, 900, 901])
    func `a long name, and a long word, are read as they were written`(count: Int) throws {
        let (word, name) = (String(repeating: "x", count: count), String(repeating: "\"", count: count))
        var writer = HeaderWriter()
        try writer.text("Subject", "a " + word)
        try writer.addresses("To", [NamedAddress(displayName: name, address: try #require(EmailAddress("a@b.example")))])
        let header = HeaderSection(writer.octets)
        #expect(header.text("Subject") == "a " + word)
        #expect(header.addresses(of: "To").map(\.displayName) == [name])
        #expect(writer.octets.split(separator: 0x0A).allSatisfy { $0.count <= 999 })
    }

    @Test func `fields are folded before column 78`() throws {
        var writer = HeaderWriter()
        try writer.text("Subject", (0..<40).map { "word\($0)" }.joined(separator: " "))
        writer.messageIDs("References", (0..<9).compactMap { MessageID("some-identifier-\($0)@host.example") })
        let lines = text(writer.octets).split(separator: "\r\n")
        #expect(lines.count > 6)
        for line in lines { #expect(line.utf8.count <= 78) }
        let header = HeaderSection(writer.octets)
        #expect(header.text("Subject") == (0..<40).map { "word\($0)" }.joined(separator: " "))
        #expect(header.references.count == 9)
    }

    @Test func `no line exceeds 998 octets whatever the value`() throws {
        var writer = HeaderWriter()
        try writer.structured("X-Long", String(repeating: "x", count: 5000))
        for line in text(writer.octets).split(separator: "\r\n") { #expect(line.utf8.count <= 998) }
    }

    @Test func `a date is written with its offset`() {
        var writer = HeaderWriter()
        writer.date("Date", Timestamp(seconds: -27_723_426), offset: -210)
        #expect(text(writer.octets) == "Date: Thu, 13 Feb 1969 23:32:54 -0330\r\n")
    }
}

@Suite struct TraceFieldsTests {
    @Test func `the Received field names client, host, protocol, TLS, id and recipient`() throws {
        let recipient = try #require(EmailAddress(String("help@acme.pl")))
        let field = TraceFields.received(
            helo: "mail.example.org", clientAddress: "192.0.2.1", by: "mx.acme.pl", protocolName: "ESMTPS",
            tls: .init(version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384"), id: "4F2A",
            recipient: recipient, at: Timestamp(seconds: 0))
        #expect(
            text(field) == "Received: from mail.example.org ([192.0.2.1]) by mx.acme.pl with ESMTPS\r\n"
                + " (TLSv1.3 TLS_AES_256_GCM_SHA384) id 4F2A for <help@acme.pl>; Thu, 1 Jan 1970\r\n 00:00:00 +0000\r\n"
                || HeaderSection(field).text("Received")
                    == "from mail.example.org ([192.0.2.1]) by mx.acme.pl with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384) "
                    + "id 4F2A for <help@acme.pl>; Thu, 1 Jan 1970 00:00:00 +0000"
        )
        for line in text(field).split(separator: "\r\n") { #expect(line.utf8.count <= 78) }
    }

    @Test(arguments: [
        "x) by evil (y", "a\r\nX-Evil: 1", "a b; c", "", String(repeating: "x", count: 5000), "a\0b", "<x>",
    ])
    func `the client's own name cannot pretend to be another clause`(helo: String) {
        let field = TraceFields.received(
            helo: helo, clientAddress: "2001:db8::1", by: "mx.acme.pl", protocolName: "ESMTP", id: "1",
            at: Timestamp(seconds: 0))
        let header = HeaderSection(field)
        let words = header.text("Received")?.split(separator: " ") ?? []
        #expect(header.fields.count == 1)
        #expect(words.count == 15)
        #expect(
            words.dropFirst(2).starts(with: ["([IPv6:2001:db8::1])", "by", "mx.acme.pl", "with", "ESMTP", "id", "1;"]))
        for line in text(field).split(separator: "\r\n") { #expect(line.utf8.count <= 998) }
    }

    @Test func `Return-Path shows the null reverse-path as empty brackets`() {
        #expect(text(TraceFields.returnPath(nil)) == "Return-Path: <>\r\n")
        #expect(text(TraceFields.returnPath(EmailAddress("a@b.example"))) == "Return-Path: <a@b.example>\r\n")
    }
}

@Suite struct HeaderComposerTests {
    static let submitted = """
        Received: from laptop\r
        Return-Path: <agent@desk.example>\r
        Date: Fri, 21 Nov 1997 09:55:06 -0600\r
        From: Secret Agent <agent@desk.example>\r
        Sender: agent@desk.example\r
        Reply-To: agent@desk.example\r
        To: =?utf-8?Q?Klient?= <customer@shop.example>, help@acme.example\r
        Cc: Boss <boss@shop.example>\r
        Bcc: hidden@desk.example\r
        Subject: Re: parcel\r
        Message-ID: <agent-id@laptop>\r
        In-Reply-To: <c@shop>\r
        References: <c@shop>\r
        User-Agent: Thunderbird\r
        X-Mailer: x\r
        X-Identity-Key: id1\r
        Autocrypt: addr=agent@desk.example\r
        Organization: Home of the agent\r
        Disposition-Notification-To: agent@desk.example\r
        MIME-Version: 1.0\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: 8bit\r
        \r

        """

    func composer() throws -> HeaderComposer {
        let pool = NamedAddress(displayName: "Acme, pomoc", address: try #require(EmailAddress("help@acme.example")))
        var composer = HeaderComposer(from: pool, replyTo: pool, messageID: try #require(MessageID("new@acme.example")))
        composer.stamp = .init(prefix: "", number: 7)
        composer.pattern = StampPattern("[{prefix}#{number}]")
        composer.removedAddresses = [pool.address]
        return composer
    }

    @Test func `an answer leaves without any trace of the agent`() throws {
        var composer = try composer()
        composer.references = [MessageID("root@acme"), MessageID("c@shop")].compactMap { $0 }
        let output = try composer.compose(HeaderSection(octets(Self.submitted)), now: Timestamp(seconds: 0))
        let header = HeaderSection(output)
        for trace in ["agent", "Thunderbird", "X-", "hidden", "laptop", "Received"] {
            #expect(!text(output).contains(trace))
        }
        #expect(header.text("From") == #""Acme, pomoc" <help@acme.example>"#)
        #expect(header.text("Subject") == "Re: [#7] parcel")
        #expect(header.addresses(of: "To").map(\.address.description) == ["customer@shop.example"])
        #expect(header.addresses(of: "To").first?.displayName == "Klient")
        #expect(header.addresses(of: "Cc").first?.displayName == "Boss")
        #expect(header.references.map(\.text) == ["root@acme", "c@shop"])
        #expect(header.inReplyTo.map(\.text) == ["c@shop"])
        #expect(header.text("Date") == "Fri, 21 Nov 1997 09:55:06 -0600")
        #expect(header.text("Content-Type") == "text/plain; charset=utf-8")
        #expect(header.hasEmptyLine)
        for name in ["From", "To", "Subject", "Message-ID", "References", "Date"] {
            #expect(header.count(of: name) == 1)
        }
    }

    @Test func `a submission without date, subject and recipients gets what RFC 5322 wants`() throws {
        let output = try composer().compose(
            HeaderSection(octets("Bcc: a@b.example\r\n\r\n")), now: Timestamp(seconds: 0))
        let header = HeaderSection(output)
        #expect(header.text("Date") == "Thu, 1 Jan 1970 00:00:00 +0000")
        #expect(header.text("Subject") == "[#7]")
        #expect(header.text("To") == "undisclosed-recipients:;")
    }

    @Test func `where all recipients are removed nobody is named`() throws {
        let submitted = HeaderSection(octets("To: help@acme.example\r\n\r\n"))
        let header = HeaderSection(try composer().compose(submitted, now: Timestamp(seconds: 0)))
        #expect(header.text("To") == "undisclosed-recipients:;" && header.count(of: "To") == 1)
    }

    @Test func `a subject can be replaced and still bears the stamp once`() throws {
        var composer = try composer()
        for (subject, result) in [("Paczka ż", "[#7] Paczka ż"), ("Re: [#7] x", "Re: [#7] x"), ("", "[#7]")] {
            composer.subject = subject
            let output = try composer.compose(HeaderSection(octets(Self.submitted)), now: Timestamp(seconds: 0))
            #expect(HeaderSection(output).text("Subject") == result)
        }
        composer.subject = "x\r\nBcc: y@z"
        #expect(throws: InvalidFieldValue.self) { try composer.compose(HeaderSection([]), now: Timestamp(seconds: 0)) }
    }
}

@Suite struct MessageWriterTests {
    static let texts = [
        "Hello\nworld\n", "", "\n\n", "Zażółć gęślą jaźń\n", "From here\n>quoted\n space\n-- \nsignature\n",
        String(repeating: "a very long paragraph of many words ", count: 30) + "\nnext\n",
        String(repeating: "x", count: 3000) + "\n",
        "trailing space \nnext\n", "a\r\nb\r\n", "equals = sign ż\n", String(repeating: "ż", count: 200) + "\n",
        "bare\rreturn\n",
    ]

    @Test(arguments: texts) func `a text is read again as the paragraphs that were written`(original: String) throws {
        var header = HeaderWriter()
        try header.text("Subject", "s")
        let message = MessageWriter.plainText(header, original)
        for line in text(message).split(separator: "\r\n") { #expect(line.utf8.count <= 998) }
        #expect(text(message).utf8.count { $0 == 13 } == text(message).utf8.count { $0 == 10 })
        #expect(message.allSatisfy { $0 < 0x80 })
        var scanner = MIMEScanner()
        scanner.consume(message)
        let part = scanner.finish().root
        let decoded = TextDecoder.decodedText(part, Array(message[(scanner.headerLength ?? 0)...]))
        let expected = original.replacingCRLF.filter { $0 != "\r" }
        #expect(Self.unflowed(decoded) == Self.paragraphs(expected))
    }

    /// What a reader of RFC 3676 makes of it.
    static func unflowed(_ flowed: String) -> [String] {
        var result: [String] = []
        var open = ""
        for line in flowed.split(separator: "\r\n", omittingEmptySubsequences: false) {
            let own = line.hasPrefix(" ") ? line.dropFirst() : line
            open += own.hasPrefix("> ") ? ">" + own.dropFirst(2) : own
            if own.hasSuffix(" "), own != "-- " { continue }
            result.append(open)
            open = ""
        }
        if result.last == "" { result.removeLast() }
        return result
    }

    static func paragraphs(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var line = String(line)
            while line != "-- ", line.hasSuffix(" ") { line.removeLast() }
            return line
        }
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}

extension String {
    /// With LF alone where CRLF stood.
    var replacingCRLF: String {
        var result: [UInt8] = []
        for octet in utf8 {
            if octet == 10, result.last == 13 { result.removeLast() }
            result.append(octet)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
