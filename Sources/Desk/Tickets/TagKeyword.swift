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

    private static func isPlain(_ octet: UInt8) -> Bool {
        (0x21...0x7E).contains(octet) && !"(){%*\"\\]=".utf8.contains(octet)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }
}
