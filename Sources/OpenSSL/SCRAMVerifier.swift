internal import COpenSSL
@_spi(_Unicode) internal import Swift

/// What a server keeps instead of a password: the SCRAM-SHA-256 credentials of RFC 5802 §3 and RFC 7677. Enough to check
/// a password or a SCRAM proof, not enough to log in with.
///
/// Its text is PostgreSQL's, `SCRAM-SHA-256$16384:SALT$STOREDKEY:SERVERKEY` with base64, so that either side's tools
/// understand the other's.
package struct SCRAMVerifier: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The rounds of a new verifier: four times the least that RFC 7677 §4 asks for, about 4 ms of one core. More would
    /// be paid at each of the many logins of a mail client; agents' passwords are long or generated.
    package static let defaultIterations = 16384
    /// The most rounds that a verifier from outside may ask for, so that one login cannot hold a thread for minutes.
    package static let maximumIterations = 1_000_000

    /// The salt of the key derivation.
    package let salt: [UInt8]
    /// The rounds of the key derivation.
    package let iterations: Int
    /// The hash of the client's key: what a proof or password is checked against.
    package let storedKey: [UInt8]
    /// The key that the server signs the dialogue with.
    package let serverKey: [UInt8]

    /// The verifier of a password, with a fresh salt unless given. Derives the key: not for an event loop.
    package init(password: String, salt: [UInt8] = randomBytes(16), iterations: Int = defaultIterations) {
        precondition((1...Self.maximumIterations).contains(iterations), "the rounds of a verifier are bounded")
        let salted = PBKDF2.hmacSHA256(password: Self.prepared(password), salt: salt, iterations: iterations)
        let key = HMACSHA256(key: salted)
        self.salt = salt
        self.iterations = iterations
        storedKey = SHA256.digest(of: key.code(of: Array("Client Key".utf8)))
        serverKey = key.code(of: Array("Server Key".utf8))
    }

    private init(salt: [UInt8], iterations: Int, storedKey: [UInt8], serverKey: [UInt8]) {
        self.salt = salt
        self.iterations = iterations
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// Reads the textual form. `nil` for any other mechanism, rounds outside 1…`maximumIterations`, an empty salt or one
    /// over 1024 octets, and keys that are not 32 octets.
    package init?(text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard text.utf8.count <= 2048, parts.count == 3, parts[0].elementsEqual("SCRAM-SHA-256".utf8) else {
            return nil
        }
        let derivation = parts[1].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let keys = parts[2].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard derivation.count == 2, keys.count == 2, let iterations = Int(Substring(derivation[0])),
            (1...Self.maximumIterations).contains(iterations),
            let salt = base64Decoded(derivation[1]), (1...1024).contains(salt.count),
            let stored = base64Decoded(keys[0]), stored.count == SHA256.digestCount,
            let server = base64Decoded(keys[1]), server.count == SHA256.digestCount
        else { return nil }
        self.init(salt: salt, iterations: iterations, storedKey: stored, serverKey: server)
    }

    /// The textual form, to be stored: as good as a password for an offline search, so never to be printed.
    package var text: String {
        let salt = base64Encoded(salt)
        return "SCRAM-SHA-256$\(iterations):\(salt)$\(base64Encoded(storedKey)):\(base64Encoded(serverKey))"
    }

    /// Whether this is the password. Derives the key: not for an event loop.
    package func verifies(_ password: String) -> Bool {
        let salted = PBKDF2.hmacSHA256(password: Self.prepared(password), salt: salt, iterations: iterations)
        let clientKey = HMACSHA256.code(of: Array("Client Key".utf8), key: salted)
        return constantTimeEqual(SHA256.digest(of: clientKey), storedKey)
    }

    /// Whether a SCRAM client's proof belongs to this dialogue (RFC 5802 §3: ClientKey = ClientProof XOR
    /// ClientSignature). `authMessage` is the three messages as they crossed the wire, joined by commas. Cheap.
    package func verifies(proof: [UInt8], authMessage: [UInt8]) -> Bool {
        guard proof.count == SHA256.digestCount else { return false }
        let signature = HMACSHA256.code(of: authMessage, key: storedKey)
        let clientKey = zip(proof, signature).map { $0 ^ $1 }
        return constantTimeEqual(SHA256.digest(of: clientKey), storedKey)
    }

    /// The signature that proves to a SCRAM client that the server knows the verifier (RFC 5802 §3).
    package func serverSignature(authMessage: [UInt8]) -> [UInt8] {
        HMACSHA256.code(of: authMessage, key: serverKey)
    }

    /// A verifier that no password fits, for a login that does not exist: checking it costs the same, and under one key
    /// it shows a SCRAM client the same salt every time.
    package static func decoy(for login: String, key: HMACSHA256) -> SCRAMVerifier {
        func part(_ name: String) -> [UInt8] { key.code(of: Array("\(name) \(login)".utf8)) }
        return SCRAMVerifier(
            salt: Array(part("salt").prefix(16)), iterations: defaultIterations, storedKey: part("stored"),
            serverKey: part("server"))
    }

    /// Says what it is and nothing of the keys.
    package var description: String { "SCRAM-SHA-256 verifier" }
    /// As `description`.
    package var debugDescription: String { description }

    /// A password as octets. SASLprep (RFC 4013) without its compatibility forms: blanks become spaces and invisible
    /// characters go (§2.1, §2.2), but the text is composed as NFC instead of NFKC, which the standard library does not
    /// offer. The two differ for ligatures, full-width letters and the like, and for those only; nothing is prohibited.
    static func prepared(_ password: String) -> [UInt8] {
        guard !password.utf8.allSatisfy({ $0 < 0x80 }) else { return Array(password.utf8) }
        var mapped = String.UnicodeScalarView()
        for scalar in password.unicodeScalars {
            switch scalar.value {
            case 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: mapped.append(" ")
            case 0xAD, 0x34F, 0x1806, 0x180B...0x180D, 0x200B...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF: break
            default: mapped.append(scalar)
            }
        }
        var octets: [UInt8] = []
        for scalar in String(mapped)._nfc { octets += UTF8.encode(scalar).map(Array.init) ?? [] }
        return octets
    }
}

func base64Encoded(_ octets: [UInt8]) -> String {
    var text = [UInt8](repeating: 0, count: (octets.count + 2) / 3 * 4 + 1)  // EVP adds a NUL
    let count = Int(EVP_EncodeBlock(&text, octets, Int32(octets.count)))
    return String(decoding: text.prefix(count), as: UTF8.self)
}

func base64Decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
    let text = Array(text)
    var octets = [UInt8](repeating: 0, count: text.count / 4 * 3 + 3)
    let count = Int(EVP_DecodeBlock(&octets, text, Int32(text.count)))
    let padding = text.suffix(2).count(where: { $0 == UInt8(ascii: "=") })
    guard count >= padding else { return nil }
    let decoded = Array(octets.prefix(count - padding))
    // EVP forgives blanks and stray bits; a stored credential has one spelling.
    return base64Encoded(decoded).utf8.elementsEqual(text) ? decoded : nil
}
