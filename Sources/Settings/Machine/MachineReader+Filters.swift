import MailTypes

extension MachineReader {
    /// `- { name: rspamd, milter: "127.0.0.1:11332", onFailure: accept, deadline: 30s }`
    func readFilters(_ field: Field) -> [MachineSettings.Filter] {
        if field.items.count > MachineSettings.maximumFilters {
            field.report("has \(field.items.count) elements", "at most \(MachineSettings.maximumFilters) filters are asked")
        }
        return field.items.compactMap { item in
            guard var part = item.mapping else { return nil }
            let name = part.require("name", "say what the log is to call it").flatMap(\.name)
            let milter = part.require("milter", "say where it listens").flatMap(filterAddress)
            let failure = part.take("onFailure")?.word(MachineSettings.Filter.Failure.self)
            let deadline = part.take("deadline")?.duration(in: .seconds(1) ... .seconds(600))
            part.finish()
            guard let name, let milter else { return nil }
            var filter = MachineSettings.Filter(name: name, milter: milter)
            filter.onFailure = failure ?? filter.onFailure
            filter.deadline = deadline ?? filter.deadline
            return filter
        }
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
