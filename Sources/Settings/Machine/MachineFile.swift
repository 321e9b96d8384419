/// The machine's file, `stempel.yaml`.
package enum MachineFile {
    /// Reads the settings with all their problems. The settings are there unless the text is no YAML mapping at all:
    /// where a value is wrong its default stands in, so that what can be checked outside the file is reported in the
    /// same message. Nothing may be started with them while there is a problem. `fileName` names the file in the
    /// problems; relative paths in the file start from `directory`, or else from the file's own.
    package static func parse(
        _ text: String, fileName: String, directory: String? = nil
    ) -> (settings: MachineSettings?, problems: [Problem]) {
        let file = FileReading(fileName: fileName)
        guard let root = file.root(of: text) else { return (nil, file.sortedProblems) }
        let reader = MachineReader(directory: directory ?? Self.directory(of: fileName))
        var settings = reader.read(root)
        settings?.positions = file.positions
        return (settings, file.sortedProblems)
    }

    /// Reads the file at a path.
    package static func read(path: String) -> (settings: MachineSettings?, problems: [Problem]) {
        switch TextFile.read(path: path) {
        case .success(let text): parse(text, fileName: path)
        case .failure(let problem): (nil, [problem])
        }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
