import MailTypes

/// A record that the owner of a domain has to publish for mail to work.
struct PublishedRecord: Sendable {
    enum Value: Sendable {
        case mx(host: String)
        /// What the published text is compared by.
        case txt(String, Comparison)
        case srv(port: Int, host: String)
        case tlsa(digest: [UInt8])
        case cname(host: String)
    }
    /// When a published text is as good as ours.
    enum Comparison: Sendable {
        /// The same key.
        case key
        /// Any SPF record that lets this host send: the owner may name others, too.
        case sender(String)
        /// Any text of this version in which each of these tags has a value that is good: the owner may want it stricter.
        case tags(version: String, [String: @Sendable (String) -> Bool])
    }

    var name: String
    var value: Value
    /// What it is for, in a few words.
    var purpose: String

    var type: String {
        switch value {
        case .mx: "MX"
        case .txt: "TXT"
        case .srv: "SRV"
        case .tlsa: "TLSA"
        case .cname: "CNAME"
        }
    }

    /// As a line of a zone file (RFC 1035 §5.1).
    var line: String {
        switch value {
        case .mx(let host): "\(name). IN MX 10 \(host)."
        case .txt(let text, _): "\(name). IN TXT \(Self.strings(text))"
        case .srv(let port, let host): "\(name). IN SRV 0 1 \(port) \(host)."
        case .tlsa(let digest): "\(name). IN TLSA 3 1 1 \(Self.hexadecimal(digest))"
        case .cname(let host): "\(name). IN CNAME \(host)."
        }
    }

    /// A string of a TXT record has at most 255 octets; a longer text is several.
    private static func strings(_ text: String) -> String {
        var parts: [String] = []
        var rest = text.utf8[...]
        while !rest.isEmpty {
            parts.append("\"" + String(decoding: rest.prefix(250), as: UTF8.self) + "\"")
            rest = rest.dropFirst(250)
        }
        return parts.joined(separator: " ")
    }

    private static func hexadecimal(_ octets: [UInt8]) -> String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
