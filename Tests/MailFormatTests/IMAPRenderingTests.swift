import Testing

@testable import MailFormat

@Suite struct IMAPEnvelopeTests {
    static let rows: [(header: String, envelope: String)] = [
        ("", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
        (
            "Date: Mon, 7 Feb 1994 21:52:25 -0800\r\nSubject: hello\r\nFrom: Ann <a@b.example>\r\nTo: c@d.example\r\n"
                + "Message-ID: <1@b>\r\nIn-Reply-To: <0@b>\r\n",
            #"("Mon, 7 Feb 1994 21:52:25 -0800" "hello" (("Ann" NIL "a" "b.example")) (("Ann" NIL "a" "b.example")) "#
                + #"(("Ann" NIL "a" "b.example")) ((NIL NIL "c" "d.example")) NIL NIL "<0@b>" "<1@b>")"#
        ),
        (
            "To: Team: a@b.example;, <@r.example:c@d.example>\r\n",
            #"(NIL NIL NIL NIL NIL ((NIL NIL "Team" NIL)(NIL NIL "a" "b.example")(NIL NIL NIL NIL)"#
                + #"(NIL "@r.example" "c" "d.example")) NIL NIL NIL NIL)"#
        ),
        (
            "From: a@b.example\r\nSender:\r\nReply-To: r@b.example\r\n",
            #"(NIL NIL ((NIL NIL "a" "b.example")) ((NIL NIL "a" "b.example")) ((NIL NIL "r" "b.example")) "#
                + "NIL NIL NIL NIL NIL)"
        ),
        ("Subject: say \"hi\" \\ there\r\n", #"(NIL "say \"hi\" \\ there" NIL NIL NIL NIL NIL NIL NIL NIL)"#),
        ("Subject: \"\"\"\"\"\r\n", "(NIL {5}\r\n\"\"\"\"\" NIL NIL NIL NIL NIL NIL NIL NIL)"),
        ("Subject: żó\r\n", "(NIL {4}\r\nżó NIL NIL NIL NIL NIL NIL NIL NIL)"),
        ("Subject: a\r\n\tb\r\n  c\r\n", #"(NIL "a b c" NIL NIL NIL NIL NIL NIL NIL NIL)"#),
        ("Subject: a\0b\r\n", #"(NIL "ab" NIL NIL NIL NIL NIL NIL NIL NIL)"#),
        ("Subject:\r\n", #"(NIL "" NIL NIL NIL NIL NIL NIL NIL NIL)"#),
        ("To: nobody\r\n", #"(NIL NIL NIL NIL NIL ((NIL NIL "nobody" "MISSING_DOMAIN")) NIL NIL NIL NIL)"#),
    ]

    @Test(arguments: rows) func `a header section gives its envelope`(header: String, envelope: String) {
        #expect(text(IMAPEnvelope.render(HeaderSection(octets(header + "\r\n")))) == envelope)
    }

    @Test func `another subject can stand in it`() {
        let header = HeaderSection(octets("Subject: hello\r\n\r\n"))
        #expect(text(IMAPEnvelope.render(header, subject: octets("[#7] hello"))).hasPrefix(#"(NIL "[#7] hello" NIL"#))
    }
}

@Suite struct BodyStructureTests {
    static let rows: [(message: String, body: String, extended: String)] = [
        (
            "Subject: s\r\n\r\na\r\nb\r\n", #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 2)"#,
            #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 2 NIL NIL NIL NIL)"#
        ),
        (
            "Content-Type: image/png; name=\"a.png\"\r\nContent-ID: <1@x>\r\nContent-Description: d\r\n"
                + "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.png\r\n"
                + "Content-Language: pl, en\r\nContent-Location: a b\r\nContent-MD5: Q2hlY2s=\r\n\r\nAAAA",
            #"("image" "png" ("name" "a.png") "<1@x>" "d" "base64" 4)"#,
            #"("image" "png" ("name" "a.png") "<1@x>" "d" "base64" 4 "Q2hlY2s=" ("attachment" ("filename" "a.png")) "#
                + #"("pl" "en") "ab")"#
        ),
        (
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x--\r\n",
            #"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0) "mixed")"#,
            #"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL) "mixed" ("boundary" "x") "#
                + "NIL NIL NIL)"
        ),
        (
            "Content-Type: multipart/mixed\r\n\r\n",
            #"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0) "mixed")"#,
            #"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL) "mixed" NIL NIL NIL NIL)"#
        ),
        (
            "Content-Type: MESSAGE/RFC822\r\n\r\nSubject: i\r\n\r\nb\r\n",
            #"("message" "rfc822" NIL NIL NIL "7bit" 17 (NIL "i" NIL NIL NIL NIL NIL NIL NIL NIL) "#
                + #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 1) 3)"#,
            #"("message" "rfc822" NIL NIL NIL "7bit" 17 (NIL "i" NIL NIL NIL NIL NIL NIL NIL NIL) "#
                + #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL)"#
        ),
    ]

    @Test(arguments: rows) func `a structure gives BODY and BODYSTRUCTURE`(
        message: String, body: String, extended: String
    ) {
        let structure = scan(message)
        #expect(text(BodyStructure.render(structure, extended: false)) == body)
        #expect(text(BodyStructure.render(structure, extended: true)) == extended)
        #expect(MIMEStructure(encoded: structure.encoded()) == structure)
    }

    @Test(.enabled(if: !Corpus.mails.isEmpty, Corpus.isMissing), arguments: Corpus.mails)
    func `what real mails give is well formed`(mail: Corpus.Mail) {
        var scanner = MIMEScanner()
        scanner.consume(mail.octets)
        let structure = scanner.finish()
        for output in [
            BodyStructure.render(structure, extended: true), BodyStructure.render(structure, extended: false),
            scanner.header.map { IMAPEnvelope.render($0) } ?? [],
        ] {
            #expect(Self.valueEnd(output, 0) == output.count)
        }
    }

    /// The end of one parenthesised value, string or NIL.
    static func valueEnd(_ output: [UInt8], _ start: Int) -> Int? {
        guard start < output.count else { return nil }
        switch output[start] {
        case UInt8(ascii: "("):
            var index = start + 1
            while index < output.count, output[index] != UInt8(ascii: ")") {
                if output[index] == .space { index += 1 }
                guard let next = valueEnd(output, index) else { return nil }
                index = next
            }
            return index + 1
        case .quote:
            var index = start + 1
            while index < output.count, output[index] != .quote {
                guard output[index] < 0x80, output[index] != .carriageReturn, output[index] != .lineFeed,
                    output[index] != 0
                else { return nil }
                index += output[index] == .backslash ? 2 : 1
            }
            return index + 1
        case UInt8(ascii: "{"):
            guard let close = output[start...].firstIndex(of: UInt8(ascii: "}")),
                let count = Int(text(output[start + 1..<close]))
            else { return nil }
            return close + 3 + count
        default:
            let end = output[start...].firstIndex { $0 == .space || $0 == UInt8(ascii: ")") } ?? output.count
            let word = text(output[start..<end])
            return word == "NIL" || Int(word) != nil ? end : nil
        }
    }
}
