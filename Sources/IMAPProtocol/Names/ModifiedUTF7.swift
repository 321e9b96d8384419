/// Modified UTF-7, the spelling of mailbox names before RFC 9051 (RFC 3501 §5.1.3): `Zamkni&ARk-te` is `Zamknięte`,
/// `&-` is `&`.
package enum ModifiedUTF7 {
    /// The name meant; `nil` for what no encoder writes: octets beyond printable ASCII, unpaired surrogates, shifts
    /// left open, bits left over, ASCII in base64.
    package static func decode(_ octets: some Sequence<UInt8>) -> String? {
        var text = String.UnicodeScalarView()
        var shift: Shift?
        for octet in octets {
            if var open = shift {
                if octet == UInt8(ascii: "-") {
                    if open.isEmpty {
                        text.append("&")
                    } else {
                        guard open.isComplete else { return nil }
                    }
                    shift = nil
                } else {
                    guard let value = value(of: octet), open.add(value, to: &text) else { return nil }
                    shift = open
                }
            } else if octet == UInt8(ascii: "&") {
                shift = Shift()
            } else {
                guard (0x20...0x7E).contains(octet) else { return nil }
                text.append(Unicode.Scalar(octet))
            }
        }
        return shift == nil ? String(text) : nil
    }

    /// The one spelling of a name.
    package static func encode(_ name: String) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(name.utf8.count + 8)
        var pending: [UInt16] = []
        for scalar in name.unicodeScalars {
            if (0x20...0x7E).contains(scalar.value) {
                flush(&pending, to: &octets)
                octets.append(UInt8(truncatingIfNeeded: scalar.value))
                if scalar == "&" { octets.append(UInt8(ascii: "-")) }
            } else {
                if let units = UTF16.encode(scalar) { pending.append(contentsOf: units) }
            }
        }
        flush(&pending, to: &octets)
        return octets
    }

    /// The base64 between `&` and `-`, as far as it was read.
    private struct Shift {
        private var bits: UInt32 = 0
        private var bitCount = 0
        private var highSurrogate: UInt16?
        private(set) var isEmpty = true

        /// At the end fewer than six bits may be left, all of them zero, and no half of a surrogate pair.
        var isComplete: Bool { bitCount < 6 && bits == 0 && highSurrogate == nil }

        mutating func add(_ value: UInt8, to text: inout String.UnicodeScalarView) -> Bool {
            isEmpty = false
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            guard bitCount >= 16 else { return true }
            bitCount -= 16
            let unit = UInt16(truncatingIfNeeded: bits >> UInt32(bitCount))
            bits &= (1 << UInt32(bitCount)) - 1
            if let high = highSurrogate {
                guard UTF16.isTrailSurrogate(unit) else { return false }
                highSurrogate = nil
                text.append(UTF16.decode(UTF16.EncodedScalar([high, unit])))
            } else if UTF16.isLeadSurrogate(unit) {
                highSurrogate = unit
            } else {
                // A control character is no part of a name, and printable ASCII stands for itself (RFC 3501 §5.1.3).
                guard unit > 0x7F, let scalar = Unicode.Scalar(unit) else { return false }
                text.append(scalar)
            }
            return true
        }
    }

    private static func flush(_ pending: inout [UInt16], to octets: inout [UInt8]) {
        guard !pending.isEmpty else { return }
        octets.append(UInt8(ascii: "&"))
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for unit in pending {
            bits = bits << 16 | UInt32(unit)
            bitCount += 16
            while bitCount >= 6 {
                bitCount -= 6
                octets.append(alphabet[Int(bits >> bitCount & 63)])
            }
            bits &= (1 << bitCount) - 1
        }
        if bitCount > 0 { octets.append(alphabet[Int(bits << (6 - bitCount) & 63)]) }
        octets.append(UInt8(ascii: "-"))
        pending.removeAll(keepingCapacity: true)
    }

    private static func value(of octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): octet - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): octet - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: ","): 63
        default: nil
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".utf8)
}
