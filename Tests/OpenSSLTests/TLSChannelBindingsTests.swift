import OpenSSL
import TestKit
import Testing

/// What a login can be bound to (RFC 5056).
@Suite struct TLSChannelBindingsTests {
    let directory = TemporaryDirectory()

    private func pair(_ key: TestCertificate.Key) throws -> (SessionPair, TestCertificate) {
        let certificate = TestCertificate(["mx.acme.example"], key: key, in: directory, file: "mx")
        let context = try TLSContext(
            certificates: [CertificateFiles(certificate: certificate.certificate, key: certificate.key)])
        let pair = SessionPair(
            client: try TLSSession(client: TLSContext(verification: .opportunistic), serverName: nil),
            server: TLSSession(server: context))
        return (pair, certificate)
    }

    @Test(arguments: [TestCertificate.Key.ecdsa, .rsa])
    func `both ends export the same, and the certificate has its digest`(key: TestCertificate.Key) throws {
        let (pair, certificate) = try pair(key)
        #expect(pair.server.channelBindings == nil)
        #expect(pair.shakeHands())
        let bindings = try #require(pair.server.channelBindings)
        #expect(bindings.exporter?.count == 32)
        #expect(bindings.exporter == pair.client.exportKeyingMaterial())
        #expect(bindings.serverEndPoint == SHA256.digest(of: certificate.der()))
        #expect(bindings.data(for: "tls-exporter") == bindings.exporter)
        #expect(bindings.data(for: "tls-server-end-point") == bindings.serverEndPoint)
        #expect(bindings.data(for: "tls-unique") == nil)
    }

    @Test func `each connection exports something else`() throws {
        let (one, _) = try pair(.ecdsa)
        let (other, _) = try pair(.ecdsa)
        #expect(one.shakeHands() && other.shakeHands())
        #expect(one.server.channelBindings?.exporter != other.server.channelBindings?.exporter)
    }
}
