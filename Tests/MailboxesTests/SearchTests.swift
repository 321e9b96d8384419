import Testing

struct SearchTests {
    private static let rows: [(String, String)] = [
        ("ALL", " 1 2 3"), ("UNSEEN", " 2 3"), ("SEEN", " 1"), ("FROM jan1", " 1"), ("SUBJECT question", " 1 2"),
        ("SUBJECT \"zażółć\"", " 3"), ("BODY \"TEXT 2\"", " 2"), ("BODY gęślą", " 3"), ("TEXT jaźń", " 3"),
        ("TEXT customer.example", " 1 2 3"), ("NOT BODY text", " 3"), ("OR FROM jan1 FROM jan2", " 1 2"),
        ("UID 2:*", " 2 3"),
        ("2:3 UNSEEN", " 2 3"), ("HEADER Message-ID q2@", " 2"), ("HEADER X-None \"\"", ""),
        ("HEADER Date \"\"", " 1 2 3"),
        ("SENTON 2-Mar-2026", " 1 2 3"), ("SENTBEFORE 2-Mar-2026", ""), ("SINCE 3-Mar-2026", " 1 2 3"),
        ("ON 4-Mar-2026", ""),
        ("KEYWORD refund", " 2"), ("UNKEYWORD refund", " 1 3"), ("LARGER 100000", ""), ("SMALLER 100000", " 1 2 3"),
        ("YOUNGER 60", " 1 2 3"), ("OLDER 60", ""), ("THREADID T2", " 2"), ("NOT (SEEN) FROM jan", " 2 3"),
        ("DELETED", ""),
        ("UNDELETED UNSEEN", " 2 3"), ("BCC x", ""), ("CC x", ""), ("TO help@acme.example", " 1 2 3"),
    ]

    @Test func `every key finds what it should`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await desk.deliver(2)
        await desk.deliver(
            """
            From: jan3@customer.example
            To: help@acme.example
            Subject: =?utf-8?Q?Za=C5=BC=C3=B3=C5=82=C4=87?=
            Date: Mon, 2 Mar 2026 23:30:00 -0500
            Message-ID: <q3@customer.example>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=iso-8859-2
            Content-Transfer-Encoding: base64

            Z+q2bLEgamG88Q==

            """, from: "jan3@customer.example")
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await anna.say("STORE 1 +FLAGS (\\Seen)")
        try await anna.say("STORE 2 +FLAGS (refund)")
        for (program, numbers) in Self.rows {
            let lines = try await anna.say("SEARCH CHARSET UTF-8 \(quoted(program))")
            #expect(lines == ["* SEARCH\(numbers)", "a OK SEARCH completed"], "\(program)")
        }
    }

    /// Text beyond ASCII goes as a literal.
    private func quoted(_ program: String) -> String {
        program.split(separator: " ").map { word in
            let bare = word.filter { $0 != "\"" }
            return bare.utf8.contains { $0 >= 0x80 } ? "{\(bare.utf8.count)+}\r\n\(bare)" : String(word)
        }.joined(separator: " ")
    }

    @Test func `ESEARCH tells what is asked for, and keeps results`() async throws {
        let desk = try await TestDesk()
        for number in 1...4 { await desk.deliver(number) }
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        let all = try await anna.say("UID SEARCH RETURN (MIN MAX COUNT ALL) ALL")
        #expect(all[0].hasSuffix(" UID MIN 1 MAX 4 ALL 1:4 COUNT 4"))
        #expect(try await anna.say("SEARCH RETURN (COUNT) DELETED")[0].hasSuffix(" COUNT 0"))
        try await anna.expect("SEARCH RETURN (SAVE) OR FROM jan2 FROM jan3", ["a OK SEARCH completed"])
        try await anna.expect("FETCH $ UID", ["* 2 FETCH (UID 2)", "* 3 FETCH (UID 3)", "a OK FETCH completed"])
        #expect(try await anna.say("SEARCH CHARSET X-NONE ALL").last?.hasPrefix("a NO [BADCHARSET") == true)
    }
}
