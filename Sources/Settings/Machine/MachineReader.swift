import MailTypes

/// Reads the machine's settings from their top mapping.
struct MachineReader {
    /// What relative paths start from; empty: the working directory.
    let directory: String

    func read(_ top: MappingReading) -> MachineSettings? {
        var top = top
        let hostname = top.require("hostname", "give the name that this machine's MX record has").flatMap(\.domain)
        let data = data(&top)
        // The name stands for one that was not understood; with a problem nothing is started.
        guard let name = hostname ?? DomainName("invalid") else { return nil }
        var settings = MachineSettings(hostname: name, data: data)
        var hasCertificates = false
        if let field = top.take("tls") { hasCertificates = readTLS(field, into: &settings.tls) }
        if let field = top.require("listeners", "say what is listened on: { smtp: 0.0.0.0:25 }") {
            settings.listeners = listeners(field, hasCertificates: hasCertificates)
        }
        if let field = top.take("delivery") { readDelivery(field, into: &settings.delivery) }
        if let field = top.take("limits") { readLimits(field, into: &settings.limits) }
        if var part = top.take("security")?.mapping {
            let login = part.take("allowPlaintextLogin")?.word(MachineSettings.PlaintextLogin.self)
            settings.security.allowPlaintextLogin = login ?? settings.security.allowPlaintextLogin
            part.finish()
        }
        if let field = top.take("resolver") { readResolver(field, into: &settings.resolver) }
        if let field = top.take("authentication") { readAuthentication(field, into: &settings.authentication) }
        settings.otherRecipients = top.take("otherRecipients").flatMap(readOtherRecipients)
        if let field = top.take("abuse") { readAbuse(field, into: &settings.abuse) }
        if let field = top.take("filters") { settings.filters = readFilters(field) }
        if var part = top.take("log")?.mapping {
            settings.log.level = part.take("level")?.word(MachineSettings.LogLevel.self) ?? settings.log.level
            settings.log.target = part.take("target")?.word(MachineSettings.LogTarget.self) ?? settings.log.target
            part.finish()
        }
        top.finish()
        return settings
    }

    /// A path, relative ones from the file's directory.
    func path(_ field: Field) -> String? {
        guard let text = field.line else { return nil }
        return text.hasPrefix("/") || directory.isEmpty
            ? text : directory.hasSuffix("/") ? directory + text : "\(directory)/\(text)"
    }

    private func data(_ top: inout MappingReading) -> MachineSettings.DataLocation {
        let dataField = top.take("data")
        let databaseField = top.take("database")
        let url = databaseField.flatMap(databaseURL)
        if let dataField, databaseField != nil {
            dataField.report("stands beside database", "give one of them: the mail lives in one place")
        }
        if let dataField { return .directory(path(dataField) ?? "data") }
        if databaseField == nil {
            _ = top.require("data", "give the directory of the embedded database")
        }
        return url.map { .database(url: $0) } ?? .directory("data")
    }

    private func databaseURL(_ field: Field) -> String? {
        guard let text = field.line else { return nil }
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "postgresql" || parts[0] == "postgres", !parts[1].isEmpty else {
            field.report("is no database URL", "write postgresql://USER@HOST/NAME, or data: DIRECTORY instead")
            return nil
        }
        let authority = parts[1].prefix { $0 != "/" && $0 != "?" }
        if let at = authority.lastIndex(of: "@"), authority[..<at].contains(":") {
            field.report("holds a password", "leave it out: libpq finds it in a password file")
            return nil
        }
        field.report("the PostgreSQL engine is not part of this build", "write data: DIRECTORY for the embedded one")
        return text
    }

    /// Whether the file names any certificate, understood or not.
    private func readTLS(_ field: Field, into tls: inout MachineSettings.TLS) -> Bool {
        guard var part = field.mapping else { return false }
        let list = part.take("certificates")
        tls.certificates =
            list?.items.compactMap { item in
                guard var files = item.mapping else { return nil }
                let certificate = files.require("certificate", "give the file of the certificate chain").flatMap(path)
                let key = files.require("key", "give the file of the private key").flatMap(path)
                files.finish()
                guard let certificate, let key else { return nil }
                return MachineSettings.CertificateFiles(certificate: certificate, key: key)
            } ?? []
        tls.sessionTickets = part.take("sessionTickets")?.boolean ?? tls.sessionTickets
        part.finish()
        return list?.isEmpty == false
    }

    private func readDelivery(_ field: Field, into delivery: inout MachineSettings.Delivery) {
        guard var part = field.mapping else { return }
        let relay = part.take("relay")
        delivery.relay = relay.flatMap(hostAndPort)
        let user = part.take("relayUser")
        delivery.relayUser = user.flatMap(\.line)
        let password = part.take("relayPasswordFile")
        delivery.relayPasswordFile = password.flatMap(path)
        let tls = part.take("relayTLS")
        delivery.relayTLS = tls?.word(MachineSettings.RelayTLS.self) ?? delivery.relayTLS
        for field in [user, password, tls].compactMap({ $0 }) where relay == nil {
            field.report("needs a relay", "give relay: HOST:PORT or leave this key out")
        }
        let ports: [(String, WritableKeyPath<MachineSettings.Delivery, Int>)] = [
            ("exchangerPort", \.exchangerPort), ("policyPort", \.policyPort),
        ]
        for (key, path) in ports {
            guard let port = part.take(key) else { continue }
            delivery[keyPath: path] = port.integer(in: 1...65535) ?? delivery[keyPath: path]
            if relay != nil { port.report("stands beside relay", "leave one of them out: all mail goes to the relay") }
        }
        if let user, password == nil { user.report("needs relayPasswordFile", "name the file that holds the password") }
        if let password, user == nil { password.report("needs relayUser", "name the user whose password it is") }
        if let field = part.take("retryAfter") {
            let times = field.itemsOrSelf.compactMap { $0.duration(in: .seconds(1) ... .seconds(30 * 86400)) }
            if field.isEmpty { field.report("is empty", "write times: [ 5m, 30m, 2h ]") }
            if !times.isEmpty { delivery.retryAfter = times }
        }
        let expiry = part.take("expireAfter")?.duration(in: .seconds(60) ... .seconds(30 * 86400))
        delivery.expireAfter = expiry ?? delivery.expireAfter
        let delay = part.take("delayNoticeAfter")?.duration(in: .seconds(1) ... .seconds(30 * 86400))
        delivery.delayNoticeAfter = delay ?? delivery.delayNoticeAfter
        delivery.connections = part.take("connections")?.integer(in: 1...10_000) ?? delivery.connections
        let own = part.take("connectionsPerDestination")?.integer(in: 1...1000)
        delivery.connectionsPerDestination = own ?? delivery.connectionsPerDestination
        delivery.mailsPerMinute = part.take("mailsPerMinute")?.integer(in: 1...1_000_000)
        part.finish()
    }

    func hostAndPort(_ field: Field) -> HostAndPort? {
        guard let text = field.line else { return nil }
        if let address = HostAndPort(text) { return address }
        field.report("\(field.shown(text)) is not HOST:PORT", "write one such as mail.acme.example:25 or [::1]:25")
        return nil
    }

    private func readLimits(_ field: Field, into limits: inout MachineSettings.Limits) {
        guard var part = field.mapping else { return }
        func number(_ key: String, _ range: ClosedRange<Int>, _ limit: inout Int) {
            limit = part.take(key)?.integer(in: range) ?? limit
        }
        func time(_ key: String, _ limit: inout Duration) {
            limit = part.take(key)?.duration(in: .seconds(1) ... .seconds(86400)) ?? limit
        }
        // The least values are those that RFC 5321 §4.5.3.1 demands of everybody.
        limits.lineLength = part.take("lineLength")?.byteCount(in: 512...65536) ?? limits.lineLength
        limits.messageSize = part.take("messageSize")?.byteCount(in: 65536...(1 << 40)) ?? limits.messageSize
        number("recipients", 100...100_000, &limits.recipients)
        number("commandsWithoutMail", 5...1_000_000, &limits.commandsWithoutMail)
        number("errors", 1...1_000_000, &limits.errors)
        number("connections", 1...1_000_000, &limits.connections)
        number("connectionsPerAddress", 1...1_000_000, &limits.connectionsPerAddress)
        number("imapConnectionsPerAccount", 1...1_000_000, &limits.imapConnectionsPerAccount)
        limits.freeSpace = part.take("freeSpace")?.byteCount(in: 0...(1 << 50)) ?? limits.freeSpace
        time("commandTimeout", &limits.commandTimeout)
        time("transactionTimeout", &limits.transactionTimeout)
        part.finish()
    }
}
