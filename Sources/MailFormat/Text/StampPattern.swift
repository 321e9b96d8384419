/// How an installation writes case numbers into subjects (DESIGN §6): the text before the prefix, between prefix and
/// number, and after it. The number alone counts; the prefix is decoration.
///
///     let pattern = StampPattern("[{prefix}#{number}]")
///     pattern?.stamps(in: "Re: [REK#1042] my parcel")  // [(prefix: "REK", number: 1042)]
package struct StampPattern: Sendable, Equatable, Hashable {
    /// A stamp in a subject.
    package struct Stamp: Sendable, Equatable, Hashable {
        /// The pool's, or none.
        package var prefix: String
        /// The case.
        package var number: Int64

        package init(prefix: String, number: Int64) { (self.prefix, self.number) = (prefix, number) }
    }

    /// Digits of the greatest number that is taken for a case number.
    private static let longestNumber = 15
    private static let longestPrefix = 20
    private static let stampLimit = 100

    private let opening: [UInt8]
    private let middle: [UInt8]
    private let closing: [UInt8]

    /// `template` holds `{number}` once and may hold `{prefix}` once before it. `nil` for any other template, for one
    /// that is not printable ASCII, for one without any text of its own beside the number, and for one with a digit right
    /// behind it.
    package init?(_ template: String) {
        let octets = Array(template.utf8)
        guard octets.count <= 60, octets.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }),
            let (start, end) = Self.split(octets, at: Self.numberMark)
        else { return nil }
        (opening, middle) = Self.split(start, at: Self.prefixMark) ?? (start, [])
        closing = end
        let own = opening + middle + closing
        guard !own.contains(UInt8(ascii: "{")), !own.allSatisfy({ $0 == .space || $0.isDigit }) else { return nil }
        // The number would not end where it ends.
        guard closing.first?.isDigit != true else { return nil }
    }

    private static let numberMark = Array("{number}".utf8)
    private static let prefixMark = Array("{prefix}".utf8)

    /// What stands before and after the mark.
    private static func split(_ octets: [UInt8], at mark: [UInt8]) -> ([UInt8], [UInt8])? {
        guard let start = octets.indices.first(where: { octets[$0...].starts(with: mark) }) else { return nil }
        return (Array(octets[..<start]), Array(octets[(start + mark.count)...]))
    }

    /// The stamp of a case, ready for a subject.
    package func text(_ stamp: Stamp) -> String {
        String(
            decoding: opening + Array(stamp.prefix.utf8) + middle + Array(String(stamp.number).utf8) + closing,
            as: UTF8.self)
    }

    /// Every stamp in a decoded subject, in its order.
    package func stamps(in subject: String) -> [Stamp] {
        let octets = Array(subject.utf8)
        var result: [Stamp] = []
        var index = 0
        while index < octets.count, result.count < Self.stampLimit {
            if let (stamp, end) = stamp(in: octets, at: index) {
                result.append(stamp)
                index = end
            } else {
                index += 1
            }
        }
        return result
    }

    private func stamp(in octets: [UInt8], at start: Int) -> (Stamp, end: Int)? {
        guard let afterOpening = Self.match(opening, octets, at: start) else { return nil }
        for prefixEnd in afterOpening...min(afterOpening + Self.longestPrefix, octets.count) {
            if let afterMiddle = Self.match(middle, octets, at: prefixEnd),
                let (number, afterNumber) = Self.number(octets, at: afterMiddle),
                let end = Self.match(closing, octets, at: afterNumber)
            {
                // Without text around it a stamp ends where its digits end.
                return (
                    Stamp(prefix: String(decoding: octets[afterOpening..<prefixEnd], as: UTF8.self), number: number),
                    end
                )
            }
            guard prefixEnd < octets.count, Self.isPrefixText(octets[prefixEnd]) else { return nil }
        }
        return nil
    }

    private static func isPrefixText(_ octet: UInt8) -> Bool {
        octet.isLetter || octet.isDigit || octet >= 0x80 || octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_")
            || octet == UInt8(ascii: ".") || octet == .space
    }

    private static func match(_ text: [UInt8], _ octets: [UInt8], at start: Int) -> Int? {
        guard start + text.count <= octets.count, octets[start..<start + text.count].elementsEqual(text) else {
            return nil
        }
        return start + text.count
    }

    private static func number(_ octets: [UInt8], at start: Int) -> (Int64, end: Int)? {
        var value: Int64 = 0
        var end = start
        while end < octets.count, octets[end].isDigit {
            guard end - start < longestNumber else { return nil }
            value = value * 10 + Int64(octets[end] &- 0x30)
            end += 1
        }
        return end > start && value > 0 ? (value, end) : nil
    }
}
