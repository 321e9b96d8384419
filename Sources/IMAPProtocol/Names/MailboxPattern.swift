/// A pattern of LIST over decoded names: `*` stands for anything, `%` for anything without the delimiter
/// (RFC 3501 §6.3.8). Matching takes time in proportion to pattern times name, however many wildcards there are.
package struct MailboxPattern: Equatable, Sendable {
    /// Reference and pattern, joined.
    package let text: String
    /// The client gave an empty pattern, so that only the delimiter is asked for.
    package let isEmptyRequest: Bool
    private let octets: [UInt8]

    package init(reference: String = "", _ pattern: String) {
        text = MailboxName.composed(reference + pattern)
        isEmptyRequest = pattern.isEmpty
        // `**` says no more than `*`; written out it would only cost time.
        var octets: [UInt8] = []
        for octet in text.utf8 where !(octet == UInt8(ascii: "*") && octets.last == UInt8(ascii: "*")) {
            octets.append(octet)
        }
        if MailboxName.beginsWithInbox(octets) { octets.replaceSubrange(0..<5, with: "INBOX".utf8) }
        self.octets = octets
    }

    /// The mailbox meant, if there is no wildcard in the pattern.
    package var literalName: MailboxName? {
        octets.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "%") } ? nil : MailboxName(text)
    }

    /// Whether the name fits. A pattern like `inb%` fits INBOX, whose case does not count.
    package func matches(_ name: MailboxName, delimiter: UInt8 = UInt8(ascii: "/")) -> Bool {
        if octets == [UInt8(ascii: "*")] { return true }
        if matches(Array(name.text.utf8), delimiter: delimiter, foldedPrefix: 0) { return true }
        guard MailboxName.beginsWithInbox(name.text.utf8) else { return false }
        return matches(Array(name.text.utf8), delimiter: delimiter, foldedPrefix: 5)
    }

    /// Runs the pattern as an automaton: which of its positions can be reached after each octet of the name.
    private func matches(_ name: [UInt8], delimiter: UInt8, foldedPrefix: Int) -> Bool {
        var reached = [Bool](repeating: false, count: octets.count + 1)
        var next = reached
        reached[0] = true
        closeOverWildcards(&reached)
        for (index, octet) in name.enumerated() {
            var isAlive = false
            for position in next.indices { next[position] = false }
            for position in octets.indices where reached[position] {
                switch octets[position] {
                case UInt8(ascii: "*"):
                    next[position] = true
                case UInt8(ascii: "%"):
                    guard octet != delimiter else { continue }
                    next[position] = true
                case let expected:
                    let fits = index < foldedPrefix ? expected | 0x20 == octet | 0x20 : expected == octet
                    guard fits else { continue }
                    next[position + 1] = true
                }
                isAlive = true
            }
            guard isAlive else { return false }
            closeOverWildcards(&next)
            swap(&reached, &next)
        }
        return reached[octets.count]
    }

    /// A wildcard may stand for nothing.
    private func closeOverWildcards(_ reached: inout [Bool]) {
        for position in octets.indices where reached[position] {
            if octets[position] == UInt8(ascii: "*") || octets[position] == UInt8(ascii: "%") {
                reached[position + 1] = true
            }
        }
    }
}
