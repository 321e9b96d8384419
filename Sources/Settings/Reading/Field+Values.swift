import Desk
import Foundation
import MailTypes

/// Values of one kind each: the value, or `nil` with the problem noted.
extension Field {
    /// A text of one line: no control characters, so that it fits into a header field.
    var line: String? {
        guard let text = scalarText else { return nil }
        guard !text.isEmpty else {
            report("is empty", "leave the key out or give it a value")
            return nil
        }
        guard text.unicodeScalars.allSatisfy({ !$0.isControl && !$0.isLineSeparator }) else {
            report("contains a control character or line break", "it should be a single line of text")
            return nil
        }
        return text
    }

    /// A text of any number of lines; other control characters than line feed and tab are refused.
    var text: String? {
        guard let text = scalarText else { return nil }
        guard text.unicodeScalars.allSatisfy({ !$0.isControl || $0 == "\n" || $0 == "\t" }) else {
            report("contains a control character", "only line breaks and tabs may stand in a text")
            return nil
        }
        return text
    }

    var boolean: Bool? {
        guard let text = line else { return nil }
        switch text {
        case "true", "True": return true
        case "false", "False": return false
        default:
            report("\(shown(text)) is neither true nor false", "write true or false")
            return nil
        }
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        guard let text = line else { return nil }
        guard let number = Quantities.number(text), range.contains(number) else {
            report(
                "\(shown(text)) is no whole number from \(range.lowerBound) to \(range.upperBound)",
                "write a number such as \(range.lowerBound == 0 ? range.upperBound : range.lowerBound)")
            return nil
        }
        return number
    }

    func duration(in range: ClosedRange<Duration>) -> Duration? {
        guard let text = line else { return nil }
        guard let duration = Quantities.duration(text) else {
            report("\(shown(text)) is no time", "write a number with s, m, h or d: 30s, 10m, 2h, 14d")
            return nil
        }
        guard range.contains(duration) else {
            let (least, most) = (Quantities.text(range.lowerBound), Quantities.text(range.upperBound))
            report("\(shown(text)) is out of range", "write a time from \(least) to \(most)")
            return nil
        }
        return duration
    }

    var workingTime: WorkingTime? {
        guard let text = line else { return nil }
        if let time = Quantities.workingTime(text) { return time }
        report("\(shown(text)) is no working time", "write working minutes, hours or days: 30m, 4h, 2d")
        return nil
    }

    func byteCount(in range: ClosedRange<Int>) -> Int? {
        guard let text = line else { return nil }
        guard let count = Quantities.byteCount(text) else {
            report("\(shown(text)) is no size", "write a number with KB, MB, GB or KiB, MiB, GiB: 25MB")
            return nil
        }
        guard range.contains(count) else {
            let (least, most) = (
                Quantities.text(byteCount: range.lowerBound), Quantities.text(byteCount: range.upperBound)
            )
            report("\(shown(text)) is out of range", "write a size from \(least) to \(most)")
            return nil
        }
        return count
    }

    /// One of the words of an enumeration.
    func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> Word? where Word.RawValue == String {
        guard let text = line else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        let nearest = Spelling.nearest(to: text, among: words).map { "did you mean \"\($0)\"?" }
        report("\(shown(text)) is not possible here", nearest ?? "write one of: \(words.joined(separator: ", "))")
        return nil
    }

    var domain: DomainName? {
        guard let text = line else { return nil }
        if let domain = DomainName(text), !domain.isAddressLiteral { return domain }
        report("\(shown(text)) is no domain name", "write one such as mx.acme.example")
        return nil
    }

    var emailAddress: EmailAddress? {
        guard let text = line else { return nil }
        if let address = EmailAddress(text), !address.domain.isAddressLiteral { return address }
        report("\(shown(text)) is no mail address", "write one such as help@acme.example")
        return nil
    }

    /// A name that can stand in a mailbox name: NFC, without `/ * %` and controls (DESIGN §7).
    var name: String? {
        guard let text = line else { return nil }
        guard Self.isName(text) else {
            report(
                "\(shown(text)) cannot be a name",
                "names have at most 100 octets, no / * % and no space at either end")
            return nil
        }
        return text.precomposedStringWithCanonicalMapping
    }

    /// Whether a text can be a name.
    static func isName(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count) && text.first != " " && text.last != " "
            && text.unicodeScalars.allSatisfy {
                !"/*%".unicodeScalars.contains($0) && !$0.isControl && !$0.isLineSeparator
            }
    }

    /// A value in quotes, cut where it is long.
    func shown(_ text: String) -> String { "\"\(text.count > 60 ? "\(text.prefix(60))…" : text)\"" }

    private var scalarText: String? {
        if let text = singleValue {
            // A byte order mark in front is nothing that anybody meant to write.
            let marks = text.unicodeScalars.prefix { $0 == "\u{FEFF}" }.count
            return marks == 0 ? text : String(text.unicodeScalars.dropFirst(marks))
        }
        report(kind, "it should be a single value")
        return nil
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1 (Unicode category Cc).
    var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
    /// LINE SEPARATOR and PARAGRAPH SEPARATOR.
    var isLineSeparator: Bool { value == 0x2028 || value == 0x2029 }
}
