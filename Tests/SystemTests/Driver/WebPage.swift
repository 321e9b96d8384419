import TestKit

/// What curl got of a web server.
struct WebPage: Equatable {
    let status: Int
    /// Status line and fields, but for the Date.
    let header: String
    let body: String

    /// Fetches a page; `arguments` go to curl before the address.
    static func fetch(_ address: String, _ arguments: String...) throws -> WebPage {
        let text = try ExternalTool.mustRun(
            ["curl", "--silent", "--show-error", "--include", "--insecure", "--noproxy", "*", "--max-time", "60"] + arguments
                + [address])
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (parts.first ?? "").split(separator: "\r\n")
        guard let line = lines.first, let status = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw WaitedInVain("no answer of the web: \(text)")
        }
        return WebPage(
            status: status, header: lines.filter { !$0.lowercased().hasPrefix("date:") }.joined(separator: "\n"),
            body: parts.count == 2 ? String(parts[1]) : "")
    }

    /// The body of a field.
    func field(_ name: String) -> String? {
        header.split(separator: "\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}
