import MailTypes

/// Whom a request comes from: the peer, or, where the peer is a proxy that the settings name, whom that proxy says. A
/// list's last address that is no trusted proxy counts: what stands before it anybody can have written.
enum ForwardedAddress {
    /// Addresses of a list that are looked at.
    private static let most = 20

    static func client(_ peer: IPAddress, forwardedFor lists: [String], trusting proxies: [IPNetwork]) -> IPAddress {
        func isTrusted(_ address: IPAddress) -> Bool { proxies.contains { $0.contains(address) } }
        guard isTrusted(peer) else { return peer }
        var client = peer
        let entries = lists.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.suffix(most)
        for entry in entries.reversed() {
            // What is no address ends what can be known.
            guard let address = address(entry) else { break }
            client = address
            if !isTrusted(address) { break }
        }
        return client
    }

    /// Some proxies write a port behind it, and brackets around IPv6.
    private static func address(_ entry: Substring) -> IPAddress? {
        let text = entry.filter { $0 != " " && $0 != "\t" }
        if let address = IPAddress(text) { return address }
        if text.first == "[", let end = text.firstIndex(of: "]") { return IPAddress(text[..<end].dropFirst()) }
        guard let colon = text.firstIndex(of: ":"), text[text.index(after: colon)...].allSatisfy(\.isNumber) else {
            return nil
        }
        return IPAddress(text[..<colon])
    }
}
