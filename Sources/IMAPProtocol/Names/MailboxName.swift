@_spi(_Unicode) import Swift

/// A mailbox name, decoded, in NFC, so that names which look alike are equal. `INBOX` in any case is `INBOX`
/// (RFC 3501 §5.1); all else keeps its case. Whether names beyond that are the same mailbox is the session's business.
package struct MailboxName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// Unicode in NFC, levels parted by `/`.
    package let text: String
    /// What it was before, where that was no NFC; says nothing about what is equal.
    package let denormalized: String?

    /// From decoded text.
    package init(_ text: some StringProtocol) {
        let given = String(text)
        let text = Self.composed(given)
        denormalized = text.utf8.elementsEqual(given.utf8) ? nil : given
        if Self.beginsWithInbox(text.utf8) {
            self.text = "INBOX" + text.dropFirst(5)
        } else {
            self.text = text
        }
    }

    package static func == (left: MailboxName, right: MailboxName) -> Bool { left.text == right.text }
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// From a constant.
    package init(stringLiteral text: String) { self.init(text) }

    /// The one name whose case does not count.
    package static let inbox: MailboxName = "INBOX"
    package var isInbox: Bool { text == "INBOX" }
    package var description: String { text }

    /// The names between the delimiters, `["Groups", "Returns"]`.
    package var components: [Substring] { text.split(separator: "/", omittingEmptySubsequences: false) }

    /// From the octets of an astring. Octets beyond ASCII are UTF-8, which many clients send unasked; otherwise the
    /// name is modified UTF-7, and what is none (`A&B`) is taken as it stands. With UTF8=ACCEPT `&` has no meaning
    /// (RFC 6855 §3). `nil` for invalid UTF-8 and control characters.
    package init?(wire octets: [UInt8], isUTF8: Bool) {
        guard let text = Self.decoded(octets, isUTF8: isUTF8) else { return nil }
        self.init(text)
    }

    static func decoded(_ octets: [UInt8], isUTF8: Bool) -> String? {
        var hasShift = false
        var isASCII = true
        for octet in octets {
            guard octet >= 0x20, octet != 0x7F else { return nil }
            if octet == UInt8(ascii: "&") { hasShift = true }
            if octet >= 0x80 { isASCII = false }
        }
        if hasShift, isASCII, !isUTF8, let text = ModifiedUTF7.decode(octets) { return text }
        return String(validating: octets, as: UTF8.self)
    }

    static func composed(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text._nfc { scalars.append(scalar) }
        return String(scalars)
    }

    /// `inbox` alone or before a delimiter.
    static func beginsWithInbox(_ octets: some Collection<UInt8>) -> Bool {
        let inbox: StaticString = "inbox"
        guard octets.count >= 5,
            zip(octets, UnsafeBufferPointer(start: inbox.utf8Start, count: 5))
                .allSatisfy({ $0 | 0x20 == $1 })
        else { return false }
        return octets.count == 5 || octets.dropFirst(5).first == UInt8(ascii: "/")
    }
}
