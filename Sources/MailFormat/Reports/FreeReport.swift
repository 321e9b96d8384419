import MailTypes

/// Reports that are text for people: those of qmail, Exim, sendmail, Postfix without DSN, Exchange and their like. Each names
/// recipients, and says near each one why.
enum FreeReport {
    /// From here on the mail itself is shown.
    private static let endings = [
        "--- below this line is a copy of the message", "------ this is a copy of the message",
        "----- original message", "------ this is the body of the message", "original message headers",
        "----- message header follows", "----- unsent message follows", "diagnostic information for administrators",
        "the following is a copy of the message",
    ]
    /// It will be tried again.
    private static let delays = [
        "will be retried", "will continue to be tried", "delivery attempts will continue", "has been delayed",
        "has not yet been delivered", "do not need to resend", "warning message only", "keep trying",
        "not yet been delivered",
    ]
    /// Words that mean a mailbox that is not there (RFC 3463 §3.2: X.1.1).
    private static let unknownMailbox = [
        "user unknown", "unknown user", "no such user", "no mailbox here by that name", "unknown recipient",
        "recipient not found", "mailbox unavailable", "mailbox not found", "does not exist", "doesn't exist",
        "invalid recipient", "couldn't be found", "wasn't found", "unrouteable address", "no such recipient",
        "address rejected", "recipnotfound",
    ]
    private static let fullMailbox = ["quota", "mailbox is full", "mailbox full", "over its storage limit"]

    static func read(_ header: HeaderSection, _ text: String, _ limits: DeliveryReport.Limits) -> DeliveryReport {
        let lines = lines(text)
        let whole = lines.joined(separator: " ").lowercased()
        let action: DeliveryReport.Action = delays.contains { whole.contains($0) } ? .delayed : .failed
        // Exim names them in a field (X-Failed-Recipients), the others in the text only.
        let named = header.addresses(of: "X-Failed-Recipients").map(\.address)
        var found: [(address: EmailAddress, words: [Substring])] = []
        var current: Int?
        for line in lines {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            if trimmed.isEmpty {
                if current.map({ found[$0].words.contains { !$0.isEmpty } }) == true { current = nil }
                continue
            }
            if let (address, rest) = leadingAddress(trimmed), found.count < limits.recipients {
                current = found.firstIndex { $0.address == address }
                if current == nil {
                    found.append((address, []))
                    current = found.count - 1
                }
                if let current { found[current].words.append(rest) }
            } else if let current, found[current].words.count < 20 {
                found[current].words.append(trimmed)
            }
        }
        var recipients = found.map { entry in
            recipient(entry.address, entry.words.joined(separator: " "), whole, action, limits)
        }
        if !named.isEmpty {
            recipients = named.prefix(limits.recipients).map { address in
                recipients.first { $0.address == address } ?? recipient(address, "", whole, action, limits)
            }
        }
        return DeliveryReport(recipients: recipients)
    }

    /// The lines up to the mail itself.
    private static func lines(_ text: String) -> [Substring] {
        var result: [Substring] = []
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let lower = line.lowercased()
            if endings.contains(where: { lower.contains($0) }) { break }
            result.append(line.prefix(1000))
            if result.count == 500 { break }
        }
        return result
    }

    private static func recipient(
        _ address: EmailAddress, _ words: String, _ whole: String, _ action: DeliveryReport.Action,
        _ limits: DeliveryReport.Limits
    ) -> DeliveryReport.Recipient {
        let said = words.isEmpty ? whole : words
        let lower = said.lowercased()
        var status = said.firstStatus ?? said.statusOfReply
        if status == nil || status?.subject == 0 {
            if unknownMailbox.contains(where: { lower.contains($0) }) {
                status = EnhancedStatus(5, 1, 1)
            } else if fullMailbox.contains(where: { lower.contains($0) }) {
                status = EnhancedStatus(status?.class ?? 5, 2, 2)
            }
        }
        let isDelay = action == .delayed
        return DeliveryReport.Recipient(
            address: address, action: isDelay ? .delayed : .failed,
            status: status ?? EnhancedStatus(isDelay ? 4 : 5, 0, 0), diagnostic: words.oneLine(limits.diagnostic))
    }

    /// An address that a line begins with, after marks and a name: `<jan@c.example>: no such user`, `* jan@c.example`,
    /// `Jan (jan@c.example)<mailto:jan@c.example>`.
    private static func leadingAddress(_ line: Substring) -> (EmailAddress, Substring)? {
        guard let at = line.firstIndex(of: "@") else { return nil }
        func isText(_ character: Character) -> Bool {
            !character.isWhitespace && !"<>()[],;:\"'".contains(character)
        }
        var start = at
        while start > line.startIndex, isText(line[line.index(before: start)]) { start = line.index(before: start) }
        var end = line.index(after: at)
        while end < line.endIndex, isText(line[end]) { end = line.index(after: end) }
        // A name may stand before it; what a server said may not.
        let before = line[..<start]
        let isMarked = before.last == "<" || before.last == "("
        // But for its code, as the oldest sendmail wrote it: `550 jan@c.example... User unknown`.
        let isCode = before.count < 12 && (before.first == "4" || before.first == "5")
            && before.allSatisfy { $0.isNumber || $0 == "." || $0 == " " } && before.last == " "
        guard before.count <= 80, !before.contains(":"), isMarked || isCode || !before.contains(where: \.isNumber) else {
            return nil
        }
        guard isMarked || before.allSatisfy({ !$0.isLetter }) else { return nil }
        var written = line[start..<end]
        while let last = written.last, last == "." { written.removeLast() }
        guard let address = EmailAddress(written) else { return nil }
        let rest = line[end...].drop { ">:)<,; ".contains($0) }
        return (address, isCode ? before + rest : rest)
    }
}

extension String {
    /// The first enhanced status code in a text (RFC 3463): `5.1.1`, also within `(#5.1.1)`.
    var firstStatus: EnhancedStatus? {
        let octets = Array(utf8)
        var index = 0
        while index + 4 < octets.count {
            defer { index += 1 }
            guard octets[index] == 0x34 || octets[index] == 0x35, octets[index + 1] == 0x2E,
                index == 0 || !Self.isWordOctet(octets[index - 1])
            else { continue }
            var position = index + 2
            guard let subject = Self.number(octets, &position), position < octets.count, octets[position] == 0x2E else {
                continue
            }
            position += 1
            guard let detail = Self.number(octets, &position),
                position == octets.count || !Self.isWordOctet(octets[position])
                    || octets[position] == 0x2E && (position + 1 == octets.count || !Self.isDigit(octets[position + 1]))
            else { continue }
            return EnhancedStatus(octets[index] - 0x30, subject, detail)
        }
        return nil
    }

    /// What a reply code in a text says, where nothing better is there.
    var statusOfReply: EnhancedStatus? {
        for word in split(whereSeparator: { !$0.isNumber }) where word.utf8.count == 3 {
            guard let code = Int(word), (400...599).contains(code) else { continue }
            return EnhancedStatus(UInt8(code / 100), 0, 0)
        }
        return nil
    }

    /// In one line without control characters, cut to a number of octets.
    func oneLine(_ maximum: Int) -> String {
        var result = ""
        var hasBlank = true
        for scalar in unicodeScalars {
            let isBlank = scalar.value <= 0x20 || scalar.value == 0x7F
            if isBlank {
                if !hasBlank { result.append(" ") }
            } else {
                result.unicodeScalars.append(scalar)
            }
            hasBlank = isBlank
            if result.utf8.count >= maximum { break }
        }
        return result
    }

    private static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

    private static func isWordOctet(_ octet: UInt8) -> Bool { isDigit(octet) || octet == 0x2E }

    private static func number(_ octets: [UInt8], _ position: inout Int) -> UInt16? {
        var value: UInt16 = 0
        var digits = 0
        while position < octets.count, isDigit(octets[position]), digits < 3 {
            value = value * 10 + UInt16(octets[position] - 0x30)
            position += 1
            digits += 1
        }
        return digits > 0 ? value : nil
    }
}
