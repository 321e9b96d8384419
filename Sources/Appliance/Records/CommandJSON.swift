import Foundation
import MailTypes

/// JSON as commands print it.
enum CommandJSON {
    static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { preconditionFailure("a record of plain values is JSON") }
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}

extension Timestamp {
    /// `2026-03-02T08:15:00Z` (RFC 3339).
    var text: String {
        let time = CivilTime(self)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(time.year, 4))-\(padded(time.month))-\(padded(time.day))T"
            + "\(padded(time.hour)):\(padded(time.minute)):\(padded(time.second))Z"
    }
}
