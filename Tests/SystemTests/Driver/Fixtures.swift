import Foundation

/// The files beside these tests, and those of the package and beside it.
enum Fixtures {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures")
    /// The package's root.
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    /// An example of the project: from beside the package where it is, else the copy that the package keeps.
    static func example(_ name: String) throws -> String {
        let places = ["../shared/examples", "Tests/SettingsTests/Fixtures"]
        for place in places {
            let file = root.appendingPathComponent(place).appendingPathComponent(name)
            if let text = try? String(contentsOf: file, encoding: .utf8) { return text }
        }
        throw WaitedInVain("there is no example \(name)")
    }

    /// The collection of mails beside the package, sorted by name; empty where it is not there.
    static let corpus: [URL] = {
        let folder = root.appendingPathComponent("../shared/corpus").standardizedFileURL
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "eml" }.sorted { $0.path < $1.path }
    }()

    /// The dialogues under Fixtures/Dialogues.
    static let dialogues: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path("Dialogues"))
        return (names ?? []).filter { $0.hasSuffix(".dialogue") }.sorted()
    }()
}
