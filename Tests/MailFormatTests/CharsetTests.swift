import Glibc
import MailTypes
import Testing

@testable import MailFormat

@Suite struct CharsetTests {
    /// All charsets that the system's iconv names, but for those with its own options in the name.
    static let names: [String] = {
        guard let pipe = popen("iconv -l", "r") else { return [] }
        defer { pclose(pipe) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, pipe)
            guard count > 0 else { break }
            output += chunk[..<count]
        }
        return text(output).split(whereSeparator: { $0 == "\n" || $0 == "," || $0 == " " }).map { name in
            String(name.hasSuffix("//") ? name.dropLast(2) : name)
        }
        .filter { !$0.contains("/") && !$0.isEmpty }
    }()

    static let samples = [
        "Zażółć gęślą jaźń", "Größe über alles", "Où êtes-vous, garçon?", "Привет, мир", "Γειά σου", "שלום", "مرحبا",
        "日本語のテスト", "テスト", "你好世界", "안녕하세요", "สวัสดี", "İstanbul", "Ąžuolas", "xin chào", "გამარჯობა", "Plain ASCII",
    ]

    /// `text` in a charset; `nil` where it has not all its letters. Several charsets of hosts lose letters without iconv
    /// saying so: what iconv itself does not bring back is no sample.
    static func encode(_ text: String, _ name: String) -> [UInt8]? {
        guard let octets = convert(Array(text.utf8), from: "UTF-8", to: name),
            convert(octets, from: name, to: "UTF-8") == Array(text.utf8)
        else { return nil }
        return octets
    }

    private static func convert(_ octets: [UInt8], from: String, to: String) -> [UInt8]? {
        guard let descriptor = iconv_open(to, from), Int(bitPattern: descriptor) != -1 else { return nil }
        defer { iconv_close(descriptor) }
        var input = octets
        var output = [UInt8](repeating: 0, count: 1000)
        let written = input.withUnsafeMutableBytes { source in
            output.withUnsafeMutableBytes { target -> Int? in
                var next = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                var left = source.count
                var place = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                var room = target.count
                // A result above zero counts letters that were replaced.
                guard iconv(descriptor, &next, &left, &place, &room) == 0, left == 0,
                    iconv(descriptor, nil, nil, &place, &room) == 0
                else { return nil }
                return target.count - room
            }
        }
        return written.map { Array(output[..<$0]) }
    }

    @Test func `encoded words are read in every charset that iconv knows, split anywhere`() throws {
        #expect(Self.names.count > 500)
        var wrong: [String] = []
        var known = 0
        for name in Self.names {
            let encoded = Self.samples.compactMap { sample in Self.encode(sample, name).map { (sample, $0) } }
            if !encoded.isEmpty { known += 1 }
            for (sample, octets) in encoded {
                let word = { (octets: ArraySlice<UInt8>) in "=?\(name)?B?\(Base64.encode(Array(octets)))?=" }
                if EncodedWords.decode(Array(word(octets[...]).utf8)) != sample { wrong.append("\(name): \(sample)") }
                let place = octets.count / 2
                for place in [place, place + 1, 1] where place < octets.count {
                    let split = word(octets[..<place]) + " " + word(octets[place...])
                    if EncodedWords.decode(Array(split.utf8)) != sample { wrong.append("\(name) split at \(place): \(sample)") }
                }
            }
        }
        #expect(known > 500)
        #expect(wrong == [])
    }

    static let rows: [(octets: [UInt8], charset: String?, hint: String?, text: String)] = [
        (octets("Żółw"), nil, nil, "Żółw"),
        (octets("Żółw"), nil, "iso-8859-2", "Żółw"),
        ([0xAF, 0xF3, 0xB3, 0x77], nil, nil, "Żółw"),
        ([0xAF, 0xF3, 0xB3, 0x77], "us-ascii", nil, "Żółw"),
        ([0xAF, 0xF3, 0xB3, 0x77], "utf-8", nil, "Żółw"),
        ([0xAF, 0xF3, 0xB3, 0x77], "no-such-charset", nil, "Żółw"),
        // A declaration that can be meant is followed, whatever it gives.
        ([0xAF, 0xF3, 0xB3, 0x77], "iso-8859-1", nil, "¯ó³w"),
        ([0xAF, 0xF3, 0xB3, 0x77], "windows-1252", "iso-8859-2", "¯ó³w"),
        (octets("Żółw"), "windows-1252", nil, "Å»Ã³Å‚w"),
        (octets("za") + [0xBF, 0xF3, 0xB3, 0xE6] + octets(" g") + [0xEA, 0xB6] + octets("l") + [0xB1], nil, nil, "zażółć gęślą"),
        (octets("za") + [0xBF, 0xF3, 0xB3, 0xE6] + octets(" g") + [0xEA, 0x9C] + octets("l") + [0xB9], nil, nil, "zażółć gęślą"),
        (octets("z") + [0xEF] + octets("y"), nil, "koi8-r", "zОy"),
        (octets("Gr") + [0xF6, 0xDF] + octets("e, 5 m") + [0xB3, 0x2C, 0x20, 0xBF] + octets("qu") + [0xE9] + octets("?"), nil, nil,
            "Größe, 5 m³, ¿qué?"),
        (octets("c") + [0x9C] + octets("ur, ") + [0x80] + octets(" 5"), nil, nil, "cœur, € 5"),
        (octets("fa") + [0xE7] + octets("ade, voil") + [0xE0], nil, nil, "façade, voilà"),
        // Labels that cannot be meant.
        (octets("Żółć ś"), "iso-8859-2", nil, "Żółć ś"),
        (octets("g") + [0xEA, 0x9C] + octets("l") + [0xB9], "iso-8859-2", nil, "gęślą"),
        (octets("g") + [0xEA, 0xB6] + octets("l") + [0xB1], "iso-8859-2", nil, "gęślą"),
        (octets("Ż") + [0xFF], "utf-8", nil, "Ż\u{FFFD}"),
        ([0x1B, 0x24, 0x42, 0x25, 0x46], "iso-2022-jp", nil, "テ"),
        ([0x30, 0x42], "utf-16be", nil, "あ"),
        (octets("{"), "iso646-de", nil, "ä"),
        ([], "utf-16", nil, ""), ([0xFE], "utf-16", nil, "\u{FFFD}"),
    ]

    @Test(arguments: rows) func `a declaration is followed where it can be meant, and else guessed`(
        octets: [UInt8], charset: String?, hint: String?, text: String
    ) {
        #expect(Charset.decode(octets, as: charset, hint: hint) == text)
    }

    @Test func `no octets trap in any charset, and none take forever`() {
        var random = SeededGenerator(seed: 7)
        for name in Self.names {
            let octets = (0..<300).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = Charset.decode(octets, as: name)
        }
    }

    @Test func `raw names are read by the charset of the message`() {
        let header = HeaderSection(
            octets("Subject: =?iso-8859-2?Q?=B1?=\r\nFrom: \"J") + [0xB1] + octets("\" <a@b.example>\r\n\r\n"))
        #expect(header.addresses(of: "From").first?.displayName == "Ją")
    }
}
