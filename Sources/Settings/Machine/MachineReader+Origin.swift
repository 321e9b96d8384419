import MailTypes

extension MachineReader {
    func readResolver(_ field: Field, into resolver: inout MachineSettings.Resolver) {
        guard var part = field.mapping else { return }
        if let list = part.take("forwarders") {
            if list.isEmpty { list.report("is empty", "write addresses: [ 192.0.2.53 ], or leave the key out") }
            resolver.forwarders = list.itemsOrSelf.compactMap(server)
        }
        if let anchor = part.take("trustAnchor") {
            if anchor.line == "none" { resolver.isValidating = false } else { resolver.trustAnchor = path(anchor) }
        }
        let deadline = part.take("deadline")?.duration(in: .seconds(1) ... .seconds(60))
        resolver.deadline = deadline ?? resolver.deadline
        part.finish()
    }

    /// An address, with or without a port: a name would need a resolver itself.
    private func server(_ field: Field) -> HostAndPort? {
        guard let text = field.line else { return nil }
        if let address = IPAddress(text) { return HostAndPort(host: address.description, port: 53) }
        if let server = HostAndPort(text), let address = IPAddress(server.host) {
            return HostAndPort(host: address.description, port: server.port)
        }
        field.report(
            "\(field.shown(text)) is no address of a server", "write one such as 192.0.2.53 or [2001:db8::53]:53")
        return nil
    }

    func readAuthentication(_ field: Field, into authentication: inout MachineSettings.Authentication) {
        authentication.isWritten = true
        guard var part = field.mapping else { return }
        authentication.check = part.take("check")?.boolean
        authentication.dmarc = part.take("dmarc")?.word(MachineSettings.OriginPolicy.self) ?? authentication.dmarc
        authentication.spf = part.take("spf")?.word(MachineSettings.OriginPolicy.self) ?? authentication.spf
        if let list = part.take("trustedForwarders") {
            authentication.trustedForwarders = list.itemsOrSelf.compactMap(network)
        }
        let deadline = part.take("deadline")?.duration(in: .seconds(1) ... .seconds(300))
        authentication.deadline = deadline ?? authentication.deadline
        part.finish()
    }

    /// An address, or a range of them.
    func network(_ field: Field) -> IPNetwork? {
        guard let text = field.line else { return nil }
        if let network = IPNetwork(text) { return network }
        field.report("\(field.shown(text)) is no address or network", "write one such as 192.0.2.7 or 2001:db8::/32")
        return nil
    }
}
