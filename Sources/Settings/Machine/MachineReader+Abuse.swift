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
        part.finish()
    }

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
