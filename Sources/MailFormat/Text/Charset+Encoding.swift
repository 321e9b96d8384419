import Glibc

extension Charset {
    /// Text in a charset in which octets below 0x80 are ASCII; `nil` where the charset lacks a character, is another or is
    /// not known.
    static func encode(_ text: [UInt8], as name: String?) -> [UInt8]? {
        let canonical = name.map(canonicalName) ?? "us-ascii"
        guard hasASCII(canonical) else { return nil }
        if canonical == "utf-8" || isASCII(text) { return text }
        guard canonical != "us-ascii", let name else { return nil }
        // By its own name, not by that of a superset: who reads the mail may know no better.
        return converted(text, to: name.lowercased())
    }

    private static func converted(_ text: [UInt8], to name: String) -> [UInt8]? {
        // A slash would begin one of iconv's own options.
        guard name.utf8.count <= 40, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }),
            let descriptor = iconv_open(name, "UTF-8"), Int(bitPattern: descriptor) != -1
        else { return nil }
        defer { iconv_close(descriptor) }
        var input = text
        // No charset with ASCII takes more than four octets for what UTF-8 writes in one.
        var result = [UInt8](repeating: 0, count: text.count * 4 + 16)
        let written = input.withUnsafeMutableBytes { source in
            result.withUnsafeMutableBytes { target -> Int? in
                var next = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                var left = source.count
                var output = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                var room = target.count
                // Anything but 0 is a character that was replaced or refused.
                guard iconv(descriptor, &next, &left, &output, &room) == 0, left == 0,
                    iconv(descriptor, nil, nil, &output, &room) == 0
                else { return nil }
                return target.count - room
            }
        }
        return written.map { Array(result.prefix($0)) }
    }
}
