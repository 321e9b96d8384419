package import Desk
package import MailTypes

/// The keys that sign addresses and Message-IDs. New tokens are made with the newest key, old ones stay good as long as
/// their key is in the ring; taking a key out revokes all that it signed.
package struct KeyRing: Sendable {
    /// One key: a letter that names it, and its secret.
    package struct Key: Sendable {
        package let name: Character
        package let secret: [UInt8]
        package init(name: Character, secret: [UInt8]) { (self.name, self.secret) = (name, secret) }
    }

    private let keys: [Key]
    private let cryptography: any Cryptography

    /// Oldest first; the last one signs. At least one key.
    package init?(keys: [Key], cryptography: any Cryptography) {
        guard !keys.isEmpty else { return nil }
        (self.keys, self.cryptography) = (keys, cryptography)
    }

    package func sign(_ ticket: TicketNumber, for purpose: TokenPurpose, subject: Int64) -> SignedToken {
        guard let key = keys.last else { preconditionFailure("a key ring holds a key") }
        let code = code(key, ticket, purpose, subject)
        return SignedToken(ticket: ticket, key: key.name, purpose: purpose, subject: subject, code: code)
    }

    /// A secret of its own for a purpose, which stays the same as long as the oldest key is in the ring.
    package func secret(for purpose: String) -> [UInt8] {
        guard let key = keys.first else { preconditionFailure("a key ring holds a key") }
        return cryptography.authenticationCode(key: key.secret, message: Array("secret for \(purpose)".utf8))
    }

    /// Whether one of our keys made the token for this purpose.
    package func isGenuine(_ token: SignedToken) -> Bool {
        guard let key = keys.first(where: { $0.name == token.key }) else { return false }
        let expected = Array(code(key, token.ticket, token.purpose, token.subject).utf8)
        let given = Array(token.code.utf8)
        guard expected.count == given.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(expected, given) { difference |= left ^ right }
        return difference == 0
    }

    /// `help+1042.TOKEN@acme.example` for `help@acme.example`; the plain address where the local part would get longer
    /// than 64 octets.
    package func signedAddress(
        _ address: EmailAddress, ticket: TicketNumber, purpose: TokenPurpose, subject: Int64
    ) -> EmailAddress {
        let local = "\(address.localPart)+\(sign(ticket, for: purpose, subject: subject).text)"
        guard local.utf8.count <= 64 else { return address }
        return EmailAddress(localPart: local, domain: address.domain)
    }

    /// The genuine token in the detail of a recipient address.
    package func token(in address: EmailAddress) -> SignedToken? {
        guard let plus = address.localPart.lastIndex(of: "+") else { return nil }
        let detail = address.localPart[address.localPart.index(after: plus)...]
        guard let token = SignedToken(detail), isGenuine(token) else { return nil }
        return token
    }

    /// `1042.TOKEN.UNIQUE@host`: a Message-ID that proves by itself which case an answer to it belongs to.
    package func messageID(
        ticket: TicketNumber, purpose: TokenPurpose, subject: Int64, unique: String, host: DomainName
    ) -> MessageID {
        let text = "\(sign(ticket, for: purpose, subject: subject).text).\(unique)@\(host.ascii)"
        guard let id = MessageID(text) else { preconditionFailure("a token and a host name make a Message-ID") }
        return id
    }

    /// The genuine token in a Message-ID of ours.
    package func token(in messageID: MessageID, host: DomainName) -> SignedToken? {
        guard let at = messageID.text.lastIndex(of: "@"),
            messageID.text[messageID.text.index(after: at)...].lowercased() == host.ascii
        else { return nil }
        let parts = messageID.text[..<at].split(separator: ".", maxSplits: 2)
        guard parts.count == 3, let token = SignedToken("\(parts[0]).\(parts[1])"), isGenuine(token) else { return nil }
        return token
    }

    private func code(_ key: Key, _ ticket: TicketNumber, _ purpose: TokenPurpose, _ subject: Int64) -> String {
        let text = SignedToken.signedText(ticket: ticket, key: key.name, purpose: purpose, subject: subject)
        let mac = cryptography.authenticationCode(key: key.secret, message: Array(text.utf8))
        return Base32.encode(Array(mac.prefix(SignedToken.codeOctets)))
    }
}
