package import MailTypes

/// Something that is listened on, and by which addresses.
package struct Listener: Equatable, Sendable {
    package var name: ListenerName
    /// At least one.
    package var addresses: [ListenerAddress]
    /// TLS from the first octet: always for submissions and imaps, as the file says for console, public and metrics.
    package var tls: Bool
    /// Of public: what links to it begin with, `https://service.acme.example`; `nil`: the host's name.
    package var origin: String?
    /// Of public: hosts whose word is taken for whom a request comes from. Default none.
    package var trustedProxies: [IPNetwork] = []

    package init(name: ListenerName, addresses: [ListenerAddress], tls: Bool? = nil) {
        self.name = name
        self.addresses = addresses
        self.tls = tls ?? name.isImplicitTLS
    }
}

/// The listeners there can be; the raw value is what the file writes.
package enum ListenerName: String, CaseIterable, Sendable {
    /// MX, port 25.
    case smtp
    /// Port 587, STARTTLS.
    case submission
    /// Port 465, implicit TLS (RFC 8314).
    case submissions
    /// Port 143, STARTTLS.
    case imap
    /// Port 993, implicit TLS (RFC 8314).
    case imaps
    /// The web console.
    case console
    /// Pages that anybody may open.
    case `public`
    case metrics

    /// TLS from the first octet by its very name.
    package var isImplicitTLS: Bool { self == .submissions || self == .imaps }

    /// HTTP, with or without TLS as the file says.
    package var isHTTP: Bool {
        switch self {
        case .console, .public, .metrics: true
        case .smtp, .submission, .submissions, .imap, .imaps: false
        }
    }
}

/// One address of a listener.
package enum ListenerAddress: Hashable, Sendable, CustomStringConvertible {
    /// The host is an IPv4 or IPv6 address without brackets, or a name; port 0 lets the kernel choose.
    case tcp(host: String, port: Int)
    /// A socket of that name inherited from systemd (`FileDescriptorName=`).
    case systemd(name: String)

    /// As the file writes it: `127.0.0.1:25`, `[::1]:25`, `systemd:smtp`.
    package var description: String {
        switch self {
        case .tcp(let host, let port): HostAndPort(host: host, port: port).description
        case .systemd(let name): "systemd:\(name)"
        }
    }

    /// Parses `HOST:PORT`, `[IPV6]:PORT` or `systemd:NAME`.
    package init?(_ text: String) {
        if text.hasPrefix("systemd:") {
            let name = text.dropFirst("systemd:".count)
            // sd_listen_fds_with_names(3): ASCII, no control characters, no colon, at most 255.
            guard (1...255).contains(name.utf8.count),
                name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
            else { return nil }
            self = .systemd(name: String(name))
            return
        }
        guard let address = HostAndPort(text, ports: 0...65535) else { return nil }
        self = .tcp(host: address.host, port: address.port)
    }
}

/// A host, by name or address, with a port.
package struct HostAndPort: Hashable, Sendable, CustomStringConvertible {
    /// An IPv6 address stands without brackets.
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:25`, `127.0.0.1:25`, `[::1]:25`.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
