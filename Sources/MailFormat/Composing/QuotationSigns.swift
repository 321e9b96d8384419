/// How mail programs announce what they quote or forward, in English and Polish. Words are compared folded: case and marks
/// do not count.
enum QuotationSigns {
    /// Behind the name of whoever is quoted.
    private static let verbs: Set<String> = [
        "wrote", "writes", "napisal", "napisala", "napisal(a)", "napisali", "napisala(a)", "napisano", "napisana", "pisze",
        "schrieb", "ecrit",
    ]
    /// How a line begins that says when somebody wrote.
    private static let beginnings = [
        "on ", "w dniu ", "dnia ", "wiadomosc napisana ", "pon.", "wt.", "sr.", "czw.", "pt.", "sob.", "niedz.", "am ", "le ",
    ]
    /// Within a row of dashes.
    private static let separators = [
        "original message", "forwarded message", "wiadomosc", "message original", "mail original", "ursprungliche nachricht",
    ]
    private static let announcements = ["begin forwarded message", "poczatek przekaz", "poczatek przesyl", "poczatek wiadomosci"]
    private static let fromLabels: Set<String> = ["from", "od", "nadawca", "von", "de"]
    private static let labels: Set<String> = [
        "sent", "date", "to", "cc", "bcc", "subject", "reply-to", "importance", "wyslano", "wyslane", "data", "do", "dw", "udw",
        "temat", "adresat", "odbiorca", "odpowiedz do", "kopia", "gesendet", "an", "betreff", "a", "objet",
    ]
    private static let longestAnnouncement = 400

    static func folded(_ text: some StringProtocol) -> String {
        String(decoding: TextFolding.fold(String(text.prefix(longestAnnouncement))), as: UTF8.self)
            .trimmingSpaces
    }

    /// The lines of `texts` that announce a quotation, counted from the end; 0: none do. The quotation follows them.
    static func attributionLength(_ texts: [Substring]) -> Int {
        let lines = texts.map(folded)
        guard let last = lines.last, last.hasSuffix(":") else { return 0 }
        for count in 1...max(1, min(4, lines.count)) where count <= lines.count {
            let joined = lines.suffix(count).joined(separator: " ")
            guard joined.utf8.count <= longestAnnouncement else { break }
            if hasBeginning(lines[lines.count - count]), hasNumber(joined), hasVerb(joined) || joined.contains("@") { return count }
        }
        if hasFinalVerb(last) || hasVerb(last) && (hasNumber(last) || last.contains("@")) { return 1 }
        // Old Gmail: 2026-11-25 21:37 GMT+01:00 Jan <jan@customer.example>:
        return last.utf8.first?.isDigit == true && last.contains("<") && last.contains("@") ? 1 : 0
    }

    /// Whether lines announce a quotation so surely that what follows is one without any mark: `On 25 Nov 2026 at 21:37, Jan
    /// wrote:`. The number of those lines.
    static func sureAttributionLength(_ texts: [Substring]) -> Int {
        guard texts.first.map({ hasBeginning(folded($0.prefix(24)) + " ") }) == true else { return 0 }
        for count in 1...3 where count <= texts.count {
            let joined = texts.prefix(count).map(folded).joined(separator: " ")
            guard joined.utf8.count <= longestAnnouncement else { return 0 }
            if joined.hasSuffix(":") { return (hasFinalVerb(joined) || hasVerb(joined)) && hasTime(joined) ? count : 0 }
        }
        return 0
    }

    private static func hasBeginning(_ text: String) -> Bool { beginnings.contains { text.hasPrefix($0) } }
    private static func hasNumber(_ text: String) -> Bool { text.utf8.contains(where: \.isDigit) }

    private static func hasVerb(_ text: String) -> Bool {
        text.split { $0 == " " || $0 == ":" || $0 == "," }.contains { verbs.contains(String($0)) }
    }

    private static func hasFinalVerb(_ text: String) -> Bool {
        text.dropLast().split(separator: " ").last.map { verbs.contains(String($0)) } == true
    }

    /// `9:37`, `21.37`.
    private static func hasTime(_ text: String) -> Bool {
        let octets = Array(text.utf8)
        return octets.indices.contains { index in
            guard index > 0, index + 2 < octets.count, octets[index] == UInt8(ascii: ":") || octets[index] == UInt8(ascii: ".") else {
                return false
            }
            return octets[index - 1].isDigit && octets[index + 1].isDigit && octets[index + 2].isDigit
        }
    }

    /// `-----Original Message-----`, `-------- Wiadomość oryginalna --------`, or any words between rows of dashes before the
    /// fields of a mail.
    static func isSeparator(_ text: Substring, isBeforeField: Bool) -> Bool {
        guard text.utf8.first == UInt8(ascii: "-") || text.utf8.first == UInt8(ascii: "_"), text.utf8.count <= 200 else { return false }
        let row = text.utf8.prefix { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }.count
        guard row >= 3 else { return false }
        let words = folded(text).trimmed { $0 == "-" || $0 == "_" || $0 == " " }
        if words.isEmpty { return row >= 20 && isBeforeField }
        return text.hasSuffix("--") && (isBeforeField || separators.contains { words.contains($0) })
    }

    /// `Begin forwarded message:` and its kin: what follows says itself that it is quoted.
    static func isAnnouncement(_ text: Substring) -> Bool {
        guard text.utf8.last == UInt8(ascii: ":"), text.utf8.count <= 100 else { return false }
        let words = folded(text)
        return announcements.contains { words.hasPrefix($0) }
    }

    /// The fields of a mail as Outlook writes them before what it quotes: `From:`, and at least two others in the next lines.
    /// `labels`: what stands before the colons of the lines.
    static func isHeaderBlock(_ labels: [String?]) -> Bool {
        guard let first = labels.first ?? nil, fromLabels.contains(first) else { return false }
        return Set(labels.dropFirst().prefix(7).compactMap { $0 }.filter(Self.labels.contains)).count >= 2
    }

    /// The name of a mail's field before a colon at the beginning of a line, bold or not.
    static func fieldLabel(_ text: Substring) -> String? {
        guard let colon = text.utf8.prefix(40).firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let label = folded(text[..<colon]).trimmed { $0 == "*" || $0 == " " }
        return fromLabels.contains(label) || labels.contains(label) ? label : nil
    }
}

extension String {
    fileprivate func trimmed(_ isDropped: (Character) -> Bool) -> String {
        var text = self[...]
        while let first = text.first, isDropped(first) { text = text.dropFirst() }
        while let last = text.last, isDropped(last) { text = text.dropLast() }
        return String(text)
    }

    fileprivate var trimmingSpaces: String { trimmed { $0 == " " } }
}
