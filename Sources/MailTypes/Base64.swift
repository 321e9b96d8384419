/// Base64 with the standard alphabet (RFC 4648 §4): strict, as SASL (RFC 4422) wants it, and in lines, as MIME
/// (RFC 2045 §6.8) does. Reading the base64 of other people's mail, with its blanks and missing padding, is
/// MailFormat's business.
///
/// `Base64.encode(Array("fo".utf8))` is `Zm8=`; `Base64.decode("Zm8")` is `nil`, for its padding is missing.
package enum Base64 {
    /// The encoding with padding, on one line.
    package static func encode(_ octets: [UInt8]) -> String {
        octets.withUnsafeBytes { source in
            String(unsafeUninitializedCapacity: encodedCount(of: source.count)) { target in
                encode(source, into: target)
            }
        }
    }

    /// The encoding as octets in lines of at most `lineLength` characters (a multiple of 4; RFC 2045 §6.8 allows 76),
    /// each ended by CRLF, the last too.
    package static func encodedLines(_ octets: UnsafeRawBufferPointer, lineLength: Int = 76) -> [UInt8] {
        precondition(lineLength > 0 && lineLength % 4 == 0, "a line of base64 holds whole groups of four")
        let octetsPerLine = lineLength / 4 * 3
        let lines = (octets.count + octetsPerLine - 1) / octetsPerLine
        return [UInt8](unsafeUninitializedCapacity: encodedCount(of: octets.count) + 2 * lines) { target, count in
            var start = 0
            while start < octets.count {
                let end = min(start + octetsPerLine, octets.count)
                let line = UnsafeRawBufferPointer(rebasing: octets[start..<end])
                count += encode(line, into: UnsafeMutableBufferPointer(rebasing: target[count...]))
                target[count] = 0x0D
                target[count + 1] = 0x0A
                count += 2
                start = end
            }
        }
    }

    /// What strict base64 stands for; `nil` for any character outside the alphabet (blanks and line ends too), missing or
    /// misplaced padding, or bits set beyond the last octet (RFC 4648 §3.5).
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        text.withUnsafeBytes(decode)
    }

    /// As above, from a string.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        decode(Array(text.utf8))
    }

    /// As above, from memory.
    package static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        guard let last = text.last else { return [] }
        let padding = last != pad ? 0 : text[text.count - 2] == pad ? 2 : 1
        let digits = text.count - padding
        var valid = true
        let octets = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3) { target, count in
            values.withUnsafeBufferPointer { values in
                var bits: UInt32 = 0
                var index = 0
                while index < digits {
                    let value = values[Int(text[index])]
                    guard value < 64 else {
                        valid = false
                        return
                    }
                    bits = bits << 6 | UInt32(value)
                    index += 1
                    if index % 4 == 0 {
                        target[count] = UInt8(truncatingIfNeeded: bits >> 16)
                        target[count + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                        target[count + 2] = UInt8(truncatingIfNeeded: bits)
                        count += 3
                        bits = 0
                    }
                }
                switch padding {
                case 1:
                    valid = bits & 0b11 == 0
                    target[count] = UInt8(truncatingIfNeeded: bits >> 10)
                    target[count + 1] = UInt8(truncatingIfNeeded: bits >> 2)
                    count += 2
                case 2:
                    valid = bits & 0b1111 == 0
                    target[count] = UInt8(truncatingIfNeeded: bits >> 4)
                    count += 1
                default: break
                }
            }
        }
        return valid ? octets : nil
    }

    /// Writes the encoding, with padding, and returns its length; the target has room for it.
    @discardableResult
    private static func encode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<UInt8>) -> Int
    {
        alphabet.withUnsafeBufferPointer { alphabet in
            var read = 0
            var written = 0
            while read + 3 <= source.count {
                let bits = UInt32(source[read]) << 16 | UInt32(source[read + 1]) << 8 | UInt32(source[read + 2])
                target[written] = alphabet[Int(bits >> 18)]
                target[written + 1] = alphabet[Int(bits >> 12 & 63)]
                target[written + 2] = alphabet[Int(bits >> 6 & 63)]
                target[written + 3] = alphabet[Int(bits & 63)]
                read += 3
                written += 4
            }
            let rest = source.count - read
            guard rest > 0 else { return written }
            let bits = UInt32(source[read]) << 16 | (rest == 2 ? UInt32(source[read + 1]) << 8 : 0)
            target[written] = alphabet[Int(bits >> 18)]
            target[written + 1] = alphabet[Int(bits >> 12 & 63)]
            target[written + 2] = rest == 2 ? alphabet[Int(bits >> 6 & 63)] : pad
            target[written + 3] = pad
            return written + 4
        }
    }

    private static func encodedCount(of count: Int) -> Int { (count + 2) / 3 * 4 }

    private static let pad = UInt8(ascii: "=")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// The value of each character, 255 for those outside the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
}
