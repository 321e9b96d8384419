import Cards
import Desk
import MailTypes
import Testing

@Suite struct CardRendererTests {
    @Test(arguments: Language.allCases) func `a card says in words and colours what its case is about`(
        language: Language
    ) throws {
        let card = Samples.render(Samples.busy, in: language)
        try Golden.compare(card.text, with: "busy.\(language.rawValue).txt")
        try Golden.compare(card.html, with: "busy.\(language.rawValue).html")
    }

    @Test(arguments: Language.allCases) func `a new case has a short card`(language: Language) throws {
        let card = Samples.render(Samples.fresh, in: language)
        try Golden.compare(card.text, with: "fresh.\(language.rawValue).txt")
        #expect(card.subject == "Where is my parcel?")
    }

    @Test func `every status has a card of its own`() {
        for language in Language.allCases {
            let cards = TicketStatus.allCases.map { status in
                var content = Samples.fresh
                content.status = status
                return Samples.render(content, in: language)
            }
            #expect(Set(cards.map(\.text)).count == TicketStatus.allCases.count)
            #expect(Set(cards.map(\.html)).count == TicketStatus.allCases.count)
        }
    }

    /// What a customer may write where a card shows it.
    static let attacks = [
        "<script>alert(1)</script>", "\"><img src=x>", "' onmouseover='x", "\"\u{301} onclick=\"x", ">\u{200D}<b>",
        "&lt;b&gt;",
        "<\u{338}a href=x>", "{{{number}}}", "{{#notices}}", "a\r\nX-Evil: 1", "\u{202E}txt.exe",
        "https://evil.example/?a=<b>", "www.evil.example", "mailto:x@evil.example?body=y", "javascript:alert(1)", "-->",
        "]]>", "\u{0}\u{1B}[31m", "> quoted", "From me",
    ]

    @Test(arguments: attacks) func `what a customer wrote stays text`(attack: String) {
        let quiet = Samples.render(Samples.hostile("x"), in: .english)
        let card = Samples.render(Samples.hostile(attack), in: .english)
        // Not one tag, attribute or line more than with a harmless text.
        #expect(Markup.tags(card.html) == Markup.tags(quiet.html))
        #expect(card.text.split(separator: "\n").count == quiet.text.split(separator: "\n").count)
        #expect(card.html.split(separator: "\n").count == quiet.html.split(separator: "\n").count)
        #expect(!card.text.unicodeScalars.contains("\u{202E}") && !card.html.unicodeScalars.contains("\u{202E}"))
        #expect(!card.text.contains("://") && !card.text.contains("www.e") && !card.text.contains("mailto:x"))
        #expect(
            !card.text.split(separator: "\n").contains {
                $0.hasPrefix(">") || $0.hasPrefix(" ") || $0.hasPrefix("From ")
            })
    }

    @Test func `a card loads nothing and leads nowhere but to mails to the desk`() {
        let html = Samples.render(Samples.busy, in: .english).html
        for word in ["src=", "url(", "http", "@import", "<link", "<script", "<form"] {
            #expect(!html.contains(word), "\(word)")
        }
        let targets = Markup.values(of: "href", in: html)
        #expect(targets.count > 8)
        for target in targets {
            #expect(
                target.hasPrefix("mailto:desk@acme.example?subject=")
                    || target.hasPrefix("mailto:note@acme.example?subject="))
        }
    }

    @Test func `a long text is cut and a long list says how much is missing`() {
        var content = Samples.fresh
        content.subject = String(repeating: "x", count: 5000)
        content.followers = (1...40).map { "Agent \($0)" }
        content.customer?.note = String(repeating: "ab ", count: 10_000)
        content.tags = (1...5000).map { "tag\($0)" }
        let card = Samples.render(content, in: .english)
        #expect(card.subject.count == 151 && card.subject.hasSuffix("…"))
        #expect(card.text.contains("Agent 10 and 30 more"))
        #expect(card.html.utf8.count < 40_000)
    }

    @Test func `Polish counts cases in three forms`() {
        let expected = [
            (1, "1 sprawa"), (2, "2 sprawy"), (5, "5 spraw"), (12, "12 spraw"), (22, "22 sprawy"), (25, "25 spraw"),
            (112, "112 spraw"),
        ]
        for (count, words) in expected {
            var content = Samples.fresh
            content.casesElsewhere = count
            #expect(Samples.render(content, in: .polish).text.contains("Gdzie indziej: \(words) w innych pulach"))
        }
    }

    @Test func `time that goes by makes no other card`() {
        var later = Samples.busy
        later.deadlines[1].left = .seconds(60)
        #expect(later != Samples.busy && later.lasting == Samples.busy.lasting)
    }
}
