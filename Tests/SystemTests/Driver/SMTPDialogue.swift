/// The client's side of an SMTP dialogue, one step at a time.
final class SMTPDialogue {
    /// The connection below, for what is not a command.
    let wire: WireClient

    /// Connects and reads the greeting.
    init(port: Int, at host: String = "127.0.0.1", tls: Bool = false, from source: String? = nil) throws {
        wire = try WireClient(port: port, at: host, tls: tls, from: source)
        greeting = ""
        greeting = try reply()
    }

    /// What the server said first.
    private(set) var greeting: String

    /// A reply whole, its lines joined by newlines (RFC 5321 §4.2).
    func reply() throws -> String {
        var lines: [String] = []
        while let line = try wire.readLine() {
            lines.append(line)
            if line.dropFirst(3).first != "-" { return lines.joined(separator: "\n") }
        }
        throw WaitedInVain("the server hung up within a reply: \(lines)")
    }

    /// Sends a command and gives its reply.
    @discardableResult func say(_ command: String) throws -> String {
        try wire.send(line: command)
        return try reply()
    }

    /// A session's beginning: EHLO, with STARTTLS and EHLO again if asked for, then AUTH PLAIN.
    func begin(startTLS: Bool = false, login: String? = nil, password: String = "") throws {
        try expect(say("EHLO client.example"), "250")
        if startTLS {
            try expect(say("STARTTLS"), "220")
            try wire.startTLS()
            try expect(say("EHLO client.example"), "250")
        }
        if let login { try expect(say("AUTH PLAIN \(base64("\0\(login)\0\(password)"))"), "235") }
    }

    /// A mail transaction; the reply to the content, or the first refusal. `content` has CRLF line ends and no dots
    /// stuffed.
    @discardableResult
    func mail(from sender: String, to recipients: [String], _ content: [UInt8]) throws -> String {
        let answer = try say("MAIL FROM:<\(sender)>")
        guard answer.hasPrefix("250") else { return answer }
        for recipient in recipients {
            let answer = try say("RCPT TO:<\(recipient)>")
            guard answer.hasPrefix("250") else {
                _ = try say("RSET")
                return answer
            }
        }
        try expect(say("DATA"), "354")
        try wire.send(Self.dotStuffed(content))
        return try reply()
    }

    /// The same with a text, whose lines end in newlines.
    @discardableResult func mail(from sender: String, to recipients: [String], text: String) throws -> String {
        try mail(from: sender, to: recipients, Array(text.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n").utf8))
    }

    private func expect(_ reply: String, _ code: String) throws {
        guard reply.hasPrefix(code) else { throw WaitedInVain("expected \(code), got \(reply)") }
    }

    /// RFC 5321 §4.5.2, with the end of the content.
    static func dotStuffed(_ content: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(content.count + 64)
        var isAtLineStart = true
        for octet in content {
            if isAtLineStart, octet == 0x2E { result.append(0x2E) }
            result.append(octet)
            isAtLineStart = octet == 0x0A
        }
        if !isAtLineStart { result += [0x0D, 0x0A] }
        return result + Array(".\r\n".utf8)
    }
}

/// RFC 4648 §4.
func base64(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let octets = Array(text.utf8)
    var result = ""
    for start in stride(from: 0, to: octets.count, by: 3) {
        let piece = octets[start..<min(start + 3, octets.count)]
        let bits = (0..<3).reduce(0) { $0 << 8 | (start + $1 < octets.count ? Int(octets[start + $1]) : 0) }
        for place in 0..<4 { result.append(place <= piece.count ? alphabet[bits >> (18 - 6 * place) & 63] : "=") }
    }
    return result
}
