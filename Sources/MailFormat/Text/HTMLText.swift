/// The visible text of an HTML body, for searching and previews: no tags, comments, scripts and styles, entities decoded,
/// a line end where a block begins or ends. Nothing that arrives is an error.
///
///     HTMLText.visible("<p>Dzie&#324; <b>dobry</b></p><style>p{}</style>")  // "\nDzień dobry\n"
package enum HTMLText {
    /// Elements whose content nobody sees.
    private static let hidden: Set<String> = ["script", "style", "head", "title", "template", "noscript", "svg"]
    /// Elements that begin a line of their own.
    private static let blocks: Set<String> = [
        "p", "div", "br", "tr", "td", "th", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre",
        "blockquote", "section", "article", "header", "footer", "dt", "dd", "option",
    ]

    /// The text that a reader sees.
    package static func visible(_ html: String) -> String {
        var html = html
        return html.withUTF8 { octets in
            var reader = Reader(octets)
            reader.read()
            return String(decoding: reader.output, as: UTF8.self)
        }
    }

    private struct Reader {
        let octets: UnsafeBufferPointer<UInt8>
        var output: [UInt8] = []
        private var place = 0

        init(_ octets: UnsafeBufferPointer<UInt8>) {
            self.octets = octets
            output.reserveCapacity(octets.count / 2)
        }

        mutating func read() {
            while place < octets.count {
                switch octets[place] {
                case UInt8(ascii: "<"): readMarkup()
                case UInt8(ascii: "&"): readEntity()
                default:
                    output.append(octets[place])
                    place += 1
                }
            }
        }

        private mutating func readMarkup() {
            if starts(with: "<!--") {
                place = end(of: "-->", from: place + 4) ?? octets.count
                return
            }
            let isClosing = place + 1 < octets.count && octets[place + 1] == UInt8(ascii: "/")
            let nameStart = place + (isClosing ? 2 : 1)
            var nameEnd = nameStart
            while nameEnd < octets.count, nameEnd - nameStart < 20, octets[nameEnd].isLetter || octets[nameEnd].isDigit {
                nameEnd += 1
            }
            let isOther = nameStart < octets.count && (octets[nameStart] == 0x21 || octets[nameStart] == 0x3F)
            guard nameEnd > nameStart || isOther else {
                // `a < b` is text.
                output.append(octets[place])
                place += 1
                return
            }
            let name = String(decoding: octets[nameStart..<nameEnd].map(\.lowered), as: UTF8.self)
            place = tagEnd(from: nameEnd)
            if blocks.contains(name) { output.append(.lineFeed) }
            if !isClosing, hidden.contains(name) { skip(to: name) }
        }

        /// Behind the `>`; one within quotes does not count, unless the quotes never end.
        private func tagEnd(from start: Int) -> Int {
            var quote: UInt8?
            var index = start
            var firstEnd: Int?
            while index < octets.count, index - start < 65536 {
                let octet = octets[index]
                if octet == UInt8(ascii: ">") {
                    if quote == nil { return index + 1 }
                    if firstEnd == nil { firstEnd = index + 1 }
                } else if let open = quote {
                    if octet == open { quote = nil }
                } else if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "'") {
                    quote = octet
                }
                index += 1
            }
            return firstEnd ?? octets.count
        }

        /// Behind the end tag of a hidden element.
        private mutating func skip(to name: String) {
            var search = place
            while let found = end(of: "</", from: search) {
                let word = octets[found..<min(found + name.utf8.count, octets.count)]
                if Octets.areEqualIgnoringCase(word, name) {
                    place = tagEnd(from: found)
                    return
                }
                search = found
            }
            // A head that never ends hides nothing; an open script hides the rest.
            if name != "head" { place = octets.count }
        }

        private func starts(with word: StaticString) -> Bool {
            place + word.utf8CodeUnitCount <= octets.count
                && octets[place..<place + word.utf8CodeUnitCount].elementsEqual(
                    UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        }

        private func end(of word: StaticString, from start: Int) -> Int? {
            let wanted = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
            var index = start
            while index + wanted.count <= octets.count {
                if octets[index] == wanted[0], octets[index..<index + wanted.count].elementsEqual(wanted) {
                    return index + wanted.count
                }
                index += 1
            }
            return nil
        }

        private mutating func readEntity() {
            var end = place + 1
            while end < octets.count, end - place < 12, octets[end].isLetter || octets[end].isDigit || octets[end] == 0x23 {
                end += 1
            }
            let name = String(decoding: octets[place + 1..<end], as: UTF8.self)
            guard let scalar = HTMLEntities.scalar(name) else {
                output.append(octets[place])
                place += 1
                return
            }
            output += String(scalar).utf8
            place = end < octets.count && octets[end] == UInt8(ascii: ";") ? end + 1 : end
        }
    }
}

/// Character references of HTML: numbers, and the names that mail uses (HTML 4, with the letters of Latin 2 that editors
/// write).
enum HTMLEntities {
    /// `name` stands between `&` and `;`.
    static func scalar(_ name: String) -> Unicode.Scalar? {
        guard name.first == "#" else { return named[name] }
        let digits = name.dropFirst()
        let number =
            digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let number, number != 0 else { return nil }
        return Unicode.Scalar(number)
    }

    private static let named: [String: Unicode.Scalar] = {
        var table: [String: Unicode.Scalar] = [:]
        // ISO 8859-1 from 160 on, in order.
        let latin = """
            nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute \
            micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring \
            AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml \
            times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil \
            egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash \
            ugrave uacute ucirc uuml yacute thorn yuml
            """
        for (index, name) in latin.split(separator: " ").enumerated() {
            table[String(name)] = Unicode.Scalar(UInt32(160 + index))
        }
        let greek = """
            Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon \
            Phi Chi Psi Omega
            """
        for (index, name) in greek.split(separator: " ").enumerated() {
            table[String(name)] = Unicode.Scalar(UInt32(0x391 + index))
            table[name.lowercased()] = Unicode.Scalar(UInt32(0x3B1 + index))
        }
        let others: [(String, UInt32)] = [
            ("amp", 38), ("lt", 60), ("gt", 62), ("quot", 34), ("apos", 39), ("euro", 0x20AC), ("ndash", 0x2013),
            ("mdash", 0x2014), ("lsquo", 0x2018), ("rsquo", 0x2019), ("sbquo", 0x201A), ("ldquo", 0x201C),
            ("rdquo", 0x201D), ("bdquo", 0x201E), ("hellip", 0x2026), ("bull", 0x2022), ("trade", 0x2122),
            ("ensp", 0x2002), ("emsp", 0x2003), ("thinsp", 0x2009), ("zwnj", 0x200C), ("zwj", 0x200D), ("lrm", 0x200E),
            ("rlm", 0x200F), ("OElig", 0x152), ("oelig", 0x153), ("Scaron", 0x160), ("scaron", 0x161), ("Yuml", 0x178),
            ("larr", 0x2190), ("rarr", 0x2192), ("harr", 0x2194), ("minus", 0x2212), ("sigmaf", 0x3C2),
            ("Aogon", 0x104), ("aogon", 0x105), ("Cacute", 0x106), ("cacute", 0x107), ("Ccaron", 0x10C),
            ("ccaron", 0x10D), ("Dcaron", 0x10E), ("dcaron", 0x10F), ("Eogon", 0x118), ("eogon", 0x119),
            ("Ecaron", 0x11A), ("ecaron", 0x11B), ("Lstrok", 0x141), ("lstrok", 0x142), ("Nacute", 0x143),
            ("nacute", 0x144), ("Ncaron", 0x147), ("ncaron", 0x148), ("Odblac", 0x150), ("odblac", 0x151),
            ("Rcaron", 0x158), ("rcaron", 0x159), ("Sacute", 0x15A), ("sacute", 0x15B), ("Tcaron", 0x164),
            ("tcaron", 0x165), ("Uring", 0x16E), ("uring", 0x16F), ("Udblac", 0x170), ("udblac", 0x171),
            ("Zacute", 0x179), ("zacute", 0x17A), ("Zdot", 0x17B), ("zdot", 0x17C), ("Zcaron", 0x17D), ("zcaron", 0x17E),
        ]
        for (name, number) in others { table[name] = Unicode.Scalar(number) }
        return table
    }()
}
