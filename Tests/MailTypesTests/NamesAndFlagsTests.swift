import MailTypes
import Testing

@Suite struct NamesAndFlagsTests {
    static let folded: [(String, String)] = [
        ("Anna", "anna"), ("ŁÓDŹ", "łódź"), ("Z\u{307}uk", "żuk"), ("STRASSE", "strasse"), ("", ""),
    ]

    @Test(arguments: folded) func `names are folded to NFC and lower case`(name: String, result: String) {
        #expect(Array(foldedName(name).unicodeScalars) == Array(result.unicodeScalars))
    }

    @Test func `flags are read in any case and no two share a bit or a spelling`() {
        for (flag, text) in Flags.spellings {
            #expect(Flags(spelling: text) == flag && Flags(spelling: text.uppercased()) == flag)
        }
        #expect(Set(Flags.spellings.map(\.flag)).count == Flags.spellings.count)
        #expect(Flags.shared.isDisjoint(with: .personal))
        #expect(Flags.spellings.allSatisfy { Flags.shared.union(.personal).isSuperset(of: $0.flag) })
        for text in ["", "Seen", "\\Recent", "$Label1", "refund"] { #expect(Flags(spelling: text) == nil) }
    }

    @Test func `a Message-ID is any text without blanks, controls and angle brackets`() {
        for text in ["a@b", "no-at-sign", "żółw@x", "\"quoted\"@x", String(repeating: "x", count: 900)] {
            #expect(MessageID(text)?.text == text)
        }
        for text in ["", "a b", "a\r\n@b", "<a@b>", "a\u{7F}", String(repeating: "x", count: 901)] {
            #expect(MessageID(text) == nil)
        }
        #expect(MessageID("a@b") != MessageID("A@b"))
        #expect(MessageID("a@b")?.digest != MessageID("a@c")?.digest)
        #expect(MessageID("")?.digest == nil && MessageID("a@b")?.description == "<a@b>")
    }
}
