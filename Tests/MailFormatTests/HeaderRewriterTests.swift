import MailTypes
import Testing

@testable import MailFormat

@Suite struct HeaderRewriterTests {
    static func rewritten(_ header: String, root: String? = nil, added: String = "") -> String {
        let rewriter = HeaderRewriter(
            added: octets(added), stamp: .init(prefix: "", number: 1042), pattern: StampPattern("[{prefix}#{number}]"),
            root: root.flatMap { MessageID($0) })
        return text(rewriter.rewrite(HeaderSection(octets(header))))
    }

    static let subjects: [(received: String, served: String)] = [
        ("Subject: parcel", "Subject: [#1042] parcel"),
        ("subject:parcel", "subject: [#1042] parcel"),
        ("SUBJECT :\tparcel", "SUBJECT :\t[#1042] parcel"),
        ("Subject: Re: parcel", "Subject: Re: [#1042] parcel"),
        ("Subject: Re:parcel", "Subject: Re: [#1042] parcel"),
        ("Subject: RE: Odp: Fwd:  parcel", "Subject: RE: Odp: Fwd:  [#1042] parcel"),
        ("Subject: Re[2]: AW: WG: Sv: RES: PD: parcel", "Subject: Re[2]: AW: WG: Sv: RES: PD: [#1042] parcel"),
        ("Subject: Re(3): Re^4: Re : parcel", "Subject: Re(3): Re^4: Re : [#1042] parcel"),
        ("Subject: Report: parcel", "Subject: [#1042] Report: parcel"),
        ("Subject: Re", "Subject: [#1042] Re"),
        ("Subject: Re[x]: parcel", "Subject: [#1042] Re[x]: parcel"),
        ("Subject: =?utf-8?Q?Re:_paczka?=", "Subject: [#1042] =?utf-8?Q?Re:_paczka?="),
        ("Subject: Re: =?utf-8?Q?paczka?=", "Subject: Re: [#1042] =?utf-8?Q?paczka?="),
        ("Subject:", "Subject: [#1042]"),
        ("Subject: ", "Subject: [#1042]"),
        ("Subject: Re:", "Subject: Re: [#1042]"),
        ("Subject: Re: ", "Subject: Re: [#1042]"),
        ("Subject: Re:\r\n parcel", "Subject: Re:\r\n [#1042] parcel"),
        ("Subject:\r\n parcel", "Subject:\r\n [#1042] parcel"),
        ("Subject: parcel\r\n of yesterday", "Subject: [#1042] parcel\r\n of yesterday"),
        ("Subject: [#1042] parcel", "Subject: [#1042] parcel"),
        ("Subject: Re: [REK#1042] parcel", "Subject: Re: [REK#1042] parcel"),
        ("Subject: =?utf-8?Q?=5B=231042=5D?= parcel", "Subject: =?utf-8?Q?=5B=231042=5D?= parcel"),
        ("Subject: [#1041] parcel", "Subject: [#1042] [#1041] parcel"),
        ("Subject: [#10422] parcel", "Subject: [#1042] [#10422] parcel"),
        ("Subject: a\r\nSubject: b", "Subject: [#1042] a\r\nSubject: b"),
        (
            "Subject: \(String(repeating: "x", count: 69))", "Subject: [#1042]\r\n \(String(repeating: "x", count: 69))"
        ),
        ("Subject: \(String(repeating: "x", count: 61))", "Subject: [#1042] \(String(repeating: "x", count: 61))"),
        (
            "Subject: \(String(repeating: "x", count: 2000))",
            "Subject: [#1042]\r\n \(String(repeating: "x", count: 2000))"
        ),
    ]

    @Test(arguments: subjects) func `the stamp stands once, after the prefixes, and nothing else changes`(
        received: String, served: String
    ) {
        #expect(Self.rewritten("A: 1\r\n\(received)\r\nB: 2\r\n\r\n") == "A: 1\r\n\(served)\r\nB: 2\r\n\r\n")
        #expect(Self.rewritten("\(served)\r\n\r\n") == "\(served)\r\n\r\n")
    }

    @Test func `a missing subject is added on top`() {
        #expect(Self.rewritten("A: 1\r\n\r\n") == "Subject: [#1042]\r\nA: 1\r\n\r\n")
        #expect(Self.rewritten("\r\n") == "Subject: [#1042]\r\n\r\n")
        #expect(Self.rewritten("A: cut off", added: "T: 0\r\n") == "T: 0\r\nSubject: [#1042]\r\nA: cut off")
    }

    @Test func `octets of any charset stay as they are`() {
        let header = octets("Subject: Re: ") + [0xBF, 0xF3, 0x00, 0xFF, 0x0D] + octets(" x\r\n\r\n")
        let rewriter = HeaderRewriter(
            stamp: .init(prefix: "A", number: 7), pattern: StampPattern("[{prefix}#{number}]"))
        #expect(
            rewriter.rewrite(HeaderSection(header))
                == octets("Subject: Re: [A#7] ") + [0xBF, 0xF3, 0x00, 0xFF, 0x0D] + octets(" x\r\n\r\n"))
    }

    @Test func `fields that only Stempel may write are removed with their folded lines`() {
        let header =
            "Return-Path: <evil@x>\r\nX-STEMPEL-Case: 1\r\n folded\r\nX-Stempelx: stays\r\nSubject: [#1042]\r\n\r\n"
        #expect(Self.rewritten(header, added: "T: 0\r\n") == "T: 0\r\nX-Stempelx: stays\r\nSubject: [#1042]\r\n\r\n")
        var rewriter = HeaderRewriter(removedNames: ["Authentication-Results"])
        #expect(
            text(rewriter.rewrite(HeaderSection(octets("authentication-results: x\r\nA: 1\r\n\r\n")))) == "A: 1\r\n\r\n"
        )
        rewriter.removedNames = []
        #expect(text(rewriter.rewrite(HeaderSection(octets("A: 1\r\nbroken\r\n\r\nbody")))) == "A: 1\r\nbroken\r\n\r\n")
    }

    static let references: [(received: String, served: String)] = [
        ("", "References: <root@d>\r\n"),
        ("In-Reply-To: <p@x>\r\n", "References: <root@d>\r\n <p@x>\r\nIn-Reply-To: <p@x>\r\n"),
        ("In-Reply-To: <root@d>\r\n", "References: <root@d>\r\nIn-Reply-To: <root@d>\r\n"),
        ("References: <a@x> <b@x>\r\n", "References: <root@d>\r\n <a@x> <b@x>\r\n"),
        ("References:\r\n <a@x>\r\n\t<b@x>\r\n", "References: <root@d>\r\n <a@x>\r\n\t<b@x>\r\n"),
        ("References:<a@x>\r\n", "References: <root@d>\r\n <a@x>\r\n"),
        ("References: <root@d> <a@x>\r\n", "References: <root@d> <a@x>\r\n"),
        ("References: <a@x> <root@d> <b@x>\r\n", "References: <root@d>\r\n <a@x> <b@x>\r\n"),
        ("References: <a@x>\r\n <root@d>\r\n", "References: <root@d>\r\n <a@x>\r\n"),
        ("References: <a@x> <root@d>\r\n <root@d>\r\n <c@x>\r\n", "References: <root@d>\r\n <a@x>\r\n <c@x>\r\n"),
        ("References:\r\n", "References: <root@d>\r\n"),
        ("References: junk\r\n", "References: <root@d>\r\n junk\r\n"),
        ("references: <a@x>\r\nReferences: <b@x>\r\n", "references: <root@d>\r\n <a@x>\r\nReferences: <b@x>\r\n"),
    ]

    @Test(arguments: references) func `References begins with the root of the case`(received: String, served: String) {
        let stamped = "Subject: [#1042]\r\n"
        // An added field stands on top, a changed one in its place.
        let isAdded = !received.lowercased().contains("references")
        let expected = isAdded ? "References" + served.dropFirst("References".count) : served
        let result = Self.rewritten(stamped + received + "\r\n", root: "root@d")
        if isAdded {
            #expect(
                result == expected.replacingFirst(received, with: stamped + received)
                    + (received.isEmpty ? stamped : "") + "\r\n")
        } else {
            #expect(result == stamped + expected + "\r\n")
        }
        #expect(HeaderSection(octets(result)).references.first?.text == "root@d")
    }

    @Test(arguments: [" x: y\r\n\r\n", "\t\0", " \r\nSubject: a\r\nReferences: <a@b>\r\n\r\n"])
    func `a first line that begins with white space becomes no part of our fields`(received: String) throws {
        let served = HeaderSection(octets(Self.rewritten(received, root: "root@d", added: "X-Ours: 1\r\n")))
        #expect(served.text("X-Ours") == "1")
        #expect(served.references.first?.text == "root@d" && served.text("Subject")?.contains("[#1042]") == true)
        #expect(text(served.octets).contains("\r\nX-Malformed:" + received.prefix(2)))
        #expect(Self.rewritten(text(served.octets), root: "root@d") == text(served.octets))
    }

    @Test(.enabled(if: !Corpus.mails.isEmpty, Corpus.isMissing), arguments: Corpus.mails)
    func `rewriting a real header section changes Subject and References only, and no body octet`(mail: Corpus.Mail)
        throws
    {
        let header = HeaderSection(mail.octets)
        let root = try #require(MessageID("ticket-1042.token@desk.example"))
        let rewriter = HeaderRewriter(
            added: octets("Received: here\r\n"), stamp: .init(prefix: "REK", number: 1042),
            pattern: StampPattern("[{prefix}#{number}]"), root: root)
        let served = HeaderSection(rewriter.rewrite(header))
        #expect(served.bodyStart == served.octets.count)
        #expect(served.hasEmptyLine == header.hasEmptyLine)
        #expect(served.text("Subject")?.contains("[REK#1042]") == true)
        #expect(served.references.first == root)
        #expect(Self.others(served, header).elementsEqual(Self.others(header, header)))
        #expect(served.references.filter { $0 != root }.starts(with: header.references))
        // The stamp once, the root once.
        #expect(
            HeaderRewriter(stamp: rewriter.stamp, pattern: rewriter.pattern, root: root).rewrite(served)
                == served.octets)
        // The subject without the stamp is what was received.
        if let subject = header.first("Subject"), let stamped = served.first("Subject") {
            let without = text(served.unfolded(stamped)).replacingFirst("[REK#1042]", with: "").filter { $0 != " " }
            #expect(without == text(header.unfolded(subject)).filter { $0 != " " })
        }
    }

    /// The raw fields that rewriting must not touch.
    static func others(_ header: HeaderSection, _ received: HeaderSection) -> [UInt8] {
        var result: [UInt8] = []
        var wasSubject = false
        var wasReferences = false
        for field in header.fields {
            if header.isNamed(field, "Subject"), !wasSubject {
                wasSubject = true
            } else if header.isNamed(field, "References"), !wasReferences {
                wasReferences = true
            } else if header.isNamed(field, "Return-Path") || text(header.octets[field.range]) == "Received: here\r\n" {
                continue
            } else {
                result += header.octets[field.range]
            }
        }
        return result + header.octets[header.fieldsEnd..<header.bodyStart]
    }
}

extension String {
    func replacingFirst(_ old: String, with new: String) -> String {
        guard !old.isEmpty, let range = firstRange(of: old) else { return self }
        return self[..<range.lowerBound] + new + self[range.upperBound...]
    }

    private func firstRange(of part: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}

@Suite struct StampPatternTests {
    static let rows: [(template: String, subject: String, numbers: [Int64])] = [
        ("[{prefix}#{number}]", "Re: [#1042] parcel", [1042]),
        ("[{prefix}#{number}]", "[REK#7] [#8][A-1#9]", [7, 8, 9]),
        ("[{prefix}#{number}]", "[#] [#x] [# 1] #5 [#0] [#1", []),
        ("[{prefix}#{number}]", "[[#3]", [3]),
        ("[{prefix}#{number}]", "[#99999999999999999999]", []),
        ("[{prefix}#{number}]", "[a (b) #3]", []),
        ("[{prefix}#{number}]", "[Żółw#3]", [3]),
        ("Ticket {number}:", "Ticket 12: hello Ticket 13", [12]),
        ("#{number}", "see #12 and #13", [12, 13]),
        ("{prefix}-{number}", "ABC-12 now", [12]),
        ("[{number}]", "[5]", [5]),
    ]

    @Test(arguments: rows) func `every number in a stamp is found`(template: String, subject: String, numbers: [Int64])
        throws
    {
        let pattern = try #require(StampPattern(template))
        #expect(pattern.stamps(in: subject).map(\.number) == numbers)
    }

    @Test(arguments: [
        "", "{number}", "[{prefix}]", "{number}{number}", "[{number}{prefix}]", "[{x}{number}]", "[ż{number}]",
        "1{number} ", "[{prefix}#{number}6]",
    ])
    func `a template without exactly one number and some text of its own is none`(template: String) {
        #expect(StampPattern(template) == nil)
    }

    @Test func `what is written is found again`() throws {
        let pattern = try #require(StampPattern("[{prefix}#{number}]"))
        let stamp = StampPattern.Stamp(prefix: "REK", number: 1042)
        #expect(pattern.text(stamp) == "[REK#1042]")
        #expect(pattern.stamps(in: pattern.text(stamp)) == [stamp])
    }
}
