import Foundation

/// The real mails that live beside the repository; tests over them are skipped, visibly, where they are not.
enum CorpusMails {
    static let files: [URL] = {
        let repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = repository.deletingLastPathComponent().appendingPathComponent("shared/corpus")
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "eml" }.sorted { $0.path < $1.path }
    }()

    /// A mail as it is: an APPEND keeps whatever line ends there are.
    static func octets(_ file: URL) throws -> [UInt8] { Array(try Data(contentsOf: file)) }
}
