import Foundation

/// The files beside these tests: the examples as they stand, and broken ones with the problems they have.
enum Examples {
    static let machine = text("stempel.yaml")
    static let desk = text("desk.yaml")

    /// The text of a file under `Fixtures`.
    static func text(_ name: String) -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
        return (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
    }
}

extension String {
    /// The first occurrence of a text put in another's place.
    func replacingFirst(_ text: String, with other: String) -> String {
        guard let range = firstRange(of: text) else { return self }
        return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
