/// Base64 (RFC 2045 §6.8) as it arrives: line ends, blanks, foreign letters and missing padding are passed over.
enum LenientBase64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// 0...63 for a letter of the alphabet, 0xFF for anything else.
    static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { table[Int(letter)] = UInt8(value) }
        return table
    }()

    /// Octets that are no letter of the alphabet are passed over; an incomplete last group gives what it can.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8] {
        var decoder = Base64Decoder()
        var result: [UInt8] = []
        for octet in text { decoder.decode(octet, into: &result) }
        return result
    }
}

/// Base64 that arrives in pieces. Padding ends a group, so that concatenated encodings are read on.
struct Base64Decoder: Sendable {
    private var bits: UInt32 = 0
    private var held = 0

    mutating func decode(_ octet: UInt8, into output: inout [UInt8]) {
        let value = LenientBase64.values[Int(octet)]
        guard value != 0xFF else {
            if octet == UInt8(ascii: "=") { (bits, held) = (0, 0) }
            return
        }
        bits = bits << 6 | UInt32(value)
        held += 6
        guard held >= 8 else { return }
        held -= 8
        output.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
    }
}
