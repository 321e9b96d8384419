/// What a form of a page sends: `application/x-www-form-urlencoded`, decoded leniently.
struct FormFields: Equatable {
    /// Fields that are looked at.
    private static let most = 20

    private var values: [String: String] = [:]

    init(_ body: some Sequence<UInt8>) {
        for pair in Array(body).split(separator: UInt8(ascii: "&"), maxSplits: Self.most).prefix(Self.most) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.map(Self.decoded), values[name] == nil else { continue }
            values[name] = parts.count == 2 ? Self.decoded(parts[1]) : ""
        }
    }

    /// The first value of a name.
    subscript(name: String) -> String? { values[name] }

    /// What is no escape stands for itself, octets that are no UTF-8 for a replacement character.
    static func decoded(_ text: some Sequence<UInt8>) -> String {
        let octets = Array(text)
        var result: [UInt8] = []
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            if octet == UInt8(ascii: "%"), index + 2 < octets.count, let high = digit(octets[index + 1]),
                let low = digit(octets[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(octet == UInt8(ascii: "+") ? UInt8(ascii: " ") : octet)
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
