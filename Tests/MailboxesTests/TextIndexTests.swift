import Glibc
import Mailboxes
import Storage
import Testing

struct TextIndexTests {
    private func mail(_ number: Int, _ subject: String, _ type: String, _ encoding: String, _ body: String) -> String {
        """
        From: Łukasz Żak <lz\(number)@customer.example>
        To: help@acme.example
        Subject: \(subject)
        Message-ID: <i\(number)@customer.example>
        X-Order: Nr-\(number)
        MIME-Version: 1.0
        Content-Type: \(type)
        Content-Transfer-Encoding: \(encoding)

        \(body)

        """
    }

    private func fill(_ desk: TestDesk) async {
        let mails = [
            ("=?iso-8859-2?Q?=AF=F3=B3w?=", "text/plain; charset=utf-8", "8bit", "Grüße aus Köln, Straße 7"),
            ("=?utf-8?B?zpHOuM6uzr3OsQ==?=", "text/plain; charset=utf-8", "8bit", "Καλημέρα κόσμε"),
            ("x", "text/plain; charset=windows-1250", "quoted-printable", "Za=BF=F3=B3=E6 g=EA=9Cl=B9"),
            ("x", "text/plain; charset=iso-8859-2", "base64", "Z+q2bLEgamG88Q=="),
            ("x", "text/html; charset=utf-8", "8bit", "<p>Tom &amp; J&#233;r&ocirc;me<script>hidden()</script></p>\n<p>two<br>lines</p>"),
            ("Ёлка", "text/plain; charset=utf-8", "8bit", "Добрый день"),
            ("日本", "text/plain; charset=utf-8", "8bit", "お問い合わせ 中文測試"),
            ("plain", "text/plain; charset=utf-8", "8bit", "a phrase broken\nacross lines; date here"),
        ]
        for (index, mail) in mails.enumerated() {
            await desk.deliver(self.mail(index + 1, mail.0, mail.1, mail.2, mail.3), from: "lz\(index + 1)@customer.example")
        }
    }

    private static let rows: [(String, String, String)] = [
        ("SUBJECT", "zolw", " 1"), ("TEXT", "ŻÓŁW", " 1"), ("BODY", "strasse", " 1"), ("BODY", "GRUSSE", " 1"),
        ("TEXT", "koln", " 1"), ("SUBJECT", "αθηνα", " 2"), ("BODY", "καλημερα", " 2"), ("BODY", "zażółć", " 3"),
        ("BODY", "gesl", " 3 4"), ("TEXT", "jaźń", " 4"), ("BODY", "tom & jerome", " 5"), ("BODY", "hidden", ""),
        ("BODY", "two lines", " 5"), ("SUBJECT", "елка", " 6"), ("BODY", "добрыи", " 6"), ("SUBJECT", "日本", " 7"),
        ("BODY", "問", " 7"), ("BODY", "測試", " 7"), ("BODY", "い合わ", " 7"), ("BODY", "broken across", " 8"),
        ("TEXT", "date", " 8"), ("BODY", "date", " 8"), ("TEXT", "x-order: nr-3", " 3"),
        // Names of header fields stand in the header, those of every mail and others.
        ("TEXT", "-order", " 1 2 3 4 5 6 7 8"), ("TEXT", "x-order", " 1 2 3 4 5 6 7 8"), ("TEXT", "rder: nr-3", " 3"),
        ("TEXT", "mime-vers", " 1 2 3 4 5 6 7 8"), ("TEXT", "X-ORDER:", " 1 2 3 4 5 6 7 8"), ("BODY", "x-order", ""),
        ("HEADER X-ORDER", "order", ""), ("TEXT", "nr-4", " 4"), ("FROM", "lukasz zak", " 1 2 3 4 5 6 7 8"),
        ("FROM", "lz2@", " 2"), ("TO", "nobody", ""), ("HEADER X-ORDER", "-5", " 5"), ("BODY", "k", " 1 2 8"),
    ]

    private func check(_ anna: TestClient, _ when: Comment) async throws {
        for (key, text, numbers) in Self.rows {
            let told = try await anna.say("SEARCH CHARSET UTF-8 \(key) {\(text.utf8.count)+}\r\n\(text)")
            // A single letter is only a question of agreement between index and tail.
            if text == "k" { continue }
            #expect(told == ["* SEARCH\(numbers)", "a OK SEARCH completed"], "\(when): \(key) \(text)")
        }
    }

    @Test func `every language is found, before and behind the index`() async throws {
        let desk = try await TestDesk()
        await fill(desk)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await check(anna, "tail")
        let indexer = TextIndexer(store: desk.store, feed: desk.feed)
        try await indexer.catchUp()
        try await check(anna, "index")
        await desk.deliver(mail(9, "late", "text/plain", "7bit", "a straggler"), from: "lz9@customer.example")
        try await anna.say("NOOP")
        try await anna.expect("SEARCH TEXT straggler", has: "* SEARCH 9")
        try await anna.expect("SEARCH OR BODY straggler BODY koln", has: "* SEARCH 1 9")
        try await anna.expect("SEARCH NOT TEXT customer.example", has: "* SEARCH")
        try await TextIndexer(store: desk.store, feed: desk.feed).catchUp()
        try await anna.expect("SEARCH BODY straggler", has: "* SEARCH 9")
    }

    @Test func `flowed text and uuencoded files are looked through as they are read`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(
            mail(1, "x", "text/plain; charset=utf-8; format=flowed", "8bit", "> a quoted \n> phrase\n\nmy own \nwords"),
            from: "lz1@customer.example")
        await desk.deliver(
            mail(2, "x", "text/plain; format=flowed; delsp=yes", "7bit", "Donau \ndampf \nschiff"), from: "lz2@customer.example")
        await desk.deliver(
            mail(3, "x", "text/plain", "7bit", "see\nbegin 644 Umowa.doc\n#86)C\n`\nend\nbelow"), from: "lz3@customer.example")
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        var previews: [[String]] = []
        for _ in 0..<2 {
            for (key, numbers) in [
                ("BODY \"quoted phrase\"", " 1"), ("BODY \"my own words\"", " 1"), ("BODY donaudampfschiff", " 2"),
                ("BODY \"see below\"", " 3"), ("BODY umowa.doc", " 3"), ("BODY \"86)C\"", ""), ("TEXT begin", ""),
            ] {
                try await anna.expect("SEARCH \(key)", ["* SEARCH\(numbers)", "a OK SEARCH completed"])
            }
            previews.append(try await anna.say("FETCH 1:3 PREVIEW"))
            try await TextIndexer(store: desk.store, feed: desk.feed).catchUp()
        }
        #expect(previews[0] == previews[1])
        #expect(
            previews[0].dropLast() == [
                "* 1 FETCH (PREVIEW \"my own words\")", "* 2 FETCH (PREVIEW \"Donaudampfschiff\")",
                "* 3 FETCH (PREVIEW \"see below\")",
            ])
    }

    @Test func `an index of another version is made anew, and nothing is missed meanwhile`() async throws {
        let desk = try await TestDesk()
        await fill(desk)
        let indexer = TextIndexer(store: desk.store, feed: desk.feed)
        try await indexer.catchUp()
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        // As another version left it: texts that this one would not make.
        try await desk.store.write { (transaction: Transaction) in
            try transaction.connection.run("UPDATE counter SET value = value - 1 WHERE name = 'text_version'")
            try transaction.connection.run("UPDATE message_search SET head = x'780A', body = x'780A', preview = 'x'")
        }
        try await check(anna, "of another version")
        #expect(try await anna.say("FETCH 8 PREVIEW").first?.contains("a phrase broken") == true)
        try await indexer.catchUp()
        try await check(anna, "made anew")
        #expect(try await anna.say("FETCH 8 PREVIEW (LAZY)").first?.contains("a phrase broken") == true)
        let marks = try await desk.store.read { (transaction: any MailboxTransaction) in try transaction.textMark() }
        #expect(marks.isCurrent && marks.indexed == 8)
    }

    @Test func `a discarded draft is forgotten, and its number misleads nobody`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        let indexer = TextIndexer(store: desk.store, feed: desk.feed)
        try await anna.say("SELECT Drafts")
        for (text, other) in [("first", "second"), ("second", "first"), ("first", "second")] {
            let mail = "Subject: s\r\nMessage-ID: <d@x>\r\n\r\n\(text)\r\n"
            try await anna.say("APPEND Drafts {\(mail.utf8.count)+}\r\n\(mail)")
            try await anna.say("NOOP")
            for _ in 0..<2 {
                try await anna.expect("SEARCH BODY \(text)", has: "* SEARCH 1")
                try await anna.expect("SEARCH BODY \(other)", has: "* SEARCH")
                try await indexer.catchUp()
            }
        }
    }

    @Test func `deliveries and the indexer do not lose a mail`() async throws {
        let desk = try await TestDesk()
        let indexer = TextIndexer(store: desk.store, feed: desk.feed)
        await withTaskGroup(of: Void.self) { group in
            for part in 0..<4 {
                group.addTask { for number in 0..<10 { await desk.deliver(part * 10 + number + 1) } }
            }
            group.addTask { for _ in 0..<10 { try? await indexer.catchUp() } }
        }
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        for _ in 0..<2 {
            #expect(try await anna.say("SEARCH RETURN (COUNT) SUBJECT question")[0].hasSuffix(" COUNT 40"))
            for number in 1...40 {
                let told = try await anna.say("SEARCH RETURN (COUNT) FROM \"jan\(number)@customer\"")
                #expect(told[0].hasSuffix(" COUNT 1"), "\(number)")
            }
            try await indexer.catchUp()
        }
    }

    /// Over real mails: what the index answers is what a look through every mail answers.
    @Test func `the index answers as a scan does`() async throws {
        let folder = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/shared/corpus"
        var names: [String] = []
        if let directory = opendir(folder) {
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                if name.hasSuffix(".eml") { names.append(name) }
            }
        }
        guard !names.isEmpty else { return withKnownIssue("no corpus beside the repository") { Issue.record("skipped") } }
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("CREATE Private/Corpus")
        for name in names.sorted() {
            guard let octets = Self.octets(folder + "/" + name), octets.count < 300_000 else { continue }
            let text = String(decoding: octets.map { $0 < 0x80 && $0 != 0 ? $0 : 0x3F }, as: UTF8.self)
            let mail = crlf(text.replacing("\r\n", with: "\n"))
            try await anna.say("APPEND Private/Corpus {\(mail.utf8.count)+}\r\n\(mail)")
        }
        try await anna.say("SELECT Private/Corpus")
        var seed: UInt64 = 20_261_122
        func random(_ count: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % count
        }
        let words = ["mail", "ing", "20", "@", "e", "report", "subject", "test", "rfc822", "é", "http", "tion of", "e: "]
        var programs = words.flatMap { word in ["TEXT", "BODY", "SUBJECT", "FROM", "HEADER Received"].map { ($0, word) } }
        for _ in 0..<40 {
            let word = String((0..<(3 + random(2))).map { _ in Character(Unicode.Scalar(UInt8(97 + random(26)))) })
            programs.append((["TEXT", "BODY"][random(2)], word))
        }
        func answers() async throws -> [[String]] {
            var answers: [[String]] = []
            for (key, word) in programs {
                answers.append(try await anna.say("SEARCH CHARSET UTF-8 \(key) {\(word.utf8.count)+}\r\n\(word)"))
            }
            return answers
        }
        let scanned = try await answers()
        try await TextIndexer(store: desk.store, feed: desk.feed).catchUp()
        let indexed = try await answers()
        for (index, program) in programs.enumerated() { #expect(indexed[index] == scanned[index], "\(program)") }
        #expect(scanned.contains { $0[0].count > 20 })
    }

    private static func octets(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { octets += chunk[..<count] }
        return octets
    }
}
