import MailFormat

/// A header section with what filters changed of it.
struct FilteredHeader {
    /// Complete fields that stand before all others.
    private(set) var added: [UInt8] = []
    /// Where the fields begin that are not shown.
    private(set) var removed: Set<Int> = []
    private let header: HeaderSection

    init(_ header: HeaderSection, _ changes: [FilterVerdict.Change]) {
        self.header = header
        for change in changes {
            switch change {
            case .add(let name, let value): add(name, value)
            case .replace(let name, let occurrence, let value):
                let name = String(decoding: name, as: UTF8.self)
                let fields = header.all(name)
                if fields.indices.contains(occurrence - 1) { removed.insert(fields[occurrence - 1].range.lowerBound) }
                if let value { add(Array(name.utf8), value) }
            }
        }
    }

    private mutating func add(_ name: [UInt8], _ value: [UInt8]) {
        // What only Stempel writes, no filter writes either.
        guard !HeaderRewriter.isReserved(name) else { return }
        let space: [UInt8] = value.first == 0x20 || value.first == 0x09 ? [] : [0x20]
        added += name + [0x3A] + space + value + [0x0D, 0x0A]
    }

    /// As the next filter, and rules, see it.
    var section: HeaderSection {
        let kept = header.fields.filter { !removed.contains($0.range.lowerBound) }.flatMap { header.octets[$0.range] }
        return HeaderSection(added + kept + header.octets[header.parsedEnd..<header.bodyStart])
    }
}
