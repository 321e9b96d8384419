import MailTypes

extension MachineReader {
    /// `- { name: rspamd, milter: "127.0.0.1:11332", onFailure: accept, deadline: 30s, learning: { … }, score: { … } }`
    func readFilters(_ field: Field) -> [MachineSettings.Filter] {
        if field.items.count > MachineSettings.maximumFilters {
            field.report("has \(field.items.count) elements", "at most \(MachineSettings.maximumFilters) filters are asked")
        }
        var hasLearning = false
        return field.items.compactMap { item in
            guard var part = item.mapping else { return nil }
            let name = part.require("name", "say what the log is to call it").flatMap(\.name)
            let milter = part.require("milter", "say where it listens").flatMap(filterAddress)
            let failure = part.take("onFailure")?.word(MachineSettings.Filter.Failure.self)
            let deadline = part.take("deadline")?.duration(in: .seconds(1) ... .seconds(600))
            let learning = part.take("learning")
            if let learning, hasLearning { learning.report("stands in two filters", "only one of them can learn") }
            hasLearning = hasLearning || learning != nil
            let taught = learning.flatMap(readLearning)
            let score = part.take("score").flatMap(readScore)
            part.finish()
            guard let name, let milter else { return nil }
            var filter = MachineSettings.Filter(name: name, milter: milter)
            filter.onFailure = failure ?? filter.onFailure
            filter.deadline = deadline ?? filter.deadline
            (filter.learning, filter.score) = (taught, score)
            return filter
        }
    }

    /// `learning: { controller: "127.0.0.1:11334", passwordFile: secrets/rspamd }`
    private func readLearning(_ field: Field) -> MachineSettings.Filter.Learning? {
        guard var part = field.mapping else { return nil }
        let controller = part.require("controller", "say where rspamd's controller listens").flatMap(filterAddress)
        let password = part.take("passwordFile").flatMap(path)
        part.finish()
        return controller.map { .init(controller: $0, passwordFile: password) }
    }

    /// `score: { field: X-Spam-Status, rejectAt: 15, quarantineAt: 6, tagAt: 4 }`
    private func readScore(_ field: Field) -> MachineSettings.Filter.Score? {
        guard var part = field.mapping else { return nil }
        let name = part.require("field", "name the field that the filter writes its score into").flatMap(fieldName)
        let scores = -1000...1000
        let (reject, quarantine) = (part.take("rejectAt")?.integer(in: scores), part.take("quarantineAt")?.integer(in: scores))
        let tag = part.take("tagAt")?.integer(in: scores)
        part.finish()
        return name.map { .init(field: $0, rejectAt: reject, quarantineAt: quarantine, tagAt: tag) }
    }

    /// A field name (RFC 5322 §3.6.8).
    private func fieldName(_ field: Field) -> String? {
        guard let text = field.line else { return nil }
        if (1...200).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3A }) {
            return text
        }
        field.report("\(field.shown(text)) is no name of a header field", "write one such as X-Spam-Status")
        return nil
    }

    private func filterAddress(_ field: Field) -> MachineSettings.Filter.Address? {
        guard let text = field.line else { return nil }
        if text.hasPrefix("unix:"), text.utf8.count > 5 {
            let path = String(text.dropFirst(5))
            if path.hasPrefix("/"), path.utf8.count <= 107 { return .unix(path: path) }
        } else if let server = HostAndPort(text) {
            return .tcp(server)
        }
        field.report(
            "\(field.shown(text)) is no place of a filter", "write one such as 127.0.0.1:11332 or unix:/run/filter.sock")
        return nil
    }
}
