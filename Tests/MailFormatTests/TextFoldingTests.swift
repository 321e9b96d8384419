import Testing

@testable import MailFormat

@Suite struct TextFoldingTests {
    static let rows: [(text: String, folded: String)] = [
        ("", ""), ("Hello, World!", "hello, world!"), ("Żółw", "zolw"), ("ZAŻÓŁĆ GĘŚLĄ JAŹŃ", "zazolc gesla jazn"),
        ("z\u{307}o\u{301}łw", "zolw"), ("Straße", "strasse"), ("STRAẞE", "strasse"), ("Ærøskøbing", "aeroskobing"),
        ("Đặng Văn", "dang van"), ("Œuvre", "oeuvre"), ("İstanbul ılık", "istanbul ilik"), ("Þór ð", "thor d"),
        ("ΑΘΉΝΑ ς", "αθηνα σ"), ("Ἀθῆναι", "αθηναι"), ("ЁЛКА Йод", "елка иод"), ("Kraków\u{A0}—\u{2009}„x”", "krakow - \"x\""),
        ("don\u{2019}t…", "don't..."), ("ﬁnal ﬀ", "final ff"), ("Ｆｕｌｌ　ｗｉｄｔｈ", "full width"), ("ｶﾞ", "カ\u{3099}"),
        ("が", "か\u{3099}"), ("日本語", "日本語"), ("中文測試", "中文測試"), ("豈", "豈"), ("①Ⅷ½", "1viii1⁄2"),
        ("한글", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}"), ("שָׁלוֹם", "שלום"), ("مُحَمَّد", "محمد"),
        ("ไทยที่", "ไทยที่"), ("a\r\n\t  b", "a b"), (" a ", " a "), ("so\u{AD}ft\u{200B}ly", "softly"), ("𝐁𝐨𝐥𝐝", "bold"),
        ("🐢", "🐢"), ("\u{0}a\u{7F}b", " a b"), ("ſ K Å", "s k a"), ("❤\u{FE0F}", "❤"),
    ]

    @Test(arguments: rows) func `a text folds as the table says`(text: String, folded: String) {
        #expect(String(decoding: TextFolding.fold(text), as: UTF8.self) == folded)
    }

    @Test(arguments: rows) func `what is folded stays as it is`(text: String, folded: String) {
        #expect(TextFolding.fold(folded) == Array(folded.utf8))
    }

    @Test(arguments: rows) func `pieces fold as the whole`(text: String, folded: String) {
        let scalars = Array(text.unicodeScalars)
        for cut in 0...scalars.count {
            var folder = TextFolder()
            var (left, right) = (String.UnicodeScalarView(), String.UnicodeScalarView())
            left.append(contentsOf: scalars[..<cut])
            right.append(contentsOf: scalars[cut...])
            folder.consume(String(left))
            folder.consume(String(right))
            #expect(String(decoding: folder.octets, as: UTF8.self) == folded)
        }
    }

    @Test func `each of two spellings finds the other`() {
        for (one, other) in [("zolw", "Żółw"), ("STRASSE", "straße"), ("Αθήνα", "αθηνα"), ("елка", "Ёлка"), ("ﬁsh", "FISH")] {
            #expect(TextNeedle(one).isFound(in: "a \(other)."), "\(one)")
            #expect(TextNeedle(other).isFound(in: "a \(one)."), "\(other)")
        }
        #expect(!TextNeedle("か").folded.isEmpty && !TextNeedle("バス").isFound(in: "ハス"))
    }

    @Test func `no line reaches into the next`() {
        var folder = TextFolder()
        folder.consume("one ")
        folder.endLine()
        folder.consume("  two")
        #expect(folder.octets == Array("one\ntwo".utf8))
        #expect(!TextNeedle("one two").isFound(inFolded: folder.octets))
    }

    /// The table comes from another Unicode than this library's, so a few may differ; hundreds mean a damaged table.
    @Test func `the table agrees with the standard library`() {
        var different = 0
        for code in UInt32(0x80)..<0x2_0000 {
            guard let scalar = Unicode.Scalar(code), scalar.properties.generalCategory == .uppercaseLetter else { continue }
            let lower = scalar.properties.lowercaseMapping
            if TextFolding.fold(String(scalar)) != TextFolding.fold(lower) { different += 1 }
        }
        #expect(different < 60, "\(different)")
    }

    static let keys: [(left: String, right: String)] = [
        ("apple", "Banana"), ("Zebra", "zoo"), ("zoo", "Żaba"), ("a", "a b"), ("A_", "b"), ("x[", "x_"), ("straSSe", "strasst"),
    ]

    @Test(arguments: keys) func `sort keys order as i unicode-casemap does`(left: String, right: String) {
        #expect(TextFolding.sortKey(left).lexicographicallyPrecedes(TextFolding.sortKey(right)))
    }

    @Test func `sort keys know marks but not case`() {
        #expect(TextFolding.sortKey("ŻÓŁW") == TextFolding.sortKey("żółw"))
        #expect(TextFolding.sortKey("Żółw") != TextFolding.sortKey("zolw"))
        #expect(TextFolding.sortKey("  a\t b ") == Array("A B".utf8))
    }
}
