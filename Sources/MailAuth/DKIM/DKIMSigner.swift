package import MailFormat
package import MailTypes
package import OpenSSL

/// Signs messages for a domain (RFC 6376 §5), relaxed in header and body, oversigned: one more of each field is signed than
/// there is, so that nobody can add another From or Subject.
package struct DKIMSigner: Sendable {
    package let domain: DomainName
    package let selector: String
    let key: SigningKey

    /// Fields that are signed, and signed as absent where they are (RFC 6376 §5.4.1).
    package static let signedNames = [
        "from", "to", "cc", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "sender",
        "mime-version", "content-type", "content-transfer-encoding", "auto-submitted",
    ]

    /// `nil` for a selector that is none.
    package init?(domain: DomainName, selector: String, key: SigningKey) {
        guard SignatureField.isSelector(selector), !domain.isAddressLiteral else { return nil }
        (self.domain, self.selector, self.key) = (domain, selector, key)
    }

    /// Seals what others wrote, with the same key.
    package var sealer: ARCSealer? { ARCSealer(domain: domain, selector: selector, key: key) }

    /// The name of the TXT record that publishes the key.
    package var recordName: String { "\(selector)._domainkey.\(domain.ascii)" }

    /// What that record says.
    package var record: String {
        let kind = key.kind == .ed25519 ? "ed25519" : "rsa"
        return "v=DKIM1; k=\(kind); p=\(Base64.encode(key.publicKey))"
    }

    /// The DKIM-Signature field for a message, with its line end: to be put on top.
    package func sign(_ message: DigestedMessage, at now: Timestamp) -> [UInt8] {
        guard let body = message.bodies[.relaxed] else {
            preconditionFailure("a body to be signed is hashed in the relaxed form")
        }
        let signed = SignedHeader(message.header)
        let names = Self.signedNames.flatMap { [String](repeating: $0, count: min(signed.count($0), 10) + 1) }
        let algorithm = key.kind == .ed25519 ? "ed25519-sha256" : "rsa-sha256"
        let tags = [
            "v=1", "a=\(algorithm)", "c=relaxed/relaxed", "d=\(domain.ascii)", "s=\(selector)", "t=\(now.seconds)",
            "h=\(names.joined(separator: ":"))", "bh=\(Base64.encode(body.digest))",
        ]
        return SignatureWriter.field("DKIM-Signature", tags) { unsigned in
            key.signature(digest: signed.digest(names, form: .relaxed, signature: unsigned[...]))
        }
    }
}

/// Writes a field of tags that ends with its signature.
enum SignatureWriter {
    /// `sign` is given the field with an empty `b=`; long values are folded where white space does not count.
    static func field(_ name: String, _ tags: [String], sign: ([UInt8]) -> [UInt8]) -> [UInt8] {
        var text = "\(name):"
        var column = text.utf8.count
        for tag in tags {
            for (index, piece) in pieces(tag + ";").enumerated() {
                if index > 0 || column + 1 + piece.utf8.count > 76 {
                    text += "\r\n"
                    column = 0
                }
                text += " " + piece
                column += 1 + piece.utf8.count
            }
        }
        text += "\r\n b="
        let signature = Base64.encode(sign(Array(text.utf8)))
        return Array((text + lines(signature, first: 70).joined(separator: "\r\n ") + "\r\n").utf8)
    }

    /// A list of names may be folded behind its colons.
    private static func pieces(_ tag: String) -> [String] {
        guard tag.utf8.count > 70, tag.hasPrefix("h=") else { return [tag] }
        var pieces: [String] = []
        var line = ""
        for name in tag.split(separator: ":") {
            let word = name.hasSuffix(";") ? String(name) : name + ":"
            if line.utf8.count + word.utf8.count > 70 {
                pieces.append(line)
                line = ""
            }
            line += word
        }
        return pieces + [line]
    }

    private static func lines(_ text: String, first: Int) -> [String] {
        var lines: [String] = []
        var rest = text.utf8[...]
        while !rest.isEmpty {
            lines.append(String(decoding: rest.prefix(first), as: UTF8.self))
            rest = rest.dropFirst(first)
        }
        return lines
    }
}
