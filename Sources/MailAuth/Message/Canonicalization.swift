import MailFormat

/// How a message is made comparable before it is hashed (RFC 6376 §3.4).
package enum Canonicalization: String, Sendable, Hashable { case simple, relaxed }

extension Canonicalization {
    /// A header field as it is hashed, its line end included. A last field without one gets one.
    func field(_ octets: ArraySlice<UInt8>, isLast: Bool = false) -> [UInt8] {
        var result: [UInt8]
        switch self {
        case .simple:
            result = Array(octets)
            if result.last == 0x0A { result.removeLast() }
            if result.last == 0x0D { result.removeLast() }
        case .relaxed: result = Self.relaxed(octets)
        }
        if !isLast { result += [0x0D, 0x0A] }
        return result
    }

    /// §3.4.2: name in lower case, no white space around the colon and at the end, runs of it one space.
    private static func relaxed(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        let colon = octets.firstIndex(of: UInt8(ascii: ":")) ?? octets.endIndex
        for octet in octets[..<colon] where !TagList.isSpace(octet) {
            result.append((0x41...0x5A).contains(octet) ? octet | 0x20 : octet)
        }
        guard colon < octets.endIndex else { return result }
        result.append(UInt8(ascii: ":"))
        var isAfterSpace = false
        let start = result.count
        for octet in octets[(colon + 1)...] {
            if octet == 0x0D || octet == 0x0A { continue }
            if octet == 0x20 || octet == 0x09 {
                isAfterSpace = true
                continue
            }
            if isAfterSpace, result.count > start { result.append(0x20) }
            isAfterSpace = false
            result.append(octet)
        }
        return result
    }

    /// A signature field as it was when it was signed: the value of its tag `b` taken out, white space with it (§3.7).
    static func withoutSignature(_ field: ArraySlice<UInt8>) -> [UInt8] {
        guard let colon = field.firstIndex(of: UInt8(ascii: ":")) else { return Array(field) }
        var start = colon + 1
        while start < field.endIndex {
            let end = field[start...].firstIndex(of: UInt8(ascii: ";")) ?? field.endIndex
            if let equals = field[start..<end].firstIndex(of: UInt8(ascii: "=")),
                field[start..<equals].filter({ !TagList.isSpace($0) }) == [UInt8(ascii: "b")]
            {
                return Array(field[...equals]) + field[end...]
            }
            start = end + 1
        }
        return Array(field)
    }
}
