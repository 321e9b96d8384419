import MailTypes

extension MachineSettings {
    /// What links to the public pages begin with: as the file says, else by the host's name, with the port where TLS is
    /// ours, without one where a proxy stands before it. `nil`: there are no such pages.
    package var publicOrigin: String? {
        guard let listener = listener(.public) else { return nil }
        if let origin = listener.origin { return origin }
        guard listener.tls else { return "https://\(hostname.ascii)" }
        for case .tcp(_, let port) in listener.addresses where port != 443 && port != 0 {
            return "https://\(hostname.ascii):\(port)"
        }
        return "https://\(hostname.ascii)"
    }
}

/// The first part of an address of the web: scheme, host, port.
enum WebOrigin {
    /// `nil`: it is none, or something follows it. A slash at the end is no harm.
    static func parse(_ text: String) -> String? {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let scheme = ["https", "http"].first(where: { $0 == parts[0].lowercased() }) else {
            return nil
        }
        let host = parts[1].hasSuffix("/") ? parts[1].dropLast() : parts[1]
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") }) else { return nil }
        if let address = HostAndPort(String(host), ports: 1...65535) { return "\(scheme)://\(address)" }
        guard let name = DomainName(String(host)), !name.isAddressLiteral else { return nil }
        return "\(scheme)://\(name.ascii)"
    }
}
