package import MailTypes

/// The files that a new installation begins with.
package enum Fresh {
    /// Listeners on the well-known ports of all addresses.
    package static let standardListeners: [(name: ListenerName, address: String)] = [
        (.smtp, "0.0.0.0:25"), (.submission, "0.0.0.0:587"), (.submissions, "0.0.0.0:465"), (.imap, "0.0.0.0:143"),
        (.imaps, "0.0.0.0:993"),
    ]

    /// Listeners on loopback that need no privileges, for a demonstration.
    package static let demoListeners: [(name: ListenerName, address: String)] = [
        (.smtp, "127.0.0.1:2525"), (.submission, "127.0.0.1:2587"), (.submissions, "127.0.0.1:2465"),
        (.imap, "127.0.0.1:2143"), (.imaps, "127.0.0.1:2993"), (.public, "127.0.0.1:2081"),
    ]

    /// The text of a new `stempel.yaml`. Certificate and key are paths as they shall stand in it; `relay` is `HOST:PORT`.
    package static func machineFile(
        hostname: DomainName, listeners: [(name: ListenerName, address: String)] = standardListeners,
        certificate: String?, key: String?, data: String = "data", relay: String? = nil
    ) -> String {
        let width = listeners.map(\.name.rawValue.utf8.count).max() ?? 0
        let lines = listeners.map { name, address in
            let padding = String(repeating: " ", count: width - name.rawValue.utf8.count)
            return "  \(name.rawValue):\(padding) \(value(of: name, at: address))\(note(on: name))"
        }
        let tls: String =
            if let certificate, let key {
                """
                tls:
                  certificates:                     # chosen by SNI; the first is the default
                    - { certificate: \(YAMLText.quoted(certificate)), key: \(YAMLText.quoted(key)) }
                """
            } else {
                """
                # tls:
                #   certificates:                   # chosen by SNI; the first is the default
                #     - { certificate: certs/\(hostname).pem, key: certs/\(hostname).key }
                """
            }
        let delivery =
            relay.map { "delivery:\n  relay: \(YAMLText.quoted($0))" }
            ?? "# delivery:\n#   relay: smarthost.example:25"
        return """
            # The machine. Every listener takes HOST:PORT, a list of them, or systemd:NAME for an inherited socket.
            # Paths are relative to this file. Sizes: 25MB, times: 30s 10m 2h 14d.
            hostname: \(hostname.ascii)
            data: \(YAMLText.quoted(data))                          # directory of the embedded database

            \(tls)

            listeners:
            \(lines.joined(separator: "\n"))

            # Takes all outbound mail, absent: direct to MX; relayUser, relayPasswordFile, relayTLS: none | opportunistic | required
            \(delivery)

            limits:                             # MB = 1,000,000 bytes, MiB = 1,048,576
              messageSize: 36MB                 # a 25 MB attachment after base64
              recipients: 100
              connections: 2000
              connectionsPerAddress: 50         # MX sessions, and others until they have logged in
              imapConnectionsPerAccount: 30
              freeSpace: 500MB                  # below it new mail gets 452

            security: { allowPlaintextLogin: loopback }   # or never, always
            log: { level: info, target: stderr }          # or journal

            """
    }

    /// Links to what is only on loopback begin with that; elsewhere with the host's name.
    private static func value(of name: ListenerName, at address: String) -> String {
        guard name == .public, address.hasPrefix("127.0.0.1:") else { return YAMLText.quoted(address) }
        let port = address.dropFirst("127.0.0.1:".count)
        return "{ address: \(YAMLText.quoted(address)), url: \(YAMLText.quoted("http://localhost:\(port)")) }"
    }

    private static func note(on name: ListenerName) -> String {
        switch name {
        case .smtp: "   # MX"
        case .submission, .imap: "   # STARTTLS"
        case .submissions, .imaps: "   # implicit TLS"
        case .public: "   # pages that take ratings; behind a proxy or with `tls: true`"
        case .console, .metrics: ""
        }
    }
}
