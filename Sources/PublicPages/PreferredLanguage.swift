import Desk

/// The language that a browser asks for (RFC 9110 §12.5.4), of those that there are.
enum PreferredLanguage {
    /// Octets of the field that are looked at.
    private static let longest = 500

    /// `nil`: it names none of ours.
    static func choice(_ field: String?) -> Language? {
        guard let field else { return nil }
        var best: (language: Language, quality: Double)?
        for part in String(decoding: field.utf8.prefix(longest), as: UTF8.self).split(separator: ",") {
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = pieces.first?.split(separator: "-").first,
                let language = Language(rawValue: String(tag))
            else { continue }
            let weight = pieces.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            guard weight > 0, weight <= 1 else { continue }
            if best.map({ weight > $0.quality }) ?? true { best = (language, weight) }
        }
        return best?.language
    }
}
