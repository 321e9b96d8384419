import Glibc
import Synchronization

/// Turning octets of any charset into text, by the system's iconv. Never fails: what the declared charset cannot mean
/// is read as UTF-8 if it is that, else by a guess. What it can mean is never read otherwise.
package enum Charset {
    /// Decodes `octets` as `name` declares; `nil` declares nothing. `hint`: a charset that the message names elsewhere, for
    /// octets that have none of their own.
    package static func decode(
        _ octets: [UInt8], as name: String?, hint: @autoclosure () -> String? = nil
    ) -> String {
        let canonical = name.map(canonicalName) ?? "us-ascii"
        if hasASCII(canonical), isASCII(octets) { return String(decoding: octets, as: UTF8.self) }
        switch canonical {
        case "us-ascii": return undeclared(octets, hint())
        case "utf-8":
            if let text = String(validating: octets, as: UTF8.self) { return text }
            // Text that has some good sequences is UTF-8 that was cut or damaged; without any the label was wrong.
            return hasMultibyteSequence(octets)
                ? String(decoding: octets, as: UTF8.self) : undeclared(octets, hint())
        case "windows-1252": return windows1252(octets)
        default: return declared(octets, canonical) ?? undeclared(octets, hint())
        }
    }

    /// Decodes octets that declare nothing: UTF-8 if they are that, else by a guess.
    package static func decode(_ octets: [UInt8]) -> String { decode(octets, as: nil) }

    /// `nil` for a charset that iconv does not know.
    private static func declared(_ octets: [UInt8], _ name: String) -> String? {
        guard let (text, isDamaged) = converted(octets, from: name) else { return nil }
        // C1 controls are in no real text: ISO 8859 with them is UTF-8, or the Windows charset that has letters there.
        let sibling = windowsSiblings[name]
        let isMislabelled = sibling != nil && octets.contains { $0 & 0xE0 == 0x80 }
        guard isDamaged || isMislabelled, !isASCII(octets) else { return text }
        if !isWide(name), let utf8 = String(validating: octets, as: UTF8.self) { return utf8 }
        guard isMislabelled, let sibling, let other = converted(octets, from: sibling) else { return text }
        return other.isDamaged ? text : other.text
    }

    /// What octets above ASCII without a charset mean.
    private static func undeclared(_ octets: [UInt8], _ hint: String?) -> String {
        if let text = String(validating: octets, as: UTF8.self) { return text }
        if let name = hint.map(canonicalName), name != "us-ascii", name != "utf-8",
            let (text, isDamaged) = name == "windows-1252" ? (windows1252(octets), false) : converted(octets, from: name),
            !isDamaged
        {
            return text
        }
        switch CharsetGuess.guess(octets) {
        case .windows1252: return windows1252(octets)
        case .windows1250: return converted(octets, from: "windows-1250")?.text ?? windows1252(octets)
        case .iso88592: return converted(octets, from: "iso-8859-2")?.text ?? windows1252(octets)
        }
    }

    private static let windowsSiblings = [
        "iso-8859-2": "windows-1250", "iso-8859-7": "windows-1253", "iso-8859-8": "windows-1255",
        "iso-8859-13": "windows-1257", "iso-8859-15": "windows-1252",
    ]

    static func isASCII(_ octets: [UInt8]) -> Bool { octets.allSatisfy { $0 < 0x80 } }

    /// Charsets in which octets below 0x80 are ASCII and nothing else. Those of other names go through iconv: EBCDIC, the
    /// national variants of ISO 646, and all that switch by escape sequences.
    static func hasASCII(_ canonical: String) -> Bool {
        switch canonical {
        case "utf-8", "us-ascii", "gb18030", "cp949", "cp932", "big5", "euc-jp", "cp874", "koi8-r", "koi8-u": true
        default: canonical.hasPrefix("iso-8859-") || canonical.hasPrefix("windows-125")
        }
    }

    /// Charsets whose octets are no text in UTF-8, however they look.
    private static func isWide(_ canonical: String) -> Bool {
        ["utf-16", "utf16", "utf-32", "utf32", "ucs", "unicode", "iso-10646", "internal", "wchar", "ebcdic", "ibm"]
            .contains { canonical.hasPrefix($0) }
    }

    /// What senders call a charset, as iconv calls it. Where a label is commonly used for its superset, the superset.
    static func canonicalName(_ name: String) -> String {
        let lowered = name.lowercased()
        switch lowered {
        case "utf8", "utf-8", "unicode-1-1-utf-8", "utf_8", "x-utf-8": return "utf-8"
        case "", "ascii", "us-ascii", "ansi_x3.4-1968", "7bit", "8bit", "x-unknown", "unknown-8bit", "unknown",
            "default", "x-user-defined":
            return "us-ascii"
        case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "cp-1252",
            "x-cp1252", "ansi", "windows1252", "iso-8859-1-windows-3.1-latin-1":
            return "windows-1252"
        case "gb2312", "gb_2312-80", "gbk", "x-gbk", "chinese": return "gb18030"
        case "ks_c_5601-1987", "ks_c_5601", "euc-kr", "korean", "ksc5601": return "cp949"
        case "shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j": return "cp932"
        case "iso-8859-8-i", "iso-8859-8-e": return "iso-8859-8"
        case "unicode-1-1-utf-7": return "utf-7"
        case "iso-8859-9", "latin5": return "windows-1254"
        case "tis-620", "iso-8859-11": return "cp874"
        default: return lowered
        }
    }

    private static func hasMultibyteSequence(_ octets: [UInt8]) -> Bool {
        var index = 0
        while index + 1 < octets.count {
            let length =
                switch octets[index] {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            if length > 1, index + length <= octets.count,
                octets[index + 1..<index + length].allSatisfy({ $0 & 0xC0 == 0x80 })
            {
                return true
            }
            index += 1
        }
        return false
    }

    // MARK: windows-1252

    /// The 32 code points that differ from ISO 8859-1; the five unassigned octets keep their C1 meaning (WHATWG).
    private static let windows1252High: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]

    private static func windows1252(_ octets: [UInt8]) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(octets.count)
        for octet in octets {
            units.append(octet & 0xE0 == 0x80 ? windows1252High[Int(octet & 0x1F)] : UInt16(octet))
        }
        return String(decoding: units, as: UTF16.self)
    }

    // MARK: iconv

    /// Octets converted by iconv, U+FFFD for each octet that means nothing; `nil` for a charset iconv does not know.
    private static func converted(_ octets: [UInt8], from name: String) -> (text: String, isDamaged: Bool)? {
        guard let descriptor = ConverterPool.shared.take(name) else { return nil }
        defer { ConverterPool.shared.give(back: descriptor, name) }
        let (utf8, isDamaged) = descriptor.convert(octets)
        return (String(decoding: utf8, as: UTF8.self), isDamaged)
    }
}

/// An open iconv descriptor.
///
/// `@unchecked Sendable`: a descriptor is state of one conversion at a time; the pool hands each to one taker only.
struct Converter: @unchecked Sendable {
    private let descriptor: iconv_t

    /// `nil` for an unknown charset. Names with a slash would be read as iconv's own options and are refused.
    init?(charset name: String) {
        guard name.utf8.count <= 40, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }),
            let descriptor = iconv_open("UTF-8", name), Int(bitPattern: descriptor) != -1
        else { return nil }
        self.descriptor = descriptor
    }

    func close() { iconv_close(descriptor) }

    /// UTF-8 with U+FFFD wherever the input means nothing.
    func convert(_ octets: [UInt8]) -> (utf8: [UInt8], isDamaged: Bool) {
        var isDamaged = false
        iconv(descriptor, nil, nil, nil, nil)
        var input = octets
        var result: [UInt8] = []
        result.reserveCapacity(octets.count * 2)
        var chunk = [UInt8](repeating: 0, count: 4096)
        input.withUnsafeMutableBytes { source in
            var next = source.baseAddress?.assumingMemoryBound(to: CChar.self)
            var left = source.count
            while left > 0 {
                let leftBefore = left
                let status = chunk.withUnsafeMutableBytes { target -> Int32? in
                    var output = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                    var room = target.count
                    let outcome = iconv(descriptor, &next, &left, &output, &room)
                    let code = errno
                    result += target[..<(target.count - room)]
                    return outcome == -1 ? code : nil
                }
                // A converter that wants room and takes nothing would never end (CVE-2020-27618 was one).
                guard let status, status != E2BIG || left == leftBefore else { continue }
                isDamaged = true
                result += [0xEF, 0xBF, 0xBD]
                guard left > 0, status != EINVAL else { break }
                next = next.map { $0 + 1 }
                left -= 1
            }
        }
        // What a converter holds back until it sees what follows.
        chunk.withUnsafeMutableBytes { target in
            var output = target.baseAddress?.assumingMemoryBound(to: CChar.self)
            var room = target.count
            iconv(descriptor, nil, nil, &output, &room)
            result += target[..<(target.count - room)]
        }
        return (result, isDamaged)
    }
}

/// Idle iconv descriptors by charset: opening one loads a shared object and costs more than most conversions.
final class ConverterPool: Sendable {
    static let shared = ConverterPool()
    private static let idlePerCharset = 4
    private static let charsets = 32

    private let idle = Mutex<[String: [Converter]]>([:])

    func take(_ name: String) -> Converter? {
        if let converter = idle.withLock({ $0[name]?.popLast() }) { return converter }
        return Converter(charset: name)
    }

    func give(back converter: Converter, _ name: String) {
        let isKept = idle.withLock { idle in
            guard idle[name] != nil || idle.count < Self.charsets, idle[name, default: []].count < Self.idlePerCharset
            else { return false }
            idle[name, default: []].append(converter)
            return true
        }
        if !isKept { converter.close() }
    }
}
