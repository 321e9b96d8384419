import MailTypes
import Testing

@testable import MailFormat

@Suite struct HeaderSectionTests {
    static let shapes: [(message: String, names: [String], bodyStart: Int)] = [
        ("A: 1\r\nB: 2\r\n\r\nbody", ["A", "B"], 14),
        ("A: 1\nB: 2\n\nbody", ["A", "B"], 11),
        ("A: 1\r\n folded\r\n\tmore\r\nB:2\r\n\r\n", ["A", "B"], 29),
        ("\r\nbody at once", [], 2),
        ("\nbody at once", [], 1),
        ("", [], 0),
        ("A: no line end", ["A"], 14),
        ("A: headers only\r\n", ["A"], 17),
        ("From me@example.org Sat Jan  3 01:05:34 1996\r\nA: 1\r\n\r\n", ["", "A"], 54),
        ("A: 1\r\nno colon here\r\nB: 2\r\n\r\n", ["A", "", "B"], 29),
        (" starts with space\r\nA: 1\r\n\r\n", ["", "A"], 28),
        ("A : 1\r\n\r\n", ["A"], 9),
        (": no name\r\n\r\n", [""], 13),
        ("two words: 1\r\n\r\n", [""], 16),
        ("A: 1\r\n \r\nB: 2\r\n\r\n", ["A", "B"], 17),
        ("A\r\n: 1\r\n\r\n", ["", ""], 10),
        ("\r", [""], 1),
        ("A:\r\n\r\n", ["A"], 6),
    ]

    @Test(arguments: shapes) func `fields are found up to the first empty line`(
        message: String, names: [String], bodyStart: Int
    ) {
        let header = HeaderSection(octets(message))
        #expect(header.fields.map { header.name(of: $0) } == names)
        #expect(header.bodyStart == bodyStart)
        #expect(
            header.fields.flatMap { header.octets[$0.range] } + header.octets[header.fieldsEnd...] == octets(message))
    }

    @Test func `a name is found in any case and nowhere within another`() {
        let header = HeaderSection(octets("X-Subject: no\r\nSUBJECT: yes\r\nsubject: second\r\n\r\n"))
        #expect(header.text("Subject") == "yes")
        #expect(header.count(of: "subject") == 2)
        #expect(header.all("Subject").map { header.text($0) } == ["yes", "second"])
        #expect(header.first("Subj") == nil)
    }

    @Test func `unfolding takes line ends out and nothing else`() {
        let header = HeaderSection(octets("Subject:  one\r\n  two\r\n\tthree \r\n\r\n"))
        #expect(header.unfolded("Subject").map { text($0) } == "one  two\tthree")
    }

    @Test func `fields beyond the limit keep their octets but are not looked into`() {
        let long = "X-Long: " + String(repeating: "x", count: HeaderSection.parsedLimit) + "\r\n"
        let message = octets("A: 1\r\n" + long + "B: 2\r\n\r\nbody")
        let header = HeaderSection(message)
        #expect(header.fields.count == 1)
        #expect(header.first("B") == nil)
        #expect(header.bodyStart == message.count - 4)
        #expect(header.fieldsNot(named: []).elementsEqual(message[..<header.bodyStart]))
    }

    @Test func `HEADER.FIELDS gives whole fields and an empty line`() {
        let header = HeaderSection(octets("A: 1\r\nB: 2\r\n more\r\nC: 3\r\nbroken\r\n\r\nbody"))
        #expect(text(header.fields(named: ["b", "c"])) == "B: 2\r\n more\r\nC: 3\r\n\r\n")
        #expect(text(header.fieldsNot(named: ["B"])) == "A: 1\r\nC: 3\r\nbroken\r\n\r\n")
        #expect(text(header.fields(named: ["none"])) == "\r\n")
        #expect(text(HeaderSection(octets("A: cut")).fields(named: ["A"])) == "A: cut\r\n\r\n")
        // A message of nothing but fields gives no empty line that it does not have (RFC 9051 §6.4.5.1).
        #expect(text(HeaderSection(octets("A: 1\r\nB: 2\r\n")).fieldsNot(named: ["A"])) == "B: 2\r\n")
    }

    @Test func `identifiers are read through comments, commas and missing brackets`() {
        let header = HeaderSection(
            octets(
                "Message-ID: <a@b>\r\nReferences: <1@x> <2@x>,\r\n <3 @x> junk <> <un\r\n"
                    + "In-Reply-To: Your message of Monday <9@x>\r\n\r\n"))
        #expect(header.messageID?.text == "a@b")
        #expect(header.references.map(\.text) == ["1@x", "2@x", "3@x"])
        #expect(header.inReplyTo.map(\.text) == ["9@x"])
        #expect(HeaderSection(octets("Message-ID: bare@host\r\n\r\n")).messageID?.text == "bare@host")
        #expect(HeaderSection(octets("Message-ID:\r\n\r\n")).messageID == nil)
        #expect(HeaderSection(octets("In-Reply-To: words only\r\n\r\n")).inReplyTo.isEmpty)
    }

    @Test func `raw octets are UTF-8, else what the message declares, else windows-1252`() {
        #expect(HeaderSection(octets("Subject: żółw\r\n\r\n")).text("Subject") == "żółw")
        let windows1250 =
            octets("Content-Type: text/plain; charset=windows-1250\r\nSubject: ") + [0xBF, 0xF3, 0xB3, 0x77]
        #expect(HeaderSection(windows1250 + octets("\r\n\r\n")).text("Subject") == "żółw")
        #expect(HeaderSection(octets("Subject: caf") + [0xE9, 0x80] + octets("\r\n\r\n")).text("Subject") == "café€")
    }
}

@Suite struct MailTraitsTests {
    static let rows: [(header: String, traits: MailTraits, isAutomatic: Bool)] = [
        ("Subject: hello", [], false),
        ("Auto-Submitted: auto-replied", .autoSubmitted, true),
        ("auto-submitted: No", [], false),
        ("Auto-Submitted: auto-generated; x=1", .autoSubmitted, true),
        ("Precedence: bulk", .bulkPrecedence, true),
        ("Precedence: first-class", [], false),
        ("List-Id: <a.example.org>", .list, false),
        ("X-Auto-Response-Suppress: All", .suppressesAutoResponse, false),
        ("X-Auto-Response-Suppress: None", [], false),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=x", .deliveryStatus, true),
        ("Content-Type: multipart/report; report-type=\"disposition-notification\"", .dispositionNotification, true),
        ("Content-Type: multipart/report; report-type=feedback-report", [], false),
        ("X-Autoreply: yes", .oldAutoReply, true),
        ("Content-Type: multipart/signed; protocol=x", .signedOrEncrypted, false),
    ]

    @Test(arguments: rows) func `a header section says what kind of mail it is`(
        header: String, traits: MailTraits, isAutomatic: Bool
    ) {
        let found = MailTraits(HeaderSection(octets(header + "\r\n\r\n")))
        #expect(found == traits)
        #expect(found.isAutomatic == isAutomatic)
    }
}
