import CSystemd
import Glibc
import Logging

/// Writes to the journal, each fact of the metadata as a field of its own: `smtp.session` becomes `SMTP_SESSION`.
struct JournalLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.info
    let label: String

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let given = event.metadata { all.merge(given) { _, new in new } }
        var fields = [
            "MESSAGE=\(event.message)", "PRIORITY=\(priority(event.level))", "SYSLOG_IDENTIFIER=stempel", "LOGGER=\(label)",
        ]
        for (key, value) in all { fields.append("\(Self.fieldName(key))=\(value)") }
        let copies = fields.map { field in
            let octets = Array(field.utf8)
            let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, octets.count), alignment: 1)
            memory.copyMemory(from: octets, byteCount: octets.count)
            return iovec(iov_base: memory, iov_len: octets.count)
        }
        _ = sd_journal_sendv(copies, Int32(copies.count))
        for copy in copies { copy.iov_base?.deallocate() }
    }

    private func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// Upper-case letters, digits and underscores, not beginning with an underscore (systemd.journal-fields(7)).
    private static func fieldName(_ key: String) -> String {
        var name = ""
        for byte in key.utf8.prefix(60) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): name.unicodeScalars.append(Unicode.Scalar(byte - 32))
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default: name += "_"
            }
        }
        return name.first.map { $0.isLetter } == true ? name : "F_" + name
    }
}
