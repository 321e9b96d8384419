import COpenSSL
import OpenSSL
import TestKit
import Testing

/// A peer that makes us send without reading what we send (RFC 8446 §4.6.3: every key update may ask for one back).
@Suite struct ControlFloodTests {
    let directory = TemporaryDirectory()

    @Test func `key updates asked for without end fail the connection, and asked for between data do not`() throws {
        #expect(try floodFails(dataEvery: nil))
        #expect(try !floodFails(dataEvery: 100))
    }

    /// Sends 2,000 key updates, with an octet of data after every so many, and tells whether the server gave up.
    private func floodFails(dataEvery period: Int?) throws -> Bool {
        let made = TestCertificate(["mx.acme.example"], in: directory, file: "mx")
        let server = TLSSession(
            server: try TLSContext(certificates: [CertificateFiles(certificate: made.certificate, key: made.key)]))
        let context = SSL_CTX_new(TLS_client_method())
        let client = SSL_new(context)
        let fromServer = BIO_new(BIO_s_mem())
        let toServer = BIO_new(BIO_s_mem())
        defer {
            SSL_free(client)
            SSL_CTX_free(context)
        }
        SSL_set_bio(client, fromServer, toServer)
        SSL_set_connect_state(client)
        func carry() {
            var octets = [UInt8](repeating: 0, count: 20_000)
            let count = BIO_read(toServer, &octets, Int32(octets.count))
            if count > 0 { server.receive(Array(octets.prefix(Int(count)))) }
        }
        while SSL_do_handshake(client) != 1 || server.handshake() != .completed {
            carry()
            _ = server.handshake()
            let answer = server.takeCiphertext()
            BIO_write(fromServer, answer, Int32(answer.count))
        }
        for round in 1...2000 {
            SSL_key_update(client, SSL_KEY_UPDATE_REQUESTED)
            SSL_do_handshake(client)
            if let period, round % period == 0 { SSL_write(client, [0x61], 1) }
            carry()
            if case .failed(let failure) = SessionPair.readAll(server).end {
                #expect(failure == TLSFailure(stage: .established, reason: "too many control messages"))
                return true
            }
            #expect(server.takeCiphertext().count < 100)
        }
        return false
    }
}
