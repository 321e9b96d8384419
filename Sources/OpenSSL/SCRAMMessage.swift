/// The client's first message (RFC 5802 §7 client-first-message): `n,,n=user,r=nonce`.
struct SCRAMClientFirst: Equatable {
    /// What the client says of channel binding (RFC 5802 §6).
    enum Binding: Equatable {
        /// `n`: it cannot bind.
        case unsupported
        /// `y`: it can, and believes that the server cannot.
        case unoffered
        /// `p=NAME`: it binds.
        case required(String)
    }

    var binding: Binding
    /// Whom to act as; `nil`: the login itself.
    var authorizationIdentity: String?
    var login: String
    var nonce: String
    /// `n,,` as it stood: the client repeats it in `c=`.
    var header: String
    /// All behind the header, as it stood.
    var bare: String

    /// The longest message that is read: room for the longest login and a long nonce.
    static let maximumCount = 2048

    init(_ message: [UInt8]) throws(SCRAMServer.Failure) {
        guard message.count <= Self.maximumCount, let text = String(validating: message, as: UTF8.self),
            !text.utf8.contains(0)
        else { throw .malformed }
        let parts = text.utf8.split(separator: UInt8(ascii: ","), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed }
        (header, bare) = ("\(Substring(parts[0])),\(Substring(parts[1])),", String(Substring(parts[2])))
        binding = try Self.binding(Substring(parts[0]))
        authorizationIdentity = try Self.authorizationIdentity(Substring(parts[1]))
        let attributes = SCRAMAttributes(bare)
        // A mandatory extension that we do not know ends the exchange (RFC 5802 §5.1, `m`).
        guard attributes.first?.name != "m" else { throw .unknownExtension }
        guard attributes.count >= 2, attributes[0].name == "n", attributes[1].name == "r" else { throw .malformed }
        login = try Self.saslName(attributes[0].value)
        nonce = String(attributes[1].value)
        guard SCRAMAttributes.isNonce(nonce), attributes.dropFirst(2).allSatisfy({ $0.name != "m" }) else {
            throw .malformed
        }
    }

    private static func binding(_ flag: Substring) throws(SCRAMServer.Failure) -> Binding {
        switch flag {
        case "n": return .unsupported
        case "y": return .unoffered
        default:
            let name = flag.dropFirst(2)
            guard flag.hasPrefix("p="), !name.isEmpty, name.utf8.allSatisfy(isOfBindingName) else { throw .malformed }
            return .required(String(name))
        }
    }

    /// RFC 5802 §7 `cb-name`.
    private static func isOfBindingName(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func authorizationIdentity(_ text: Substring) throws(SCRAMServer.Failure) -> String? {
        guard !text.isEmpty else { return nil }
        guard text.hasPrefix("a=") else { throw .malformed }
        return try saslName(text.dropFirst(2))
    }

    /// A name in which `=2C` is a comma and `=3D` an equals sign (RFC 5802 §5.1); any other `=` is wrong.
    static func saslName(_ text: Substring) throws(SCRAMServer.Failure) -> String {
        guard !text.isEmpty else { throw .malformed }
        var name: [UInt8] = []
        var rest = text.utf8[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "=") else {
                name.append(octet)
                continue
            }
            let code = rest.prefix(2)
            rest = rest.dropFirst(2)
            if code.elementsEqual("2C".utf8) {
                name.append(UInt8(ascii: ","))
            } else if code.elementsEqual("3D".utf8) {
                name.append(UInt8(ascii: "="))
            } else {
                throw .malformed
            }
        }
        return String(decoding: name, as: UTF8.self)
    }
}

/// The client's final message (RFC 5802 §7 client-final-message): `c=biws,r=nonce,p=proof`.
struct SCRAMClientFinal: Equatable {
    /// What the client bound itself to: the header of the first message and the data of the channel.
    var binding: [UInt8]
    var nonce: String
    var proof: [UInt8]
    /// All before `,p=`, as it stood.
    var withoutProof: String

    init(_ message: [UInt8]) throws(SCRAMServer.Failure) {
        guard message.count <= SCRAMClientFirst.maximumCount * 2, let text = String(validating: message, as: UTF8.self),
            !text.utf8.contains(0), let comma = text.utf8.lastIndex(of: UInt8(ascii: ","))
        else { throw .malformed }
        withoutProof = String(text[..<comma])
        let last = text[text.utf8.index(after: comma)...]
        let attributes = SCRAMAttributes(withoutProof)
        guard attributes.first?.name != "m" else { throw .unknownExtension }
        guard attributes.count >= 2, attributes[0].name == "c", attributes[1].name == "r", last.hasPrefix("p="),
            let binding = base64Decoded(attributes[0].value.utf8), let proof = base64Decoded(last.dropFirst(2).utf8)
        else { throw .malformed }
        (self.binding, self.proof, nonce) = (binding, proof, String(attributes[1].value))
    }
}

/// `x=value` between commas. A text that is no attribute has the name `""`.
struct SCRAMAttributes: RandomAccessCollection {
    private let attributes: [(name: Substring, value: Substring)]

    init(_ text: String) {
        attributes = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { part in
            guard let name = part.first, name < 0x80, part.dropFirst().first == UInt8(ascii: "=") else {
                return ("", Substring(part))
            }
            return (Substring(part.prefix(1)), Substring(part.dropFirst(2)))
        }
    }

    var startIndex: Int { attributes.startIndex }
    var endIndex: Int { attributes.endIndex }
    subscript(index: Int) -> (name: Substring, value: Substring) { attributes[index] }

    /// Printable ASCII without a comma, at least one (RFC 5802 §7 `printable`).
    static func isNonce(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") }
    }
}
