import MailTypes

extension MachineReader {
    func readAbuse(_ field: Field, into abuse: inout MachineSettings.Abuse) {
        guard var part = field.mapping else { return }
        if let list = part.take("allow") { abuse.allow = list.itemsOrSelf.compactMap(network) }
        let rates: [(String, WritableKeyPath<MachineSettings.Abuse, MachineSettings.Rate?>)] = [
            ("connections", \.connections), ("mails", \.mails), ("recipients", \.recipients),
            ("unknownRecipients", \.unknownRecipients), ("loginFailures", \.loginFailures),
            ("accountMails", \.accountMails), ("accountRecipients", \.accountRecipients),
        ]
        for (key, path) in rates {
            if let field = part.take(key) { readRate(field, into: &abuse[keyPath: path]) }
        }
        abuse.networkFactor = part.take("networkFactor")?.integer(in: 1...1000) ?? abuse.networkFactor
        let ban = part.take("ban")
        abuse.ban = ban?.duration(in: .seconds(1) ... .seconds(30 * 86400)) ?? abuse.ban
        let longest = part.take("longestBan")?.duration(in: .seconds(1) ... .seconds(30 * 86400))
        abuse.longestBan = longest ?? max(abuse.longestBan, abuse.ban)
        if abuse.longestBan < abuse.ban { ban?.report("is longer than longestBan", "write a shorter time") }
        abuse.tarpit = part.take("tarpit")?.duration(in: .zero ... .seconds(120)) ?? abuse.tarpit
        // A client waits for five minutes (RFC 5321 §4.5.3.2.1).
        let greeting = part.take("greetingDelay")?.duration(in: .zero ... .seconds(30))
        abuse.greetingDelay = greeting ?? abuse.greetingDelay
        if let field = part.take("lists") { abuse.lists = lists(field) }
        let scores = 1...1000
        abuse.rejectAt = part.take("rejectAt")?.integer(in: scores)
        abuse.quarantineAt = part.take("quarantineAt")?.integer(in: scores)
        abuse.tagAt = part.take("tagAt")?.integer(in: scores) ?? abuse.tagAt
        if let field = part.take("greylist") { abuse.greylist = greylist(field) }
        part.finish()
    }

    /// `- { zone: zen.example.org, score: 5, answers: 127.0.0.2/31 }`
    private func lists(_ field: Field) -> [MachineSettings.DNSList] {
        if field.items.count > MachineSettings.maximumLists {
            field.report("has \(field.items.count) elements", "at most \(MachineSettings.maximumLists) lists are asked")
        }
        return field.items.compactMap { item in
            guard var part = item.mapping else { return nil }
            let zone = part.require("zone", "name the zone that is asked").flatMap(\.domain)
            let score = part.require("score", "say how much it counts: 5, or -5 for a list of good hosts").flatMap(score)
            let answers = part.take("answers")?.itemsOrSelf.compactMap(network) ?? []
            part.finish()
            guard let zone, let score else { return nil }
            return MachineSettings.DNSList(zone: zone, score: score, answers: answers)
        }
    }

    private func score(_ field: Field) -> Int? {
        guard let text = field.line else { return nil }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let number = Quantities.number(digits), (1...1000).contains(number) else {
            field.report("\(field.shown(text)) is no score", "write a number from 1 to 1000, or from -1 to -1000")
            return nil
        }
        return text.hasPrefix("-") ? -number : number
    }

    /// `true`, `false`, or `{ delay: 5m }`.
    private func greylist(_ field: Field) -> MachineSettings.Greylist? {
        guard field.isMapping else { return field.boolean == true ? MachineSettings.Greylist() : nil }
        guard var part = field.mapping else { return nil }
        var greylist = MachineSettings.Greylist()
        greylist.delay = part.take("delay")?.duration(in: .seconds(1) ... .seconds(3600)) ?? greylist.delay
        let retry = part.take("retryWithin")?.duration(in: .seconds(3600) ... .seconds(7 * 86400))
        greylist.retryWithin = retry ?? greylist.retryWithin
        let remember = part.take("remember")?.duration(in: .seconds(2 * 86400) ... .seconds(400 * 86400))
        greylist.remember = remember ?? greylist.remember
        part.finish()
        return greylist
    }

    /// `relay HOST`, `relay HOST:PORT`, or `{ relay: HOST:PORT, tls: required, remember: 1h }`.
    func readOtherRecipients(_ field: Field) -> MachineSettings.OtherRecipients? {
        guard field.isMapping else {
            guard let text = field.line else { return nil }
            let words = text.split(separator: " ")
            guard words.count == 2, words[0] == "relay", let relay = Self.relay(String(words[1])) else {
                field.report("\(field.shown(text)) is no way", "write relay HOST, or relay HOST:PORT")
                return nil
            }
            return MachineSettings.OtherRecipients(relay: relay)
        }
        guard var part = field.mapping else { return nil }
        let host = part.require("relay", "name the host that has the other mailboxes")
        let relay = host.flatMap { host in host.line.flatMap(Self.relay) ?? hostAndPort(host) }
        var others = relay.map { MachineSettings.OtherRecipients(relay: $0) }
        let tls = part.take("tls")?.word(MachineSettings.RelayTLS.self)
        let remember = part.take("remember")?.duration(in: .seconds(1) ... .seconds(7 * 86400))
        if let tls { others?.tls = tls }
        if let remember { others?.remember = remember }
        part.finish()
        return others
    }

    /// Without a port it is that of mail exchangers.
    private static func relay(_ text: String) -> HostAndPort? { HostAndPort(text) ?? HostAndPort("\(text):25") }

    /// `120/1m`, or `none`.
    private func readRate(_ field: Field, into rate: inout MachineSettings.Rate?) {
        guard let text = field.line else { return }
        guard text != "none" else {
            rate = nil
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let count = Quantities.number(parts[0]), (1...1_000_000).contains(count),
            let period = Quantities.duration(String(parts[1])), (Duration.seconds(1) ... .seconds(86400)).contains(period)
        else {
            return field.report(
                "\(field.shown(text)) is no rate", "write so many in so long, such as 120/1m, or none")
        }
        rate = MachineSettings.Rate(count, in: period)
    }
}
