import OpenSSL
import Testing

@Suite struct SCRAMVerifierTests {
    /// The dialogue of RFC 7677 §3: user "user", password "pencil".
    static let salt = octets("5b6d99689d12358eeca04b141236fa81")
    static let authMessage = Array(
        """
        n=user,r=rOprNGfwEbeRWgbNEkqO,\
        r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
        c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0
        """.utf8)
    /// dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=
    static let proof = octets("747cdb65aa56224e2352137e52d7bdcad6a0f738df30782caa69a2cfb0277554")
    /// 6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=
    static let signature = octets("eabae24d1062db75a9451ff0b6ea7e98c8546549ff741e672d3251b2397de46e")

    @Test func `the dialogue of RFC 7677 verifies`() {
        let verifier = SCRAMVerifier(password: "pencil", salt: Self.salt, iterations: 4096)
        #expect(verifier.text.hasPrefix("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"))
        #expect(verifier.verifies(proof: Self.proof, authMessage: Self.authMessage))
        #expect(verifier.serverSignature(authMessage: Self.authMessage) == Self.signature)
        #expect(!verifier.verifies(proof: Self.proof, authMessage: Self.authMessage + [0x2C]))
        #expect(!verifier.verifies(proof: Array(Self.proof.dropLast()), authMessage: Self.authMessage))
        #expect(!verifier.verifies(proof: [], authMessage: Self.authMessage))
    }

    @Test func `a verifier knows its password from text and back`() throws {
        let verifier = SCRAMVerifier(password: "zażółć gęślą")
        #expect(verifier.iterations == SCRAMVerifier.defaultIterations)
        let read = try #require(SCRAMVerifier(text: verifier.text))
        #expect(read == verifier)
        #expect(read.verifies("zażółć gęślą"))
        #expect(!read.verifies("zażółć gęśla"))
        #expect(!read.verifies(""))
        #expect(SCRAMVerifier(password: "same") != SCRAMVerifier(password: "same"))
    }

    @Test func `a password is the same composed, decomposed and with a hard blank`() {
        let verifier = SCRAMVerifier(password: "za\u{17C}\u{F3}\u{142} tak", iterations: 16)
        #expect(verifier.verifies("zaz\u{307}o\u{301}\u{142}\u{A0}ta\u{AD}k"))
        #expect(!verifier.verifies("zazo\u{142} tak"))
    }

    @Test(arguments: [
        "", "pencil", "SCRAM-SHA-1$4096:W22Z$AAAA:AAAA", "SCRAM-SHA-256$4096:W22Z", "SCRAM-SHA-256$$:",
        "SCRAM-SHA-256$0:W22Z$KEY:KEY", "SCRAM-SHA-256$-1:W22Z$KEY:KEY", "SCRAM-SHA-256$1000001:W22Z$KEY:KEY",
        "SCRAM-SHA-256$99999999999999999999:W22Z$KEY:KEY", "SCRAM-SHA-256$4096:$KEY:KEY",
        "SCRAM-SHA-256$4096: W22Z$KEY:KEY",
        "SCRAM-SHA-256$4096:W22Z$KEY:AAAA", "SCRAM-SHA-256$4096:W22Z$KEY:KEY:KEY", "SCRAM-SHA-256$4096:W22Z$KEY:KEY\n",
        "SCRAM-SHA-256$4096:W2$KEY:KEY", "SCRAM-SHA-256$4096:W22é$KEY:KEY",
    ])
    func `text that is no verifier is refused`(text: String) {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        #expect(SCRAMVerifier(text: "SCRAM-SHA-256$4096:W22Z$\(key):\(key)") != nil)
        #expect(SCRAMVerifier(text: text.replacing("KEY", with: key)) == nil)
    }

    @Test func `a decoy fits nothing, costs the usual rounds and shows a login the same salt`() {
        let key = HMACSHA256(key: [1, 2, 3])
        let decoy = SCRAMVerifier.decoy(for: "nobody", key: key)
        #expect(!decoy.verifies("anything"))
        #expect(decoy.iterations == SCRAMVerifier.defaultIterations)
        #expect(decoy.salt.count == 16)
        #expect(decoy == SCRAMVerifier.decoy(for: "nobody", key: key))
        #expect(decoy.salt != SCRAMVerifier.decoy(for: "nobody", key: HMACSHA256(key: [1])).salt)
        #expect(decoy.salt != SCRAMVerifier.decoy(for: "somebody", key: key).salt)
    }

    @Test func `descriptions hold no keys`() {
        let verifier = SCRAMVerifier(password: "pencil", salt: Self.salt, iterations: 4096)
        #expect("\(verifier) \(String(reflecting: verifier))" == "SCRAM-SHA-256 verifier SCRAM-SHA-256 verifier")
    }
}
