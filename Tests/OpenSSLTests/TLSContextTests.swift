import OpenSSL
import TestKit
import Testing

@Suite struct TLSContextTests {
    let directory = TemporaryDirectory()

    func files(_ certificate: TestCertificate) -> CertificateFiles {
        CertificateFiles(certificate: certificate.certificate, key: certificate.key)
    }

    func reason(_ files: CertificateFiles) -> CertificateFailure? {
        do {
            _ = try TLSContext(certificates: [files])
            return nil
        } catch { return error }
    }

    @Test func `a summary says names and times`() throws {
        let made = TestCertificate(["MX.acme.example", "*.mail.acme.example"], days: 10, in: directory, file: "a")
        let summary = try files(made).summary()
        #expect(summary.dnsNames == ["mx.acme.example", "*.mail.acme.example"])
        #expect(summary.notAfter - summary.notBefore == 10 * 86400 + 3600)
        #expect(summary.notBefore > 1_700_000_000)
        #expect(summary.isSelfIssued)
        #expect(summary.covers("mx.Acme.example"))
        #expect(summary.covers("in.mail.acme.example"))
        #expect(!summary.covers("a.in.mail.acme.example"))
        #expect(!summary.covers("mail.acme.example"))
        #expect(!summary.covers("acme.example"))
        #expect(try CertificateSummary(file: made.certificate) == summary)
    }

    @Test func `files that cannot be used say why and name the file`() {
        let good = TestCertificate(["a.example"], in: directory, file: "good")
        let other = TestCertificate(["a.example"], in: directory, file: "other")
        let missing = directory.file("missing.pem")
        let garbage = directory.write(
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", to: "garbage.pem")
        let text = directory.write("hello\n", to: "text.pem")
        let encrypted = directory.file("encrypted.key")
        good.writeEncryptedKey(to: encrypted)
        let broken = directory.write(
            directory.read("good.pem") + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            to: "broken.pem")
        let rows: [(String, String, String, CertificateFailure.Reason)] = [
            (missing, good.key, missing, .unreadable("No such file or directory")),
            (directory.path, good.key, directory.path, .unreadable("Is a directory")),
            (garbage, good.key, garbage, .noCertificate),
            (text, good.key, text, .noCertificate),
            (good.key, good.key, good.key, .noCertificate),
            (broken, good.key, broken, .noCertificate),
            (good.certificate, missing, missing, .unreadable("No such file or directory")),
            (good.certificate, text, text, .noKey),
            (good.certificate, encrypted, encrypted, .encryptedKey),
            (good.certificate, other.key, other.key, .keyMismatch(certificate: good.certificate)),
        ]
        for (certificate, key, file, expected) in rows {
            let failure = reason(CertificateFiles(certificate: certificate, key: key))
            #expect(failure == CertificateFailure(file: file, reason: expected))
        }
    }

    @Test func `a key too short for libssl is refused in its words`() {
        let weak = TestCertificate(["a.example"], key: .weakRSA, in: directory, file: "weak")
        #expect(reason(files(weak)) == CertificateFailure(file: weak.certificate, reason: .refused("ee key too small")))
    }

    @Test func `no certificate at all is an error and an expired one is none`() {
        #expect(throws: CertificateFailure(file: "", reason: .noneGiven)) { try TLSContext(certificates: []) }
        let expired = TestCertificate(["a.example"], days: 0, in: directory, file: "expired")
        #expect(reason(files(expired)) == nil)
    }

    @Test func `certificate and key may share a file`() {
        let made = TestCertificate(["a.example"], in: directory, file: "one")
        let both = directory.write(directory.read("one.key") + directory.read("one.pem"), to: "both.pem")
        #expect(reason(CertificateFiles(certificate: both, key: both)) == nil)
        #expect(reason(files(made)) == nil)
    }

    @Test func `reloading takes new files, and keeps the old context when they are broken`() throws {
        let files = files(TestCertificate(["a.example"], in: directory, file: "r"))
        let holder = try TLSContextHolder { try TLSContext(certificates: [files]) }
        let first = holder.current
        directory.write("broken", to: "r.pem")
        #expect(throws: CertificateFailure(file: files.certificate, reason: .noCertificate)) { try holder.reload() }
        #expect(holder.current === first)
        _ = TestCertificate(["b.example"], in: directory, file: "r")
        try holder.reload()
        #expect(holder.current !== first)
        let client = try TLSContext(verification: .opportunistic)
        let session = try TLSSession(client: client, serverName: "b.example")
        #expect(SessionPair(client: session, server: TLSSession(server: holder.current)).shakeHands())
        #expect(session.peerCertificate?.dnsNames == ["b.example"])
        let old = try TLSSession(client: client, serverName: "b.example")
        #expect(SessionPair(client: old, server: TLSSession(server: first)).shakeHands())
        #expect(old.peerCertificate?.dnsNames == ["a.example"])
    }
}
