/// A tag of a case as an IMAP keyword. Thunderbird writes keywords in lower case and octets that no atom may hold as `=xx`
/// (RFC 9051 §9 atom), so the tag that a rule gives is the one that an agent gave by hand.
///
///     TagKeyword.keyword(of: "Pilne sprawy")  // pilne=20sprawy
package enum TagKeyword {
    package static func keyword(of tag: String) -> String {
        var octets: [UInt8] = []
        for octet in tag.lowercased().utf8 {
            if isPlain(octet) {
                octets.append(octet)
            } else {
                octets += [UInt8(ascii: "="), digit(octet >> 4), digit(octet & 0x0F)]
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// The tag of a keyword, for people to read: `=20` is a space again. What is no UTF-8 then stays as it is.
    package static func tag(of keyword: String) -> String {
        let octets = Array(keyword.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < octets.count {
            if octets[index] == UInt8(ascii: "="), index + 2 < octets.count, let high = value(octets[index + 1]),
                let low = value(octets[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(octets[index])
                index += 1
            }
        }
        return String(validating: result, as: UTF8.self) ?? keyword
    }

    private static func value(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        (0x21...0x7E).contains(octet) && !"(){%*\"\\]=".utf8.contains(octet)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }
}
