/// The character classes of RFC 3501 §9, as tests of one octet.
enum ByteClass {
    /// ATOM-CHAR: no controls, no space, none of `(){%*"\]`. Octets beyond ASCII are none.
    static func isAtom(_ octet: UInt8) -> Bool { table[Int(octet)] & 1 != 0 }

    /// ASTRING-CHAR: ATOM-CHAR or `]`. Octets beyond ASCII pass too, for clients that send names as they are.
    static func isAstring(_ octet: UInt8) -> Bool { table[Int(octet)] & 2 != 0 }

    /// list-char: ASTRING-CHAR, `%` or `*`.
    static func isListMailbox(_ octet: UInt8) -> Bool { table[Int(octet)] & 4 != 0 }

    /// ASTRING-CHAR without `+` (RFC 3501 §9 tag).
    static func isTag(_ octet: UInt8) -> Bool {
        octet < 0x80 && table[Int(octet)] & 2 != 0 && octet != UInt8(ascii: "+")
    }

    static func isDigit(_ octet: UInt8) -> Bool { octet &- 0x30 < 10 }

    static func isLetter(_ octet: UInt8) -> Bool { (octet | 0x20) &- 0x61 < 26 }

    /// `Jan` for 1; the calendar yields no other numbers.
    static func monthName(_ month: Int) -> StaticString {
        switch month {
        case 1: "Jan"
        case 2: "Feb"
        case 3: "Mar"
        case 4: "Apr"
        case 5: "May"
        case 6: "Jun"
        case 7: "Jul"
        case 8: "Aug"
        case 9: "Sep"
        case 10: "Oct"
        case 11: "Nov"
        default: "Dec"
        }
    }

    private static let table: [UInt8] = (0...255).map { octet -> UInt8 in
        let octet = UInt8(octet)
        switch octet {
        case 0...0x20, 0x7F: return 0
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "{"), UInt8(ascii: "\""), UInt8(ascii: "\\"): return 0
        case UInt8(ascii: "%"), UInt8(ascii: "*"): return 4
        case UInt8(ascii: "]"), 0x80...: return 2 | 4
        default: return 1 | 2 | 4
        }
    }
}
