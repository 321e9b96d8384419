/// Files that stand uuencoded within text, as programs from before MIME send them. They are left where they are; this
/// finds them. yEnc and TNEF are left alone altogether.
package enum UUEncodedText {
    /// One file.
    package struct File: Sendable, Equatable {
        /// As the `begin` line names it.
        package var name: String
        /// From the `begin` line to the end of the `end` line.
        package var range: Range<Int>
        /// What it holds.
        package var content: [UInt8]
    }

    private static let fileLimit = 100
    private static let longestName = 255

    /// The files in the octets of a text. A `begin` line that no `end` line follows is text.
    package static func files(in octets: [UInt8]) -> [File] {
        var result: [File] = []
        var open: (name: String, start: Int, content: [UInt8])?
        var start = 0
        while start < octets.count, result.count < fileLimit {
            let lineEnd = octets[start...].firstIndex(of: .lineFeed).map { $0 + 1 } ?? octets.count
            let line = octets[start..<lineEnd].trimmedLineEnd
            if var file = open {
                if line.elementsEqual("end".utf8) {
                    result.append(File(name: file.name, range: file.start..<lineEnd, content: file.content))
                    open = nil
                } else if let data = decoded(line) {
                    open = nil
                    file.content += data
                    open = file
                } else {
                    // No such file; this line may begin another.
                    open = nil
                    continue
                }
            } else if let name = beginning(line) {
                open = (name, start, [])
            }
            start = lineEnd
        }
        return result
    }

    /// A text without the files in it, and their names.
    package static func withoutFiles(_ text: String) -> (text: String, names: [String]) {
        let octets = Array(text.utf8)
        let files = files(in: octets)
        guard !files.isEmpty else { return (text, []) }
        var rest: [UInt8] = []
        var start = 0
        for file in files {
            rest += octets[start..<file.range.lowerBound]
            start = file.range.upperBound
        }
        rest += octets[start...]
        return (String(decoding: rest, as: UTF8.self), files.map(\.name))
    }

    /// `begin 644 name`: three or four octal digits and a name.
    private static func beginning(_ line: ArraySlice<UInt8>) -> String? {
        guard line.starts(with: "begin ".utf8) else { return nil }
        let rest = line.dropFirst(6)
        let mode = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "7") }
        let name = rest.dropFirst(mode.count)
        guard mode.count == 3 || mode.count == 4, name.first == .space, name.count > 1, name.count <= longestName else {
            return nil
        }
        return Charset.decode(Array(name.dropFirst()))
    }

    /// The octets of a line: a length and groups of four characters, of which trailing spaces may be lost.
    private static func decoded(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        guard let first = line.first, first >= 0x20, first <= 0x60 else { return line.isEmpty ? [] : nil }
        let length = Int((first &- 0x20) & 0x3F)
        let text = line.dropFirst()
        guard text.allSatisfy({ $0 >= 0x20 && $0 <= 0x60 }), text.count <= (length + 2) / 3 * 4 + 2 else { return nil }
        var result: [UInt8] = []
        var bits: UInt32 = 0
        for index in 0..<(length + 2) / 3 * 4 {
            let octet = index < text.count ? text[text.startIndex + index] : .space
            bits = bits << 6 | UInt32((octet &- 0x20) & 0x3F)
            guard index % 4 == 3 else { continue }
            result += [UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits)]
            bits = 0
        }
        return Array(result.prefix(length))
    }
}

extension ArraySlice<UInt8> {
    /// Without LF or CRLF at its end.
    fileprivate var trimmedLineEnd: ArraySlice<UInt8> {
        var line = self
        if line.last == .lineFeed { line = line.dropLast() }
        if line.last == .carriageReturn { line = line.dropLast() }
        return line
    }
}
