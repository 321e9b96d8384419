import Desk

extension MachineReader {
    func listeners(_ field: Field, hasCertificates: Bool) -> [Listener] {
        guard let mapping = field.mapping else { return [] }
        if mapping.entries.isEmpty {
            field.report("names no listener", "say what is listened on: { smtp: 0.0.0.0:25 }")
        }
        var taken: [ListenerAddress: String] = [:]
        var result: [Listener] = []
        for (key, value) in mapping.entries {
            guard let name = ListenerName(rawValue: key) else {
                let position = value.file.positions[value.path] ?? value.position
                let hint = Spelling.hint(for: key, among: ListenerName.allCases.map(\.rawValue))
                value.file.report(position, key: value.path, "unknown key", hint)
                continue
            }
            // An empty value is a listener that is not wanted.
            if value.isNull { continue }
            let listener = listener(name, value)
            for address in listener.addresses {
                if case .tcp(_, port: 0) = address { continue }
                if let other = taken[address] {
                    value.report("\(address) is taken by \(other)", "give every listener an address of its own")
                }
                taken[address] = key
            }
            if listener.tls, !hasCertificates {
                value.report("needs a certificate", "give one under tls.certificates or leave this listener out")
            }
            if !listener.addresses.isEmpty { result.append(listener) }
        }
        return result
    }

    /// `HOST:PORT`, a list of them, `systemd:NAME`, or for HTTP also `{ address: …, tls: true }`.
    private func listener(_ name: ListenerName, _ field: Field) -> Listener {
        guard field.isMapping, var part = field.mapping else {
            return Listener(name: name, addresses: addresses(field))
        }
        let list = part.require("address", "write HOST:PORT, a list of them, or systemd:NAME").map(addresses) ?? []
        let tlsField = part.take("tls")
        let tls = tlsField?.boolean
        if let tlsField, let tls, !name.isHTTP, tls != name.isImplicitTLS {
            tlsField.report("\(name.rawValue) has \(name.isImplicitTLS ? "always TLS" : "STARTTLS")", Self.remedy(name))
        }
        var listener = Listener(name: name, addresses: list, tls: name.isHTTP ? tls : nil)
        if name == .public {
            listener.origin = part.take("url").flatMap(origin)
            if let proxies = part.take("trustedProxies") {
                listener.trustedProxies = proxies.itemsOrSelf.compactMap(network)
            }
        }
        part.finish()
        return listener
    }

    private func origin(_ field: Field) -> String? {
        guard let text = field.line else { return nil }
        if let origin = WebOrigin.parse(text) { return origin }
        field.report(
            "\(field.shown(text)) is not what links can begin with",
            "write scheme and host, with a port if need be: https://service.acme.example")
        return nil
    }

    private static func remedy(_ name: ListenerName) -> String {
        switch name {
        case .submission: "for TLS from the first octet name it submissions"
        case .imap: "for TLS from the first octet name it imaps"
        case .submissions: "for STARTTLS name it submission"
        case .imaps: "for STARTTLS name it imap"
        case .smtp, .console, .public, .metrics: "leave tls out"
        }
    }

    private func addresses(_ field: Field) -> [ListenerAddress] {
        let items = field.itemsOrSelf
        if field.isEmpty { field.report("is empty", "write HOST:PORT or leave the key out") }
        return items.compactMap { item in
            guard let text = item.line else { return nil }
            if let address = ListenerAddress(text) { return address }
            item.report(
                "\(item.shown(text)) is no address to listen on",
                "write HOST:PORT such as 0.0.0.0:25 or [::]:25, or systemd:NAME")
            return nil
        }
    }
}
