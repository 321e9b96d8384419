import Testing

@testable import MailFormat

/// What holds for whatever agents write: of the samples, of real mails, and of both mangled.
@Suite struct ComposingPropertyTests {
    static let samples: [SubmittedMail] =
        PlainReplyTests.rows.map { .plain($0.text, parameters: $0.parameters) } + HTMLReplyTests.rows.map { .html($0.html) }
        + SubmittedTextTests.alternatives.map { .alternative($0.plain, $0.html) } + SubmittedTextTests.sealed.map { SubmittedMail($0) }

    /// Whether all of `part` stands in `whole`, in order.
    static func isContained(_ part: String, in whole: String) -> Bool {
        var rest = Array(whole.utf8)[...]
        for octet in part.utf8 {
            guard let place = rest.firstIndex(of: octet) else { return false }
            rest = rest[(place + 1)...]
        }
        return true
    }

    /// Visible lines with something on them.
    static func shown(_ text: String, isHTML: Bool) -> [String] {
        (isHTML ? HTMLText.visible(text) : text).split(whereSeparator: \.isNewline)
            .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.filter { !$0.isEmpty }
    }

    @Test(arguments: PlainReplyTests.rows.map { (SubmittedMail.plain($0.text, parameters: $0.parameters), false) }
        + HTMLReplyTests.rows.map { (SubmittedMail.html($0.html), true) })
    func `what is shown beside commands stays as it is`(mail: SubmittedMail, isHTML: Bool) throws {
        guard !mail.text.contains("##"), !mail.text.contains("<pre"), !mail.text.contains("goes on for"), !mail.text.contains("\u{200B}") else { return }
        let commands = Set(try mail.read().commands.map { $0.text.split(whereSeparator: \.isWhitespace).joined(separator: " ") })
        var expected = Self.shown(mail.text, isHTML: isHTML)
        for command in commands {
            // The command stands above what is quoted, or the sample quotes none.
            if let place = expected.firstIndex(of: command) { expected.remove(at: place) }
        }
        let changed = try mail.changed()
        guard !mail.text.contains("please \nwrite it") else { return }
        #expect(Self.shown(changed.text, isHTML: isHTML) == expected)
        let signed = Self.shown(try mail.changed(PlainReplyTests.signature).text, isHTML: isHTML)
        let without = expected.contains("Agent One") && signed.count == expected.count ? signed : Self.removingFirst("Agent One", signed)
        #expect(without == expected)
    }

    private static func removingFirst(_ line: String, _ lines: [String]) -> [String] {
        var lines = lines
        if let place = lines.firstIndex(of: line) { lines.remove(at: place) }
        return lines
    }

    @Test(.disabled(if: Corpus.mails.isEmpty, Corpus.isMissing), arguments: Corpus.mails)
    func `a real mail without commands leaves as it is, and signed has all that it had`(mail: Corpus.Mail) throws {
        let submitted = SubmittedMail(octets: mail.octets)
        guard let text = try? submitted.read() else { return }
        let hasMarks = !text.commands.isEmpty || text.renditions.contains { rendition in
            rendition.lines.indices.contains { rendition.literalMark($0) != nil }
        }
        if !hasMarks {
            let plan = try text.plan(TextChanges(), entropy: Array(0..<12))
            #expect(plan.segments == (submitted.body.isEmpty ? [] : [.original(0..<submitted.body.count)]))
            #expect(plan.header == submitted.header)
        }
        guard !text.isSealed else { return }
        let signed = try submitted.changed(SubmittedTextTests.pictured)
        // Texts that change their charset are compared by what they mean.
        for (before, after) in zip(submitted.texts, signed.texts) where !hasMarks { #expect(Self.isContained(before, in: after)) }
        #expect(signed.texts.count == submitted.texts.count)
    }

    private static let insertions = [
        "<", ">", "</div>", "</blockquote>", "<blockquote type=cite>", "<div>", "<p>", "<br>", "<!--", "-->", "\"", "'", "&", "&#", "&nbsp;",
        "#", "##", "\r\n#close\r\n", "<div>#close</div>", ">", "\r\n> ", "\r\n", " \r\n", "-- ", "\r\nOn 25.11.2026 21:37, Jan wrote:\r\n",
        "-----Original Message-----", "From: x\r\nTo: y\r\nSubject: z\r\n", "${name}", "$${", "=", "=C5", "\u{0}", "ż", "é", "--b1", "\r\n--b1--\r\n",
        "<style>", "<pre>", "<table><td>", "<span>", "<li>", "charset=utf-16", "base64", "<plaintext>",
    ]

    private static func mangled(_ octets: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var octets = octets
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let place = Int.random(in: 0...octets.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: if place < octets.count { octets[place] = UInt8.random(in: 0...255, using: &generator) }
            case 1: octets.removeSubrange(place..<min(octets.count, place + Int.random(in: 1...40, using: &generator)))
            case 2: octets.insert(contentsOf: octets[place..<min(octets.count, place + 60)], at: place)
            default: octets.insert(contentsOf: Array((insertions.randomElement(using: &generator) ?? "").utf8), at: place)
            }
        }
        return octets
    }

    @Test(arguments: [UInt64.random(in: 0 ... .max), 1]) func `a mangled mail is taken apart and put together again`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let changes = TextChanges(
            opening: .init(text: "Dear ${name}"), signature: SubmittedTextTests.pictured.signature) { TextChangesTests.fields(in: $0) }
        for round in 0..<600 {
            let octets = Self.mangled(Self.samples[round % Self.samples.count].octets, &generator)
            let mail = SubmittedMail(octets: octets)
            guard let text = try? mail.read() else { continue }
            guard let plan = try? text.plan(TextChanges(), entropy: Array(0..<12)) else {
                #expect(text.isSealed)
                continue
            }
            #expect(plan.length == plan.octets(of: mail.body).count)
            let changed = try mail.changed()
            if changed.texts.count == mail.texts.count {
                for (before, after) in zip(mail.texts, changed.texts) {
                    #expect(Self.isContained(after, in: before), "seed \(seed), round \(round)")
                }
            } else {
                Issue.record("seed \(seed), round \(round): \(mail.outline) became \(changed.outline)")
            }
            guard (try? text.plan(changes, entropy: Array(0..<12))) != nil else { continue }
            let whole = try mail.changed(changes)
            #expect(TextLeaves(whole.structure).leaves.count == mail.texts.count, "seed \(seed), round \(round)")
        }
    }

    @Test func `a long mail is read in time that grows with its length`() throws {
        var limits = SubmittedText.Limits()
        limits.lines = 1_000_000
        let clock = ContinuousClock()
        let bombs = [
            String(repeating: "##a\n", count: 20_000), String(repeating: "> a\nb wrote:\n", count: 20_000),
            String(repeating: "From: x\n", count: 20_000), String(repeating: "#a\n> b\n\n", count: 20_000),
        ]
        for bomb in bombs {
            let mail = SubmittedMail.plain(bomb)
            let time = try clock.measure { _ = try mail.read(limits: limits).plan(PlainReplyTests.signature, entropy: []) }
            #expect(time < .seconds(20))
        }
        for bomb in ["</div>", "<b>", "<p>", "<blockquote>", "<div></b>", "<td>", "<!---->", "a<br>", "&nbsp;", "<p>#a</p>", "<div>From: x</div>"] {
            let mail = SubmittedMail.html(String(repeating: bomb, count: 20_000))
            let time = clock.measure { _ = try? mail.read(limits: limits).plan(PlainReplyTests.signature, entropy: []) }
            #expect(time < .seconds(20), "\(bomb)")
        }
    }
}
