import MailTypes
import OpenSSL

/// The client's side of SCRAM-SHA-256, written after RFC 5802 §3 and independent of the server's.
package struct SCRAMClient: Sendable {
    package var login: String
    /// `nil`: the flag stands alone.
    package var binding: String?
    package var flag: String
    package var data: [UInt8]?
    package var nonce: String

    package init(
        login: String = "user", binding: String? = nil, flag: String = "n", data: [UInt8]? = nil,
        nonce: String = "rOprNGfwEbeRWgbNEkqO"
    ) {
        (self.login, self.binding, self.flag, self.data, self.nonce) = (login, binding, flag, data, nonce)
    }

    private var header: String { "\(binding.map { "p=\($0)" } ?? flag),," }
    private var bare: String {
        "n=\(login.replacing("=", with: "=3D").replacing(",", with: "=2C")),r=\(nonce)"
    }

    /// The first message.
    package var first: String { header + bare }

    /// The answer to the server's challenge, and the signature that the server must show then.
    package func final(_ challenge: String, password: String) -> (message: String, signature: String) {
        let attributes = challenge.split(separator: ",").map { $0.dropFirst(2) }
        let salt = Base64.decode(Array(attributes[1].utf8)) ?? []
        let salted = PBKDF2.hmacSHA256(
            password: Array(password.utf8), salt: salt, iterations: Int(attributes[2]) ?? 1)
        let clientKey = HMACSHA256.code(of: Array("Client Key".utf8), key: salted)
        let bound = Base64.encode(Array(header.utf8) + (data ?? []))
        let withoutProof = "c=\(bound),r=\(attributes[0])"
        let authMessage = Array("\(bare),\(challenge),\(withoutProof)".utf8)
        let signature = HMACSHA256.code(of: authMessage, key: SHA256.digest(of: clientKey))
        let proof = zip(clientKey, signature).map { $0 ^ $1 }
        let serverKey = HMACSHA256.code(of: Array("Server Key".utf8), key: salted)
        return (
            "\(withoutProof),p=\(Base64.encode(proof))",
            Base64.encode(HMACSHA256.code(of: authMessage, key: serverKey))
        )
    }
}
