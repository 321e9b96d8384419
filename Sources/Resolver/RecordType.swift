package import MailTypes

/// A record type of the domain name system and how its data are read (RFC 1035 §3.3). Data that break their type's form
/// are left out, never guessed at.
package struct RecordType<Record: Sendable>: Sendable {
    let number: Int32
    let read: @Sendable (UnsafeRawBufferPointer) -> Record?
}

/// A mail exchanger (RFC 5321 §5.1); the host `""` is the null MX (RFC 7505).
package struct MXRecord: Hashable, Sendable {
    package var preference: Int
    package var host: String
    package init(preference: Int, host: String) { (self.preference, self.host) = (preference, host) }
}

/// A server for a service (RFC 2782).
package struct SRVRecord: Hashable, Sendable {
    package var priority: Int
    package var weight: Int
    package var port: Int
    package var host: String
    package init(priority: Int, weight: Int, port: Int, host: String) {
        (self.priority, self.weight, self.port, self.host) = (priority, weight, port, host)
    }
}

/// What a server's certificate must match (RFC 6698 §2.1).
package struct TLSARecord: Hashable, Sendable {
    package var usage: UInt8
    package var selector: UInt8
    package var matchingType: UInt8
    package var association: [UInt8]
    package init(usage: UInt8, selector: UInt8, matchingType: UInt8, association: [UInt8]) {
        (self.usage, self.selector, self.matchingType, self.association) = (usage, selector, matchingType, association)
    }
}

extension RecordType<IPAddress> {
    /// IPv4 addresses.
    package static let a = RecordType(number: 1) { $0.count == 4 ? IPAddress(octets: $0) : nil }
    /// IPv6 addresses (RFC 3596).
    package static let aaaa = RecordType(number: 28) { $0.count == 16 ? IPAddress(octets: $0) : nil }
}

extension RecordType<String> {
    /// Texts, the strings of one record joined without a gap (RFC 7208 §3.3, RFC 6376 §3.6.2.2); octets that are no
    /// UTF-8 become U+FFFD.
    package static let txt = RecordType(number: 16) { data in
        var text: [UInt8] = []
        var rest = data[...]
        while let length = rest.popFirst() {
            guard rest.count >= Int(length) else { return nil }
            text += rest.prefix(Int(length))
            rest = rest.dropFirst(Int(length))
        }
        return String(decoding: text, as: UTF8.self)
    }
    /// Names of an address.
    package static let ptr = RecordType(number: 12) { name($0[...]) }
    /// Name servers of a zone.
    package static let ns = RecordType(number: 2) { name($0[...]) }

    /// An uncompressed name that ends with the data: `example.org`, the root as `""`; a dot or backslash within a label,
    /// and what is not printable, with a backslash (RFC 1035 §5.1).
    fileprivate static func name(_ data: Slice<UnsafeRawBufferPointer>) -> String? {
        var text = ""
        var rest = data
        while let length = rest.popFirst() {
            if length == 0 { return rest.isEmpty ? text : nil }
            guard length < 64, rest.count >= Int(length), text.utf8.count < 1024 else { return nil }
            if !text.isEmpty { text += "." }
            for octet in rest.prefix(Int(length)) { text += escaped(octet) }
            rest = rest.dropFirst(Int(length))
        }
        return nil
    }

    private static func escaped(_ octet: UInt8) -> String {
        switch octet {
        case UInt8(ascii: "."), UInt8(ascii: "\\"): return "\\" + String(UnicodeScalar(octet))
        case 0x21...0x7E: return String(UnicodeScalar(octet))
        default:
            let digits = String(octet)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
    }
}

extension RecordType<MXRecord> {
    /// Mail exchangers, as they came: the caller sorts them by preference.
    package static let mx = RecordType(number: 15) { data in
        guard data.count > 2, let host = RecordType<String>.name(data[2...]) else { return nil }
        return MXRecord(preference: word(data, 0), host: host)
    }
}

extension RecordType<SRVRecord> {
    /// Servers for a service.
    package static let srv = RecordType(number: 33) { data in
        guard data.count > 6, let host = RecordType<String>.name(data[6...]) else { return nil }
        return SRVRecord(priority: word(data, 0), weight: word(data, 2), port: word(data, 4), host: host)
    }
}

extension RecordType<TLSARecord> {
    /// Certificate associations.
    package static let tlsa = RecordType(number: 52) { data in
        guard data.count > 3 else { return nil }
        return TLSARecord(usage: data[0], selector: data[1], matchingType: data[2], association: Array(data[3...]))
    }
}

/// Two octets in network order; the caller looked that they are there.
private func word(_ data: UnsafeRawBufferPointer, _ offset: Int) -> Int {
    Int(data[offset]) << 8 | Int(data[offset + 1])
}
