/// What a token is good for (DESIGN §5): a token made for one purpose proves nothing for another.
package enum TokenPurpose: Character, Sendable, CaseIterable {
    case reply = "r"
    case bounce = "b"
    case consultation = "c"
    case card = "k"
    case rating = "s"
}

/// A signed token as it stands in a local part (`help+1042.ar7xk…`) or a Message-ID: the case, the key, the purpose, a
/// number that says whom or what it was made for, and 80 bits of HMAC-SHA-256. All lower case, so that it survives mail
/// systems that fold a local part.
package struct SignedToken: Sendable, Equatable {
    package var ticket: TicketNumber
    /// One character that names the key of the ring.
    package var key: Character
    package var purpose: TokenPurpose
    /// The address, message or department that the token was made for.
    package var subject: Int64
    /// 16 characters of base32.
    package var code: String

    package init(ticket: TicketNumber, key: Character, purpose: TokenPurpose, subject: Int64, code: String) {
        (self.ticket, self.key, self.purpose, self.subject, self.code) = (ticket, key, purpose, subject, code)
    }

    /// Octets of the HMAC that are kept: 80 bits.
    package static let codeOctets = 10

    /// What the HMAC is taken over.
    package static func signedText(ticket: TicketNumber, key: Character, purpose: TokenPurpose, subject: Int64)
        -> String
    {
        "stempel/1/\(key)/\(purpose.rawValue)/\(ticket)/\(subject)"
    }

    /// `1042.ar7xk…`: number, dot, key, purpose, subject, code.
    package var text: String { "\(ticket).\(key)\(purpose.rawValue)\(Base32.encode(number: subject))\(code)" }

    /// Reads `text`; `nil` for anything that is not one. The code is not checked here.
    package init?(_ text: some StringProtocol) {
        let lower = text.lowercased()
        guard lower.utf8.count <= 64, let dot = lower.firstIndex(of: ".") else { return nil }
        let digits = lower[..<dot]
        let rest = Array(lower[lower.index(after: dot)...])
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int64(digits),
            number > 0, rest.count >= 2 + 1 + 16, let purpose = TokenPurpose(rawValue: rest[1]),
            Base32.isAlphabet(rest[0])
        else { return nil }
        guard let subject = Base32.decodeNumber(rest[2..<(rest.count - 16)]),
            rest.suffix(16).allSatisfy(Base32.isAlphabet)
        else { return nil }
        self.init(
            ticket: TicketNumber(rawValue: number), key: rest[0], purpose: purpose, subject: subject,
            code: String(rest.suffix(16)))
    }
}

/// Base32 in lower case (RFC 4648 §6 alphabet), without padding.
package enum Base32 {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    package static func isAlphabet(_ character: Character) -> Bool { value(of: character) != nil }

    package static func encode(_ octets: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: (octets.count * 8 + 4) / 5) { target in
            var count = 0
            var bits = 0
            var value = 0
            for octet in octets {
                value = (value << 8 | Int(octet)) & 0xFFF
                bits += 8
                while bits >= 5 {
                    bits -= 5
                    target[count] = alphabet[(value >> bits) & 31]
                    count += 1
                }
            }
            if bits > 0 {
                target[count] = alphabet[(value << (5 - bits)) & 31]
                count += 1
            }
            return count
        }
    }

    /// A number from the most significant digit on; zero is `a`.
    package static func encode(number: Int64) -> String {
        var rest = UInt64(bitPattern: number)
        var result: [UInt8] = []
        repeat {
            result.append(alphabet[Int(rest & 31)])
            rest >>= 5
        } while rest > 0
        return String(decoding: result.reversed(), as: UTF8.self)
    }

    private static func value(of character: Character) -> Int64? {
        switch character.asciiValue {
        case let letter? where letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z"):
            Int64(letter - UInt8(ascii: "a"))
        case let digit? where digit >= UInt8(ascii: "2") && digit <= UInt8(ascii: "7"):
            Int64(digit - UInt8(ascii: "2")) + 26
        default: nil
        }
    }

    /// `nil` for a stranger's character and for numbers over 60 bits.
    package static func decodeNumber(_ characters: some Collection<Character>) -> Int64? {
        guard !characters.isEmpty, characters.count <= 12 else { return nil }
        var number: Int64 = 0
        for character in characters {
            guard let digit = value(of: character) else { return nil }
            number = number << 5 | digit
        }
        return number
    }
}
