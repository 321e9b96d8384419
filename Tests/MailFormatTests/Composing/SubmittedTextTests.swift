import Testing

@testable import MailFormat

/// Mails of several parts: what their forms say together, and how what leaves is written.
@Suite struct SubmittedTextTests {
    static let alternatives: [(name: String, plain: String, html: String, commands: [String], disagreement: String?, leaves: [String])] = [
        (
            "Thunderbird", "#take\n#tag refund\n\nHello *Jan*,\n\nOn 25.11.2026 21:37, Jan wrote:\n> Where?\n",
            "<body><p>#take<br>#tag refund</p><p>Hello <b>Jan</b>,</p><div class=\"moz-cite-prefix\">On 25.11.2026 21:37, Jan wrote:<br></div><blockquote type=\"cite\">Where?</blockquote></body>",
            ["#take", "#tag refund"], nil,
            [
                "Hello *Jan*,\n\nOn 25.11.2026 21:37, Jan wrote:\n> Where?\n",
                "<body><p>Hello <b>Jan</b>,</p><div class=\"moz-cite-prefix\">On 25.11.2026 21:37, Jan wrote:<br></div><blockquote type=\"cite\">Where?</blockquote></body>",
            ]
        ),
        (
            "Outlook, an address made a link and a line broken",
            "#forward ann@firm.example<mailto:ann@firm.example> with notes, and no\nreturn\n\nHello\n",
            "<div>#forward <a href=\"mailto:ann@firm.example\">ann@firm.example</a> with notes, and no return</div><div>Hello</div>",
            ["#forward ann@firm.example with notes, and no return"], nil, ["Hello\n", "<div>Hello</div>"]
        ),
        ("a stub for old programs", "This mail is HTML.\n", "<p>#close</p><p>Hello</p>", ["#close"], nil, ["This mail is HTML.\n", "<p>Hello</p>"]),
        ("a command in the plain text only", "#close\nHello\n", "<p>Hello</p>", [], "#close", []),
        ("one more in the plain text", "#close\n#tag x\nHello\n", "<p>#close</p><p>Hello</p>", ["#close"], "#tag x", []),
        ("one more in the HTML", "#close\nHello\n", "<p>#close</p><p>#tag x</p><p>Hello</p>", ["#close", "#tag x"], "#tag x", []),
        ("different commands", "#close\nHello\n", "<p>#done</p><p>Hello</p>", ["#done"], "#close", []),
        ("a command that stands elsewhere", "Hello\n\n#close\n", "<p>#close</p><p>Hello</p>", ["#close"], "#close", []),
        ("a command behind an announcement", "From: x\nTo: y\nSubject: z\n#close\n", "<p>#close</p>", ["#close"], "#close", []),
        ("a quoted command", "Hello\n> #close\n", "<p>Hello</p><blockquote type=cite>#close</blockquote>", [], nil,
            ["Hello\n> #close\n", "<p>Hello</p><blockquote type=cite>#close</blockquote>"]),
    ]

    @Test(arguments: alternatives) func `commands are the same in all forms of a text`(
        row: (name: String, plain: String, html: String, commands: [String], disagreement: String?, leaves: [String])
    ) throws {
        let mail = SubmittedMail.alternative(row.plain, row.html)
        let text = try mail.read()
        #expect(text.commands.map(\.text) == row.commands)
        #expect(text.disagreement == row.disagreement)
        guard row.disagreement == nil else { return }
        // The line end before a boundary is the boundary's.
        #expect(try mail.changed().texts == row.leaves)
        #expect(try mail.changed().outline == mail.outline)
    }

    @Test func `the own text is the plain one where there is one`() throws {
        let mail = SubmittedMail.alternative("#note\n* one\n* two\n\n-- \nAgent\n", "<p>#note</p><ul><li>one<li>two</ul>")
        #expect(try mail.read().ownText == "* one\n* two")
        #expect(try SubmittedMail.html("<p>one</p><p>two<br>three</p>").read().ownText == "one\ntwo\nthree")
    }

    // MARK: Fields and templates

    @Test func `fields are filled in within the agent's text only, and escaped in HTML`() throws {
        let mail = SubmittedMail.alternative(
            "#take\nDear ${name}, $${x}\n\n> ${name}\n-- \n${name}\n",
            "<p>#take</p><p>Dear $<b>{na</b>me}, $${x}</p><blockquote type=cite>${name}</blockquote><div class=moz-signature>&#36;{name}</div>")
        #expect(
            try mail.changed(TextChangesTests.fields).texts == [
                "Dear <Jan> & Co, ${x}\n\n> ${name}\n-- \n<Jan> & Co\n",
                "<p>Dear &lt;Jan&gt; &amp; Co<b></b>, ${x}</p><blockquote type=cite>${name}</blockquote><div class=moz-signature>&lt;Jan&gt; &amp; Co</div>",
            ])
        #expect(try mail.read().fieldLines == ["Dear ${name}, $${x}", "${name}", "Dear ${name}, $${x}", "${name}"])
    }

    static let opening = TextChanges(
        opening: .init(text: "Dear customer,\n\n<we> take it back & pay."), signature: .init(.init(text: "Agent One")))

    static let openings: [(text: String, html: String, plainLeaves: String, htmlLeaves: String)] = [
        (
            "#template returns\n\nBest\n\n> x\n", "<div>#template returns</div><div>Best</div><blockquote type=cite>x</blockquote>",
            "Dear customer,\n\n<we> take it back & pay.\n\nBest\n\nAgent One\n\n> x\n",
            "<div>Dear customer,<br>\n<br>\n&lt;we&gt; take it back &amp; pay.</div>\n<div>Best</div><div style=\"margin-top: 1em\">Agent One</div>\n<blockquote type=cite>x</blockquote>"
        ),
        (
            "#template returns\n> x\n", "<p>#template returns</p><blockquote type=cite>x</blockquote>",
            "Dear customer,\n\n<we> take it back & pay.\n\n\nAgent One\n\n> x\n",
            "<div>Dear customer,<br>\n<br>\n&lt;we&gt; take it back &amp; pay.</div>\n<div style=\"margin-top: 1em\">Agent One</div>\n<blockquote type=cite>x</blockquote>"
        ),
        (
            "#take\n#template returns\nBest\n", "<body><p>#take<br>#template returns<br>Best</p></body>",
            "Dear customer,\n\n<we> take it back & pay.\n\nBest\n\nAgent One\n",
            "<body><div>Dear customer,<br>\n<br>\n&lt;we&gt; take it back &amp; pay.</div>\n<p>Best</p><div style=\"margin-top: 1em\">Agent One</div>\n</body>"
        ),
    ]

    @Test(arguments: openings) func `a template stands where the commands stood`(
        row: (text: String, html: String, plainLeaves: String, htmlLeaves: String)
    ) throws {
        #expect(try SubmittedMail.plain(row.text).changed(Self.opening).text == row.plainLeaves)
        let leaves = try SubmittedMail.html(row.html).changed(Self.opening).text
        #expect(leaves == row.htmlLeaves)
    }

    @Test func `a long template flows on where text flows`() throws {
        let words = Array(repeating: "word", count: 40).joined(separator: " ")
        let changes = TextChanges(opening: .init(text: words))
        for parameters in ["format=flowed", "format=flowed; delsp=yes", "charset=utf-8"] {
            let changed = try SubmittedMail.plain("#template x\nBye\n", parameters: parameters).changed(changes)
            #expect(changed.text.split(separator: "\n").allSatisfy { $0.count <= 78 })
            let isFlowed = parameters.contains("flowed")
            let own = try changed.read().ownText
            #expect(isFlowed ? own == words + "\n\nBye" : own.split(whereSeparator: \.isWhitespace).count == 41)
        }
    }

    // MARK: Charsets and transfer encodings

    static let encodings: [(type: String, encoding: String, body: [UInt8], text: String, typeAfter: String, encodingAfter: String)] = [
        ("text/plain; charset=utf-8", "quoted-printable", octets("#close\r\nZa=C5=BC=\r\n=C3=B3=C5=82=C4=87 =3D\r\n"), "Zażółć =\n", "text/plain; charset=utf-8", "quoted-printable"),
        ("text/plain; charset=utf-8", "base64", octets("I2Nsb3NlDQpaYcW8w7PFgsSHDQo="), "Zażółć\n", "text/plain; charset=utf-8", "base64"),
        ("text/plain; charset=iso-8859-2", "8bit", octets("#close\r\nZa") + [0xBF, 0xF3, 0xB3, 0xE6, 0x0D, 0x0A], "Zażółć\n", "text/plain; charset=iso-8859-2", "8bit"),
        ("text/plain; charset=windows-1250; format=flowed", "quoted-printable", octets("#close\r\nZa=BF\r\n"), "Zaż\n", "text/plain; charset=windows-1250; format=flowed", "quoted-printable"),
        ("text/html; charset=iso-8859-2", "8bit", octets("<p>#close</p><p>Za") + [0xBF] + octets("</p>"), "<p>Zaż</p>", "text/html; charset=iso-8859-2", "8bit"),
        ("text/plain", "7bit", octets("#close\r\nHello\r\n"), "Hello\n", "text/plain", "7bit"),
        // What nobody declared was read by a guess, and is written so that nobody need guess.
        ("text/plain", "8bit", octets("#close\r\nza") + [0xBF, 0xF3, 0xB3, 0xE6] + octets(" ja\r\n"), "zażółć ja\n", "text/plain; charset=utf-8", "8bit"),
    ]

    @Test(arguments: encodings) func `charset and encoding stay what they were where they can`(
        row: (type: String, encoding: String, body: [UInt8], text: String, typeAfter: String, encodingAfter: String)
    ) throws {
        let mail = SubmittedMail(
            octets: octets("Subject: x\r\nContent-Type: \(row.type)\r\nContent-Transfer-Encoding: \(row.encoding)\r\n\r\n") + row.body)
        let changed = try mail.changed()
        #expect(changed.text == row.text)
        #expect(changed.header.unfolded("Content-Type").map { text($0) } == row.typeAfter)
        #expect(changed.header.unfolded("Content-Transfer-Encoding").map { text($0) } == row.encodingAfter)
        #expect(changed.header.text("Subject") == "x")
    }

    private static let words = String(repeating: "on its way, ", count: 30) + "soon"

    static let growing: [(type: String, body: String, type2: String, encoding2: String?, text: String)] = [
        ("text/plain; charset=us-ascii; format=flowed", words + "\r\n", "text/plain; charset=utf-8; format=flowed", "quoted-printable", words + "\n\nZażółć gęślą jaźń\n"),
        ("text/plain; charset=iso-8859-1", words + "\r\n", "text/plain; charset=utf-8", "quoted-printable", words + "\n\nZażółć gęślą jaźń\n"),
        ("text/plain; charset=iso-8859-2", words + "\r\n", "text/plain; charset=iso-8859-2", "quoted-printable", words + "\n\nZażółć gęślą jaźń\n"),
        ("text/plain; charset=utf-8", words + "\r\n", "text/plain; charset=utf-8", "quoted-printable", words + "\n\nZażółć gęślą jaźń\n"),
        ("text/html; charset=us-ascii", "<p>Hello</p>\r\n", "text/html; charset=us-ascii", nil,
            "<p>Hello</p><div style=\"margin-top: 1em\">Za&#380;&#243;&#322;&#263; g&#281;&#347;l&#261; ja&#378;&#324;</div>\n\n"),
    ]

    @Test(arguments: growing) func `what does not fit a charset is written in one that it fits`(
        row: (type: String, body: String, type2: String, encoding2: String?, text: String)
    ) throws {
        let mail = SubmittedMail(octets: octets("MIME-Version: 1.0\r\nContent-Type: \(row.type)\r\n\r\n\(row.body)"))
        let changed = try mail.changed(TextChanges(signature: .init(.init(text: "Zażółć gęślą jaźń"))))
        #expect(changed.text == row.text)
        #expect(changed.header.unfolded("Content-Type").map { text($0) } == row.type2)
        #expect(changed.header.unfolded("Content-Transfer-Encoding").map { text($0) } == row.encoding2)
    }

    @Test func `a line that would end the part is encoded`() throws {
        let mail = SubmittedMail.alternative("#template x\nHello", "<p>#template x</p><p>Hello</p>")
        let changed = try mail.changed(TextChanges(opening: .init(text: "--b1--\n--b1", html: "<br>\r\n--b1\r\n")))
        #expect(changed.outline == "multipart/alternative [text/plain, text/html]")
        #expect(changed.texts == ["--b1--\n--b1\n\nHello", "<div><br>\n--b1\n</div>\n<p>Hello</p>"])
    }

    @Test func `a line too long for mail is encoded`() throws {
        let changed = try SubmittedMail.plain("#template x\nHello\n").changed(TextChanges(opening: .init(text: String(repeating: "x", count: 2000))))
        #expect(changed.body.split(separator: 0x0A).allSatisfy { $0.count < 998 })
        #expect(changed.text == String(repeating: "x", count: 2000) + "\n\nHello\n")
    }

    // MARK: Pictures

    static let picture = TextChanges.Picture(
        contentID: "sig1@acme.example", mediaType: MediaType(type: octets("image"), subtype: octets("jpeg")), name: "logo.jpg",
        octets: [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3])
    static let pictured = TextChanges(signature: .init(.init(text: "Agent One"), picture: picture))
    static let htmlSignature = "<div style=\"margin-top: 1em\">Agent One<br><img src=\"cid:sig1@acme.example\" alt=\"logo.jpg\"></div>\n"

    static func pictureOctets(_ mail: SubmittedMail) -> [UInt8]? {
        var parts = [mail.structure.root]
        while let part = parts.popLast() {
            parts += part.children
            guard part.contentID.map({ text($0) }) == "<sig1@acme.example>" else { continue }
            var decoder = TransferDecoder(part)
            var result: [UInt8] = []
            Array(mail.body[part.bodyOffset..<part.end]).withUnsafeBytes { decoder.decode($0, into: &result) }
            decoder.finish(into: &result)
            return result
        }
        return nil
    }

    @Test func `a picture makes HTML a related part`() throws {
        let single = try SubmittedMail.html("<p>Hello</p>").changed(Self.pictured)
        #expect(single.outline == "multipart/related [text/html, image/jpeg]")
        #expect(single.header.unfolded("Content-Transfer-Encoding") == nil)
        #expect(single.header.count(of: "MIME-Version") == 1)
        #expect(single.texts == ["<p>Hello</p>" + Self.htmlSignature])
        #expect(Self.pictureOctets(single) == Self.picture.octets)

        let both = try SubmittedMail.alternative("Hello", "<p>Hello</p>").changed(Self.pictured)
        #expect(both.outline == "multipart/alternative [text/plain, multipart/related [text/html, image/jpeg]]")
        #expect(both.texts == ["Hello\n\nAgent One\n", "<p>Hello</p>" + Self.htmlSignature])
        #expect(Self.pictureOctets(both) == Self.picture.octets)
        #expect(try both.changed(Self.pictured).octets == both.octets)

        let plain = try SubmittedMail.plain("Hello\n").changed(Self.pictured)
        #expect(plain.outline == "multipart/mixed [text/plain, image/jpeg]")
        #expect(plain.texts == ["Hello\n\nAgent One\n"])
        #expect(Self.pictureOctets(plain) == Self.picture.octets)
        #expect(plain.header.count(of: "MIME-Version") == 1)
        #expect(try plain.changed(Self.pictured).octets == plain.octets)
    }

    @Test func `a picture comes to those that are there already`() throws {
        let html = "Content-Type: text/html\n\n<p>Hello <img src=\"cid:1@x\"></p>"
        let image = "Content-Type: image/png\nContent-ID: <1@x>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo="
        let related = "Content-Type: multipart/related; boundary=r\n\n--r\n\(html)\n--r\n\(image)\n--r--\n"
        let mails = [
            (SubmittedMail("\(SubmittedMail.fields)\(related)"), "multipart/related [text/html, image/png, image/jpeg]"),
            (
                SubmittedMail(
                    "\(SubmittedMail.fields)Content-Type: multipart/alternative; boundary=a\n\n--a\n\nHello\n--a\n\(related)\n--a--\n"),
                "multipart/alternative [text/plain, multipart/related [text/html, image/png, image/jpeg]]"
            ),
            (
                SubmittedMail(
                    "\(SubmittedMail.fields)Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: multipart/alternative; boundary=a\n\n--a\n\nHello\n--a\n\(html)\n--a--\n\n--r\n\(image)\n--r--\n"
                ),
                "multipart/related [multipart/alternative [text/plain, text/html], image/png, image/jpeg]"
            ),
        ]
        for (mail, outline) in mails {
            let changed = try mail.changed(Self.pictured)
            #expect(changed.outline == outline)
            #expect(Self.pictureOctets(changed) == Self.picture.octets)
            #expect(changed.texts.last == "<p>Hello <img src=\"cid:1@x\"></p>" + Self.htmlSignature)
        }
    }

    @Test func `a picture alone is put once`() throws {
        let changes = TextChanges(signature: .init(.init(text: ""), picture: Self.picture))
        let once = try SubmittedMail.html("<p>Hello</p>").changed(changes)
        #expect(once.text == "<p>Hello</p><div style=\"margin-top: 1em\"><img src=\"cid:sig1@acme.example\" alt=\"logo.jpg\"></div>\n")
        #expect(try once.changed(changes).octets == once.octets)
        #expect(try SubmittedMail.plain("Hello\n").changed(changes).text == "Hello\n")
    }

    // MARK: What is left alone

    @Test func `attachments are no text`() throws {
        let mail = SubmittedMail(
            """
            \(SubmittedMail.fields)Content-Type: multipart/mixed; boundary=m

            --m
            Content-Type: text/plain

            #close
            Hello
            --m
            Content-Type: text/plain
            Content-Disposition: attachment; filename=notes.txt

            #tag x
            --m
            Content-Type: text/plain; name=more.txt

            #tag y
            --m
            Content-Type: message/rfc822

            Subject: inner

            #tag z
            --m
            Content-Type: text/plain

            #not on top, since text stands above
            Bye
            --m--

            """)
        #expect(try mail.read().commands.map(\.text) == ["#close"])
        let changed = try mail.changed(PlainReplyTests.signature)
        #expect(changed.texts == ["Hello", "#not on top, since text stands above\nBye\n\nAgent One\n"])
        #expect(text(changed.octets).contains("#tag x\r\n--m\r\nContent-Type: text/plain; name=more.txt\r\n\r\n#tag y\r\n--m"))
    }

    static let sealed = [
        "Content-Type: multipart/signed; boundary=s; protocol=\"application/pgp-signature\"\n\n--s\nContent-Type: text/plain\n\n#close\nHello\n--s\nContent-Type: application/pgp-signature\n\nx\n--s--\n",
        "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/signed; boundary=s; protocol=\"application/pkcs7-signature\"\n\n--s\n\n#close\nHello\n--s\nContent-Type: application/pkcs7-signature\n\nx\n--s--\n\n--m--\n",
        "Content-Type: text/plain\n\n#close\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nHello\n-----BEGIN PGP SIGNATURE-----\n",
        "Content-Type: text/plain\n\n#close\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n",
    ]

    @Test(arguments: sealed) func `a signed mail shows its commands and is not changed`(message: String) throws {
        let mail = SubmittedMail(SubmittedMail.fields + message)
        let text = try mail.read()
        #expect(text.isSealed)
        #expect(text.commands.map(\.text) == ["#close"])
        #expect(throws: ComposingFailure.sealed) { try text.plan(TextChanges(), entropy: []) }
    }

    static let closed = [
        "Content-Type: multipart/encrypted; boundary=s; protocol=\"application/pgp-encrypted\"\n\n--s\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--s\nContent-Type: application/octet-stream\n\nx\n--s--\n",
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIAG\n",
        "Content-Type: application/x-pkcs7-mime; name=smime.p7m\n\nMIAG\n",
    ]

    @Test(arguments: closed) func `an encrypted mail leaves untouched`(message: String) throws {
        let mail = SubmittedMail(SubmittedMail.fields + message)
        #expect(try mail.read().isSealed)
        #expect(try mail.changed(PlainReplyTests.signature).octets == mail.octets)
    }

    @Test func `quoted armour seals nothing`() throws {
        #expect(try !SubmittedMail.plain("Hello\n> -----BEGIN PGP MESSAGE-----\n").read().isSealed)
    }

    @Test func `a form of text that is not understood is told`() throws {
        let mail = SubmittedMail(
            "Content-Type: multipart/alternative; boundary=a\n\n--a\n\nHello\n--a\nContent-Type: text/enriched\n\n#close\n--a--\n")
        #expect(try mail.read().hasOtherText)
        #expect(try !SubmittedMail.alternative("a", "b").read().hasOtherText)
    }

    @Test func `limits are kept`() throws {
        var limits = SubmittedText.Limits()
        (limits.octets, limits.lines, limits.tokens, limits.parts) = (100, 5, 9, 1)
        func fails(_ mail: SubmittedMail) -> SubmittedText.Obstacle? {
            do {
                _ = try mail.read(limits: limits)
                return nil
            } catch {
                return error as? SubmittedText.Obstacle
            }
        }
        #expect(fails(.plain(String(repeating: "x", count: 100))) == nil)
        #expect(fails(.plain(String(repeating: "x", count: 101))) == .tooLong(100))
        #expect(fails(.plain("1\n2\n3\n4\n5\n")) == nil)
        #expect(fails(.plain("1\n2\n3\n4\n5\n6")) == .tooManifold)
        #expect(fails(.html("<p>1<p>2<p>3<p>4<p>")) == nil)
        #expect(fails(.html("<p>1<p>2<p>3<p>4<p>5")) == .tooManifold)
        #expect(fails(.html("1<br>2<br>3<br>4")) == nil)
        #expect(fails(.alternative("a", "b")) == .tooManifold)
        #expect(throws: SubmittedText.Obstacle.tooManifold) { try SubmittedMail.html(String(repeating: "<div>", count: 501)).read() }
    }
}

enum TextChangesTests {
    /// `${name}` is a customer, `$${` a literal.
    static let fields = TextChanges { fields(in: $0) }

    static func fields(in line: String) -> [TextChanges.Replacement] {
        let octets = Array(line.utf8)
        var found: [TextChanges.Replacement] = []
        for place in octets.indices {
            if octets[place...].starts(with: "$${".utf8) { found.append(.init(range: place..<place + 3, text: "${")) }
            if octets[place...].starts(with: "${name}".utf8) { found.append(.init(range: place..<place + 7, text: "<Jan> & Co")) }
        }
        return found
    }
}
