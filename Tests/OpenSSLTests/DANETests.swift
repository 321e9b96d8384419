import OpenSSL
import TestKit
import Testing

/// Servers whose certificate the domain name system describes (RFC 7672).
@Suite struct DANETests {
    private let directory = TemporaryDirectory()

    /// Whether a client takes a server of `mx.c.example` by these associations.
    private func takes(
        _ associations: (_ server: TestCertificate, _ authority: TestCertificate) -> [DANEIdentity.Association],
        names: [String] = ["mx.c.example"], others: [String] = []
    ) throws -> Bool {
        let authority = TestCertificate([], in: directory, file: "authority")
        let server = TestCertificate(names, signedBy: authority, in: directory, file: "server")
        // The chain with its issuer, which an association may be about.
        directory.write(directory.read("server.pem") + directory.read("authority.pem"), to: "chain.pem")
        let context = try TLSContext(certificates: [.init(certificate: directory.file("chain.pem"), key: server.key)])
        let identity = DANEIdentity(
            associations: associations(server, authority), baseName: "mx.c.example", otherNames: others)
        let client: TLSSession
        do {
            client = try TLSSession(client: TLSContext(verification: .opportunistic), dane: identity)
        } catch {
            return false
        }
        return SessionPair(client: client, server: TLSSession(server: context)).shakeHands()
    }

    private static func digest(_ certificate: TestCertificate, usage: UInt8) -> DANEIdentity.Association {
        .init(usage: usage, selector: 0, matchingType: 1, data: SHA256.digest(of: certificate.der()))
    }

    @Test func `the certificate itself is enough, whatever names it has`() throws {
        #expect(try takes({ server, _ in [Self.digest(server, usage: 3)] }, names: ["other.example"]))
        #expect(try takes { server, _ in [.init(usage: 3, selector: 0, matchingType: 0, data: server.der())] })
    }

    @Test func `an issuer needs one of the expected names below it`() throws {
        #expect(try takes { _, authority in [Self.digest(authority, usage: 2)] })
        #expect(try !takes({ _, authority in [Self.digest(authority, usage: 2)] }, names: ["other.example"]))
        #expect(
            try takes({ _, authority in [Self.digest(authority, usage: 2)] }, names: ["c.example"], others: ["c.example"]))
    }

    @Test func `another certificate is refused, and so is what mail does not go by`() throws {
        #expect(try !takes { _, authority in [Self.digest(authority, usage: 3)] })
        #expect(try !takes { server, _ in [Self.digest(server, usage: 1)] })
        #expect(try !takes { _, _ in [] })
        #expect(try takes { server, authority in [Self.digest(authority, usage: 3), Self.digest(server, usage: 3)] })
    }
}
