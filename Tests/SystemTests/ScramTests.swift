import Foundation
import Glibc
import TestKit
import Testing

/// Logins by SCRAM-SHA-256 and SCRAM-SHA-256-PLUS with clients that others wrote: GNU SASL over GnuTLS and isync over
/// Cyrus SASL.
@Suite(.timeLimit(.minutes(5))) struct ScramTests {
    private static func gsasl(
        _ appliance: RunningAppliance, _ arguments: [String], service: String = "--imap", password: String
    ) throws -> Completed {
        try Completed.run(
            [
                "gsasl", service, "--x509-ca-file=\(appliance.installation.directory.file("mx.pem"))",
                "--authentication-id=\(SampleDesk.agent1.login)", "--password=\(password)",
            ] + arguments + ["localhost", "\(service == "--imap" ? appliance.imap : appliance.submission)"], input: "")
    }

    @Test func `GNU SASL binds its login to the TLS connection and trusts the server`() throws {
        let appliance = try TestInstallation().start()
        let bound = try Self.gsasl(
            appliance, ["--mechanism=SCRAM-SHA-256-PLUS"], password: SampleDesk.agent1.password)
        #expect(bound.errors.contains("(server trusted)"), "\(bound)")
        #expect(bound.output.contains("] Logged in"), "\(bound)")
        let free = try Self.gsasl(
            appliance, ["--mechanism=SCRAM-SHA-256", "--no-cb"], password: SampleDesk.agent1.password)
        #expect(free.errors.contains("(server trusted)"), "\(free)")
        let wrong = try Self.gsasl(appliance, ["--mechanism=SCRAM-SHA-256-PLUS"], password: "wrong")
        #expect(wrong.output.contains(" NO [AUTHENTICATIONFAILED] "), "\(wrong)")
        #expect(!appliance.log.contains { $0.contains(SampleDesk.agent1.password) })
    }

    @Test func `GNU SASL logs in for submission by SCRAM, without binding`() throws {
        let appliance = try TestInstallation().start()
        let right = try Self.gsasl(
            appliance, ["--mechanism=SCRAM-SHA-256", "--no-cb"], service: "--smtp", password: SampleDesk.agent1.password)
        #expect(right.errors.contains("(server trusted)") && right.output.contains("235 2.7.0"), "\(right)")
        // neomutt takes the first mechanism that GNU SASL knows and then has no binding for it.
        #expect(!right.output.contains("SCRAM-SHA-256-PLUS"))
        let wrong = try Self.gsasl(
            appliance, ["--mechanism=SCRAM-SHA-256", "--no-cb"], service: "--smtp", password: "wrong")
        #expect(wrong.output.contains("535 5.7.8"), "\(wrong)")
    }

    @Test func `mbsync logs in by SCRAM`() throws {
        let appliance = try TestInstallation().start()
        let directory = TemporaryDirectory()
        mkdir(directory.file("mail"), 0o700)
        directory.write(
            """
            IMAPAccount desk
            Host 127.0.0.1
            Port \(appliance.imaps)
            User \(SampleDesk.agent1.login)
            Pass "\(SampleDesk.agent1.password)"
            SSLType IMAPS
            CertificateFile \(appliance.installation.directory.file("mx.pem"))
            AuthMechs SCRAM-SHA-256

            IMAPStore far
            Account desk

            MaildirStore near
            Path \(directory.path)/mail/
            Inbox \(directory.path)/mail/INBOX

            Channel desk
            Far :far:
            Near :near:
            Patterns INBOX
            Create Near
            SyncState *

            """, to: "mbsyncrc")
        let synced = try Completed.run(["mbsync", "--config", directory.file("mbsyncrc"), "--all"])
        #expect(synced.status == 0, "\(synced)")
        #expect(appliance.log.contains { $0.contains("imap.login=\(SampleDesk.agent1.login)") }, "\(appliance.log)")
    }
}
