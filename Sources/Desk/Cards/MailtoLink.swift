/// A link that makes a mail program begin a mail (RFC 6068).
///
///     MailtoLink(recipient: "desk@acme.example", subject: "[#7] Take", body: "#take\r\n").text
///     // mailto:desk@acme.example?subject=%5B%237%5D%20Take&body=%23take%0D%0A
package struct MailtoLink: Hashable, Sendable {
    package var recipient: String
    package var subject: String
    /// Lines end with CRLF (RFC 6068 §5); may be empty.
    package var body: String

    package init(recipient: String, subject: String, body: String = "") {
        (self.recipient, self.subject, self.body) = (recipient, subject, body)
    }

    /// The URI: pure ASCII, without a character that ends an attribute.
    package var text: String {
        var result = "mailto:\(Self.encoded(recipient, allowing: "@"))?subject=\(Self.encoded(subject))"
        if !body.isEmpty { result += "&body=\(Self.encoded(body))" }
        return result
    }

    /// Everything but unreserved characters (RFC 3986 §2.3) in percent signs: more than must be, since programs read a `+`
    /// and a `;` in their own ways.
    private static func encoded(_ text: String, allowing others: String = "") -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var octets: [UInt8] = []
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                octets.append(octet)
            default:
                if others.utf8.contains(octet) {
                    octets.append(octet)
                } else {
                    octets += [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 0x0F)]]
                }
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
