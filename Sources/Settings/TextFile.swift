import Foundation

/// A settings file as text.
package enum TextFile {
    /// The text of the file at a path, or why there is none. Nothing much larger than a settings file can be is read.
    package static func read(path: String) -> Result<String, Problem> {
        guard let file = fopen(path, "rb") else { return failure(path, errno) }
        defer { fclose(file) }
        var octets: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65536)
        while octets.count <= YAMLSource.maximumLength {
            let count = fread(&block, 1, block.count, file)
            guard count > 0 else { break }
            octets += block[..<count]
        }
        if ferror(file) != 0 { return failure(path, errno) }
        guard let text = String(validating: octets, as: UTF8.self) else {
            return .failure(Problem(file: path, reason: "is not UTF-8", remedy: "save it as UTF-8"))
        }
        return .success(text)
    }

    private static func failure(_ path: String, _ code: Int32) -> Result<String, Problem> {
        let reason = String(cString: strerror(code))
        return .failure(
            Problem(
                file: path, reason: "cannot be read: \(reason)",
                remedy: "give the path of a file that this user may read"))
    }
}
