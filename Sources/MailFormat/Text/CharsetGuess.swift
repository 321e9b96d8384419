/// Which of the charsets of Central and Western Europe octets are in that are not UTF-8 and declare nothing. Polish, Czech
/// and their neighbours have letters where windows-1252 has signs; signs do not stand inside words.
enum CharsetGuess {
    case windows1252
    case windows1250
    case iso88592

    /// How much is looked at.
    private static let limit = 64 * 1024

    static func guess(_ octets: [UInt8]) -> CharsetGuess {
        var shared = 0
        var windows = 0
        var iso = 0
        var western = 0
        let count = min(octets.count, limit)
        guard count > 2 else { return .windows1252 }
        for index in 1..<count - 1 where octets[index] >= 0x80 {
            guard isLetter(octets[index - 1]), isLetter(octets[index + 1]) else { continue }
            switch octets[index] {
            case 0xB3, 0xBF, 0xA3, 0xAF: shared += 1  // ł ż Ł Ż, in windows-1252 ³ ¿ £ ¯
            case 0xB9, 0x9F, 0xA5, 0x8F, 0xBE, 0x9D, 0x8D: windows += 1  // ą ź Ą Ź ľ ť Ť; ¹ Ÿ ¥ ¾
            case 0xB1, 0xB6, 0xBC, 0xA1, 0xA6, 0xAC, 0xBB: iso += 1  // ą ś ź Ą Ś Ź ť; ± ¶ ¼ ¡ ¦ ¬ »
            case 0xE0, 0xE3, 0xE5, 0xE8, 0xF2, 0xF5, 0xF8: western += 1  // à ã å è ò õ ø, rarer in the East: ŕ ă ĺ č ň ő ř
            default: break
            }
        }
        guard shared * 2 + windows * 2 + iso * 2 > western else { return .windows1252 }
        return iso > windows ? .iso88592 : .windows1250
    }

    private static func isLetter(_ octet: UInt8) -> Bool {
        octet.isLetter || octet >= 0xC0 || octet == 0xB3 || octet == 0xBF || octet == 0xB9 || octet == 0x9C || octet == 0xB6
    }
}
