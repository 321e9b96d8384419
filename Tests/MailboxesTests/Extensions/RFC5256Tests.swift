import Testing

/// SORT and THREAD (RFC 5256), with the display keys of RFC 5957.
struct RFC5256Tests {
    struct Mail {
        var subject = "x"
        var from = "jan@customer.example"
        var to = "help@acme.example"
        var cc: String?
        var date: String? = "Mon, 2 Mar 2026 10:00:00 +0000"
        var id: String?
        var references: String?
        var inReplyTo: String?
        var size = 0

        var text: String {
            var lines = ["From: \(from)", "To: \(to)", "Subject: \(subject)"]
            if let cc { lines.append("Cc: \(cc)") }
            if let date { lines.append("Date: \(date)") }
            if let id { lines.append("Message-ID: <\(id)>") }
            if let references { lines.append("References: \(references)") }
            if let inReplyTo { lines.append("In-Reply-To: \(inReplyTo)") }
            return (lines + ["", String(repeating: "x", count: size), ""]).joined(separator: "\n")
        }
    }

    /// Mails in a mailbox of the agent's own, where headers are served as they came.
    private func client(_ mails: [Mail]) async throws -> (TestDesk, TestClient) {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("CREATE Private/Box")
        for mail in mails {
            let text = crlf(mail.text)
            desk.clock.advance(by: .microseconds(1))
            let told = try await anna.say("APPEND Private/Box {\(text.utf8.count)+}\r\n\(text)")
            #expect(told.last?.hasPrefix("a OK") == true)
        }
        try await anna.say("SELECT Private/Box")
        return (desk, anna)
    }

    private static func day(_ day: Int, _ hour: Int = 10) -> String { "\(day) Mar 2026 \(hour):00:00 +0000" }

    // MARK: SORT

    private static let sortMails = [
        Mail(subject: "Re: beta", from: "Zoe <carl@x.example>", to: "b@x.example", cc: "zed@x.example", date: day(3), size: 300),
        Mail(subject: "alpha", from: "Adam <bert@x.example>", to: "a@x.example", date: day(1), size: 100),
        Mail(subject: "=?utf-8?Q?=C5=BBaba?=", from: "\"Żaneta\" <anna@x.example>", to: "c@x.example", cc: "abe@x.example",
            date: "2 Mar 2026 01:00:00 +0500", size: 200),
        Mail(subject: "[list] Beta (fwd)", from: "dora@x.example", to: "\"Abel\" <d@x.example>", date: day(2), size: 50),
    ]
    private static let sortRows: [(String, String)] = [
        ("(ARRIVAL)", " 1 2 3 4"), ("(REVERSE ARRIVAL)", " 4 3 2 1"), ("(DATE)", " 2 3 4 1"), ("(REVERSE DATE)", " 1 4 3 2"),
        ("(SIZE)", " 4 2 3 1"), ("(SUBJECT)", " 2 1 4 3"), ("(SUBJECT REVERSE DATE)", " 2 1 4 3"),
        ("(SUBJECT DATE)", " 2 4 1 3"), ("(REVERSE SUBJECT)", " 3 1 4 2"), ("(FROM)", " 3 2 1 4"), ("(TO)", " 2 1 3 4"),
        ("(CC)", " 2 4 3 1"), ("(REVERSE CC DATE)", " 1 3 2 4"), ("(DISPLAYFROM)", " 2 4 1 3"), ("(DISPLAYTO)", " 2 4 1 3"),
    ]

    @Test func `every key sorts, and what is equal stays in the order of numbers`() async throws {
        let (_, anna) = try await client(Self.sortMails)
        for (criteria, numbers) in Self.sortRows {
            try await anna.expect("SORT \(criteria) UTF-8 ALL", ["* SORT\(numbers)", "a OK SORT completed"])
            try await anna.expect("UID SORT \(criteria) US-ASCII 1:*", ["* SORT\(numbers)", "a OK SORT completed"])
        }
    }

    @Test func `SORT searches, counts in what is asked for, and names mod-sequences`() async throws {
        let (_, anna) = try await client(Self.sortMails)
        try await anna.expect("SORT (DATE) UTF-8 SUBJECT beta", ["* SORT 4 1", "a OK SORT completed"])
        try await anna.expect("SORT (DATE) UTF-8 SUBJECT nothing", ["* SORT", "a OK SORT completed"])
        try await anna.say("STORE 1 +FLAGS (\\Deleted)")
        try await anna.say("EXPUNGE")
        try await anna.expect("SORT (SIZE) UTF-8 ALL", ["* SORT 3 1 2", "a OK SORT completed"])
        try await anna.expect("UID SORT (SIZE) UTF-8 ALL", ["* SORT 4 2 3", "a OK SORT completed"])
        let told = try await anna.say("UID SORT (SIZE) UTF-8 MODSEQ 1")
        #expect(told.contains { $0.hasPrefix("* SORT 4 2 3 (MODSEQ ") && $0.hasSuffix(")") })
    }

    @Test func `what is no SORT is refused`() async throws {
        let (_, anna) = try await client([Mail()])
        for command in [
            "SORT () UTF-8 ALL", "SORT (COLOUR) UTF-8 ALL", "SORT (DATE) UTF-8", "SORT (REVERSE) UTF-8 ALL", "SORT DATE UTF-8 ALL",
            "THREAD JWZ UTF-8 ALL", "THREAD REFERENCES UTF-8",
        ] {
            #expect(try await anna.say(command).last?.hasPrefix("a BAD") == true, "\(command)")
        }
        for command in ["SORT (DATE) KOI8-R ALL", "THREAD REFERENCES KOI8-R ALL", "SORT (DATE) X-1 SUBJECT x"] {
            #expect(try await anna.say(command).last?.hasPrefix("a NO [BADCHARSET (") == true, "\(command)")
        }
        try await anna.say("CLOSE")
        #expect(try await anna.say("SORT (DATE) UTF-8 ALL").last?.hasPrefix("a BAD") == true)
        #expect(try await anna.say("CAPABILITY")[0].contains(" SORT SORT=DISPLAY ESORT THREAD=REFERENCES THREAD=ORDEREDSUBJECT "))
    }

    @Test func `without a date the arrival counts, and zones do not mislead`() async throws {
        let (_, anna) = try await client([
            Mail(date: "3 Mar 2026 00:30:00 +0200"), Mail(date: nil), Mail(date: "2 Mar 2026 23:00:00 +0000"),
        ])
        // The test's clock stands at 2026-03-03 12:00 UTC.
        try await anna.expect("SORT (DATE) UTF-8 ALL", ["* SORT 1 3 2", "a OK SORT completed"])
    }

    @Test func `an empty mailbox sorts to nothing`() async throws {
        let (_, anna) = try await client([])
        try await anna.expect("SORT (DATE) UTF-8 ALL", ["* SORT", "a OK SORT completed"])
        try await anna.expect("THREAD REFERENCES UTF-8 ALL", ["* THREAD", "a OK THREAD completed"])
    }

    // MARK: THREAD

    private func expectThreads(
        _ mails: [Mail], _ references: String, ordered: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let (_, anna) = try await client(mails)
        try await anna.expect(
            "THREAD REFERENCES UTF-8 ALL", ["* THREAD \(references)", "a OK THREAD completed"], sourceLocation: sourceLocation)
        guard let ordered else { return }
        try await anna.expect(
            "UID THREAD ORDEREDSUBJECT UTF-8 ALL", ["* THREAD \(ordered)", "a OK THREAD completed"],
            sourceLocation: sourceLocation)
    }

    @Test func `answers stand below what they answer`() async throws {
        try await expectThreads(
            [
                Mail(subject: "a", date: Self.day(1), id: "1@x"),
                Mail(subject: "Re: a", date: Self.day(2), id: "2@x", references: "<1@x>"),
                Mail(subject: "b", date: Self.day(3), id: "3@x"),
                Mail(subject: "Re: a", date: Self.day(5), id: "4@x", references: "<1@x> <2@x>"),
                Mail(subject: "Re: a", date: Self.day(4), id: "5@x", inReplyTo: "<2@x>"),
                Mail(subject: "c", date: Self.day(6), id: "6@x", references: "<1@x>\n <2@x>\n <4@x>"),
            ], "(1 2 (5)(4 6))(3)", ordered: "(1 (2)(5)(4))(3)(6)")
    }

    @Test func `missing parents hold their children together`() async throws {
        try await expectThreads(
            [
                Mail(subject: "b", date: Self.day(2), id: "2@x", references: "<gone@x>"),
                Mail(subject: "c", date: Self.day(1), id: "3@x", references: "<gone@x>"),
                Mail(subject: "d", date: Self.day(3), id: "4@x", references: "<alone@x> <deep@x>"),
                Mail(subject: "e", date: Self.day(4), id: "5@x", references: "<gone@x> <inner@x>"),
            ], "((2)(1)(4))(3)")
    }

    @Test func `threads of one subject come together`() async throws {
        try await expectThreads(
            [
                Mail(subject: "Re: offer", date: Self.day(1), id: "1@x"), Mail(subject: "offer", date: Self.day(2), id: "2@x"),
                Mail(subject: "Fwd: offer", date: Self.day(3), id: "3@x"), Mail(subject: "plan", date: Self.day(4), id: "4@x"),
                Mail(subject: "PLAN", date: Self.day(5), id: "5@x"), Mail(subject: "Re:", date: Self.day(6), id: "6@x"),
                Mail(subject: "", date: Self.day(7), id: "7@x"), Mail(subject: "[x] plan", date: Self.day(8), id: "8@x"),
            ], "(2 (1)(3))((4)(5)(8))(6)(7)", ordered: "(1 (2)(3))(4 (5)(8))(6 7)")
    }

    @Test func `a dummy takes threads of its subject in`() async throws {
        try await expectThreads(
            [
                Mail(subject: "Re: s", date: Self.day(1), id: "1@x", references: "<gone@x>"),
                Mail(subject: "Re: s", date: Self.day(2), id: "2@x", references: "<gone@x>"),
                Mail(subject: "s", date: Self.day(3), id: "3@x"),
                Mail(subject: "Re: s", date: Self.day(4), id: "4@x", references: "<other@x>"),
                Mail(subject: "Re: s", date: Self.day(5), id: "5@x", references: "<other@x>"),
            ], "((1)(2)(3)(4)(5))")
    }

    @Test func `loops and doubled identifiers do no harm`() async throws {
        try await expectThreads(
            [
                Mail(subject: "a", date: Self.day(1), id: "1@x", references: "<2@x>"),
                Mail(subject: "b", date: Self.day(2), id: "2@x", references: "<1@x>"),
                Mail(subject: "c", date: Self.day(3), id: "3@x", references: "<3@x>"),
                Mail(subject: "d", date: Self.day(4), id: "3@x", references: "<1@x>"),
                Mail(subject: "e", date: Self.day(5), id: nil, references: "nonsense"),
                Mail(subject: "f", date: Self.day(6), id: nil),
            ], "(2 1 4)(3)(5)(6)")
    }

    @Test func `only messages found take part`() async throws {
        let (_, anna) = try await client([
            Mail(subject: "a", date: Self.day(1), id: "1@x"),
            Mail(subject: "b", date: Self.day(2), id: "2@x", references: "<1@x>"),
            Mail(subject: "c", date: Self.day(3), id: "3@x", references: "<1@x> <2@x>"),
            Mail(subject: "d", date: Self.day(4), id: "4@x", references: "<1@x> <2@x>"),
        ])
        try await anna.expect("THREAD REFERENCES UTF-8 2:4", ["* THREAD (2 (3)(4))", "a OK THREAD completed"])
        try await anna.expect("THREAD REFERENCES UTF-8 3:4", ["* THREAD ((3)(4))", "a OK THREAD completed"])
        try await anna.expect("THREAD REFERENCES UTF-8 1,4", ["* THREAD (1 4)", "a OK THREAD completed"])
        try await anna.expect("THREAD ORDEREDSUBJECT UTF-8 DELETED", ["* THREAD", "a OK THREAD completed"])
    }

    @Test func `the mails of a case are one thread, as their served References say`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await desk.deliver(Mail(subject: "other", id: "o@x").text)
        await desk.deliver(
            Mail(subject: "Re: Question 1", from: "jan1@customer.example", date: Self.day(4), id: "q1b@x", inReplyTo: "<q1@customer.example>")
                .text, from: "jan1@customer.example")
        await desk.deliver(
            Mail(subject: "again", from: "jan1@customer.example", date: Self.day(5), id: "q1c@x", references: "<q1@customer.example>")
                .text, from: "jan1@customer.example")
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await anna.expect("THREAD REFERENCES UTF-8 ALL", ["* THREAD (1 (3)(4))(2)", "a OK THREAD completed"])
        try await anna.expect("SORT (SUBJECT) UTF-8 ALL", ["* SORT 4 2 1 3", "a OK SORT completed"])
    }

    @Test func `a chain of thousands is one thread`() async throws {
        let (_, anna) = try await client(
            (1...300).map { number in
                Mail(
                    subject: "n\(number)", date: Self.day(1, number % 24), id: "\(number)@x",
                    references: number == 1 ? nil : "<\(number - 1)@x>")
            })
        let told = try await anna.say("THREAD REFERENCES UTF-8 ALL")
        #expect(told[0] == "* THREAD (" + (1...300).map(String.init).joined(separator: " ") + ")")
    }
}
