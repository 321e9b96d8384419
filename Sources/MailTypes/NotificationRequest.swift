/// What a sender wants to be told about one recipient (RFC 3461 §4.1, §4.2).
package struct NotificationRequest: Hashable, Sendable {
    /// What to tell of; none: never anything.
    package struct Events: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let success = Events(rawValue: 1)
        package static let failure = Events(rawValue: 2)
        package static let delay = Events(rawValue: 4)

        /// As NOTIFY writes them.
        package var text: String {
            let words = [(Events.success, "SUCCESS"), (.failure, "FAILURE"), (.delay, "DELAY")]
                .filter { contains($0.0) }.map(\.1)
            return words.isEmpty ? "NEVER" : words.joined(separator: ",")
        }

        /// Reads `NEVER`, or a list of the other words, in any case.
        package init?(_ text: some StringProtocol) {
            let words = text.uppercased().split(separator: ",", omittingEmptySubsequences: false)
            self = []
            for word in words {
                switch word {
                case "SUCCESS": insert(.success)
                case "FAILURE": insert(.failure)
                case "DELAY": insert(.delay)
                case "NEVER" where words.count == 1: break
                default: return nil
                }
            }
        }
    }

    /// `nil`: nothing was said, so failures and perhaps delays are told.
    package var events: Events?
    /// ORCPT as it was written, in xtext: `rfc822;jan@customer.example`.
    package var originalRecipient: String?

    package init(events: Events? = nil, originalRecipient: String? = nil) {
        (self.events, self.originalRecipient) = (events, originalRecipient)
    }
}

/// How much of a mail comes back with a failure (RFC 3461 §4.3); the word is that of RET.
package enum ReturnedContent: String, Hashable, Sendable {
    case full = "FULL"
    case headers = "HDRS"
}

/// The encoding of parameters' values (RFC 3461 §4): `+` and two hexadecimal digits for what may not stand there.
package enum XText {
    /// Whether that could stand there.
    package static func isValid(_ octets: some Collection<UInt8>) -> Bool { decode(octets) != nil }

    /// The octets that are meant; `nil` for what is no xtext.
    package static func decode(_ octets: some Collection<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var rest = Array(octets)[...]
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "+"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
                result.append(high << 4 | low)
            case 0x21...0x7E where octet != UInt8(ascii: "="): result.append(octet)
            default: return nil
            }
        }
        return result
    }

    /// Text as xtext.
    package static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        return String(
            decoding: text.utf8.flatMap { octet -> [UInt8] in
                switch octet {
                case UInt8(ascii: "+"), UInt8(ascii: "="), 0...0x20, 0x7F...0xFF:
                    [UInt8(ascii: "+"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
                default: [octet]
                }
            }, as: UTF8.self)
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        // Upper case only (RFC 3461 §4).
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
