package import MailFormat
package import MailTypes

/// The Authentication-Results field (RFC 8601): what a receiver found out about a mail, for those who trust it.
///
///     Authentication-Results: mx.acme.example;
///      spf=pass smtp.mailfrom=example.org;
///      dmarc=pass (p=reject) header.from=example.org
package struct AuthenticationResults: Sendable, Equatable {
    /// One method's outcome.
    package struct Result: Sendable, Equatable {
        /// `spf`, `dkim`, `dmarc`, `arc`; in lower case.
        package var method: String
        package var result: String
        package var reason: String?
        /// `smtp.mailfrom`, `header.d`, … with their values.
        package var properties: [(name: String, value: String)]

        package init(
            _ method: String, _ result: String, reason: String? = nil, properties: [(name: String, value: String)] = []
        ) {
            (self.method, self.result, self.reason, self.properties) = (method, result, reason, properties)
        }

        package static func == (left: Result, right: Result) -> Bool {
            left.method == right.method && left.result == right.result && left.reason == right.reason
                && left.properties.elementsEqual(right.properties) { $0 == $1 }
        }

        /// The value of a property.
        package func property(_ name: String) -> String? { properties.first { $0.name == name }?.value }
    }

    /// Who found out: the name that a reader knows its own servers by.
    package var authenticationServer: String
    package var results: [Result]

    package init(authenticationServer: String, results: [Result]) {
        (self.authenticationServer, self.results) = (authenticationServer, results)
    }

    // MARK: - Writing

    /// The field with its line end.
    package var field: [UInt8] { Array("Authentication-Results: \(payload)\r\n".utf8) }

    /// What stands behind the colon, folded at the results, as ARC-Authentication-Results takes it too.
    var payload: String {
        guard !results.isEmpty else { return "\(authenticationServer); none" }
        return authenticationServer + results.map { ";\r\n " + Self.text($0) }.joined()
    }

    private static func text(_ result: Result) -> String {
        var words = ["\(result.method)=\(result.result)"]
        if let reason = result.reason { words.append("reason=" + quoted(reason)) }
        words += result.properties.map { "\($0.name)=" + value($0.value) }
        var (text, column) = (words[0], words[0].utf8.count + 1)
        for word in words.dropFirst() {
            let isTooLong = column + 1 + word.utf8.count > 78
            text += (isTooLong ? "\r\n  " : " ") + word
            column = (isTooLong ? 2 : column + 1) + word.utf8.count
        }
        return text
    }

    /// A value as a dot-atom or address where it is one (RFC 8601 §2.2), else quoted.
    private static func value(_ text: String) -> String {
        let text = text.utf8.prefix(400)
        let isPlain =
            !text.isEmpty
            && text.allSatisfy { octet in
                switch octet {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: Array("!#$%&'*+-/=?^_`{|}~.@".utf8).contains(octet)
                }
            }
        // An `=` has a meaning where values begin, so what holds one is quoted.
        return isPlain && !text.contains(UInt8(ascii: "="))
            ? String(decoding: text, as: UTF8.self) : quoted(String(decoding: text, as: UTF8.self))
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars.prefix(400) {
            switch scalar.value {
            case 0x22, 0x5C: result += "\\" + String(scalar)
            case 0x20...0x7E, 0xA0...: result.unicodeScalars.append(scalar)
            default: result += "?"
            }
        }
        return result + "\""
    }

    // MARK: - Reading

    /// The results of a field's body; `nil` where not even the server's name can be read. Broken results are left out.
    package init?(_ body: some Sequence<UInt8>) {
        var scanner = ResultScanner(Array(body))
        guard let server = scanner.value() else { return nil }
        authenticationServer = server
        results = []
        _ = scanner.value()  // a version may follow
        while scanner.skipToSemicolon() {
            guard let method = scanner.token(), scanner.take(UInt8(ascii: "=")), let result = scanner.token(),
                results.count < 100
            else { continue }
            var parsed = Result(method.lowercased(), result.lowercased())
            while let name = scanner.token() {
                guard scanner.take(UInt8(ascii: "=")), let value = scanner.value(isFinal: true) else { break }
                if name.lowercased() == "reason" {
                    parsed.reason = value
                } else {
                    parsed.properties.append((name.lowercased(), value))
                }
            }
            results.append(parsed)
        }
    }

    /// The fields that claim to be ours: nobody but us may have written them (RFC 8601 §5), so they are to be removed. One
    /// whose server cannot be read is suspect, too.
    package static func claims(of server: String, in header: HeaderSection) -> [HeaderSection.Field] {
        header.all("Authentication-Results").filter { field in
            var scanner = ResultScanner(Array(header.octets[field.body]))
            return scanner.value().map { $0.lowercased() == server.lowercased() } ?? true
        }
    }
}

/// Reads tokens, quoted strings and comments (RFC 8601 §2.2); whatever is wrong ends what is being read.
private struct ResultScanner {
    private let octets: [UInt8]
    private var position = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    private var next: UInt8? { position < octets.count ? octets[position] : nil }

    private mutating func skipSpaceAndComments() {
        var depth = 0
        while let octet = next {
            if octet == UInt8(ascii: "("), depth < 100 {
                depth += 1
            } else if octet == UInt8(ascii: ")"), depth > 0 {
                depth -= 1
            } else if octet == UInt8(ascii: "\\"), depth > 0, position + 1 < octets.count {
                position += 1
            } else if depth == 0, !TagList.isSpace(octet) {
                return
            }
            position += 1
        }
    }

    mutating func take(_ octet: UInt8) -> Bool {
        skipSpaceAndComments()
        guard next == octet else { return false }
        position += 1
        return true
    }

    /// A method, result or property name; a version after a slash is passed over.
    mutating func token() -> String? {
        skipSpaceAndComments()
        let start = position
        while let octet = next, Self.isToken(octet), octet != UInt8(ascii: "/") { position += 1 }
        let text = String(decoding: octets[start..<position], as: UTF8.self)
        if next == UInt8(ascii: "/") {
            while let octet = next, Self.isToken(octet) { position += 1 }
        }
        return text.isEmpty ? nil : text
    }

    /// A name or value, quoted or not.
    mutating func value(isFinal: Bool = false) -> String? {
        skipSpaceAndComments()
        if next == UInt8(ascii: "\"") { return quotedString() }
        let start = position
        while let octet = next, octet > 0x20, octet != UInt8(ascii: ";"), octet != UInt8(ascii: "("),
            isFinal || octet != UInt8(ascii: "=")
        { position += 1 }
        return position > start ? String(decoding: octets[start..<position], as: UTF8.self) : nil
    }

    private mutating func quotedString() -> String? {
        position += 1
        var text: [UInt8] = []
        while let octet = next {
            position += 1
            if octet == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            if octet == UInt8(ascii: "\\"), let escaped = next {
                text.append(escaped)
                position += 1
            } else if octet != 0x0D, octet != 0x0A {
                text.append(octet)
            }
        }
        return nil
    }

    /// Goes behind the next semicolon outside of comments and quotes; `false` at the end.
    mutating func skipToSemicolon() -> Bool {
        while true {
            skipSpaceAndComments()
            guard let octet = next else { return false }
            if octet == UInt8(ascii: "\"") {
                _ = quotedString()
                continue
            }
            position += 1
            if octet == UInt8(ascii: ";") { return true }
        }
    }

    private static func isToken(_ octet: UInt8) -> Bool {
        guard octet > 0x20, octet < 0x7F else { return false }
        return !Array("()<>@,;:\\\"[]?=".utf8).contains(octet)
    }
}
