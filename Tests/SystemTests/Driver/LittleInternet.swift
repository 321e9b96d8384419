import OpenSSL
import TestKit

/// Three domains on addresses of loopback, in a signed zone: `alpha.net`, a desk held to by DANE; `beta.net`, a desk with an
/// MTA-STS policy; `gamma.net`, a Postfix, where a spammer sits, too. And four names with somebody between: `gagged.net`
/// (DANE) and `stripped.net` (MTA-STS) whose servers know no TLS any more, `lured.net` and `posing.net` whose servers show a
/// certificate of their own.
final class LittleInternet: Sendable {
    let alpha: RunningAppliance
    let beta: RunningAppliance
    let postfix: PrivatePostfix
    /// Where mail to gamma.net ends.
    let mailbox: Relay
    /// Those between, by domain.
    let between: [String: Relay]
    /// The port of all mail exchangers.
    let port: Int
    private let names: NameServer
    private let policies: ChildProcess
    private let directory = TemporaryDirectory()

    static let (alphaHost, betaHost, gammaHost) = ("127.0.3.1", "127.0.3.2", "127.0.3.3")

    init() throws {
        let authority = TestCertificate([], in: directory, file: "authority")
        mailbox = try Relay()
        // Whoever they stand in front of, it is not they who have this key.
        let own = TestCertificate(["mx.posing.net", "mx.lured.net"], in: directory, file: "own")
        let gagged = try Relay(address: "127.0.3.11")
        port = gagged.port
        between = [
            "gagged.net": gagged, "stripped.net": try Relay(port: port, address: "127.0.3.12"),
            "lured.net": try Relay(port: port, address: "127.0.3.13", certificate: own),
            "posing.net": try Relay(port: port, address: "127.0.3.14", certificate: own),
        ]
        let web = TestCertificate(
            ["beta.net", "stripped.net", "posing.net"].map { "mta-sts.\($0)" }, signedBy: authority, in: directory, file: "web")
        let policy =
            "version: STSv1\nmode: enforce\nmx: mx.beta.net\nmx: mx.stripped.net\nmx: mx.posing.net\nmax_age: 86400\n"
        policies = try ChildProcess(
            ["python3", Fixtures.path("policy.py"), "127.0.3.6", web.certificate, web.key, policy])
        guard let policyPort = policies.output.wait(for: \.first).flatMap({ Int($0) }) else {
            throw WaitedInVain("no policies: \(policies.errors.all)")
        }

        let delivery = "delivery: { exchangerPort: \(port), policyPort: \(policyPort), retryAfter: [ 1h ] }"
        let first = try Self.desk("alpha.net", at: "\(Self.alphaHost):\(port)", delivery)
        let second = try Self.desk("beta.net", at: "\(Self.betaHost):\(port)", delivery)
        _ = TestCertificate(["mx.beta.net"], signedBy: authority, in: second.installation.directory, file: "mx")
        names = try NameServer([
            .init(
                "net",
                [
                    "alpha MX 10 mx.alpha", "mx.alpha A \(Self.alphaHost)", first.key,
                    "_\(port)._tcp.mx.alpha TLSA \(Self.association(first.installation.certificate))",
                    "alpha TXT \"v=spf1 ip4:127.0.0.1 -all\"", "_dmarc.alpha TXT \"v=DMARC1; p=reject\"",
                    "beta MX 10 mx.beta", "mx.beta A \(Self.betaHost)", second.key,
                    "_mta-sts.beta TXT \"v=STSv1; id=1\"", "mta-sts.beta A 127.0.3.6",
                    "beta TXT \"v=spf1 ip4:127.0.0.1 -all\"", "_dmarc.beta TXT \"v=DMARC1; p=reject\"",
                    "gamma MX 10 mx.gamma", "mx.gamma A \(Self.gammaHost)", "gamma TXT \"v=spf1 ip4:\(Self.gammaHost) -all\"",
                    "gagged MX 10 mx.gagged", "mx.gagged A 127.0.3.11",
                    "_\(port)._tcp.mx.gagged TLSA \(Self.association(first.installation.certificate))",
                    "stripped MX 10 mx.stripped", "mx.stripped A 127.0.3.12", "_mta-sts.stripped TXT \"v=STSv1; id=1\"",
                    "mta-sts.stripped A 127.0.3.6",
                    "lured MX 10 mx.lured", "mx.lured A 127.0.3.13",
                    "_\(port)._tcp.mx.lured TLSA \(Self.association(first.installation.certificate))",
                    "posing MX 10 mx.posing", "mx.posing A 127.0.3.14", "_mta-sts.posing TXT \"v=STSv1; id=1\"",
                    "mta-sts.posing A 127.0.3.6",
                ], isSigned: true)
        ])
        let resolving = """
            resolver: { forwarders: [ "127.0.0.1:\(names.port)" ], trustAnchor: \(names.anchor) }
            authentication: { check: true }
            """
        for desk in [first, second] {
            var options = desk.options
            options.more = resolving
            desk.installation.write(options)
        }
        let trust = ["SSL_CERT_FILE": authority.certificate]
        alpha = try first.installation.start(environment: trust)
        beta = try second.installation.start(environment: trust)
        postfix = try PrivatePostfix(
            port: port, at: Self.gammaHost,
            routes: [
                "alpha.net": port, "beta.net": port, "gamma.net": mailbox.port, "customer.example": mailbox.port,
            ], hosts: ["alpha.net": Self.alphaHost, "beta.net": Self.betaHost])
    }

    /// A desk of a domain that is not started yet, and the record of the key that its mail is signed with.
    private static func desk(
        _ domain: String, at address: String, _ delivery: String
    ) throws -> (installation: TestInstallation, options: TestInstallation.Options, key: String) {
        var options = TestInstallation.Options()
        (options.hostname, options.smtp, options.delivery) = ("mx.\(domain)", address, delivery)
        let installation = try TestInstallation(
            desk: SampleDesk.text.replacing("acme.example", with: domain), options: options)
        let made = try installation.stempel("dkim", "generate", installation.configuration)
        guard made.status == 0, let line = made.output.split(separator: "\n").first(where: { $0.contains("v=DKIM1") })
        else { throw WaitedInVain("no key: \(made)") }
        return (installation, options, String(line).replacing(" IN ", with: " "))
    }

    /// `3 0 1` with the digest of a certificate (RFC 6698).
    private static func association(_ certificate: TestCertificate) -> String {
        let digits = Array("0123456789abcdef")
        let digest = SHA256.digest(of: certificate.der()).map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }
        return "3 0 1 \(digest.joined())"
    }

    // MARK: - What people do

    /// What an agent of a desk sends; the reply to it.
    static func send(
        _ domain: String, at appliance: RunningAppliance, to recipients: [String], subject: String, body: String
    ) throws -> String {
        let login = "agent1@\(domain)"
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: login, password: SampleDesk.agent1.password)
        return try session.mail(
            from: login, to: recipients,
            text: """
                From: Agent One <\(login)>
                To: \(recipients.joined(separator: ", "))
                Subject: \(subject)
                Date: Tue, 3 Mar 2026 13:00:00 +0100

                \(body)

                """)
    }

    /// Waits until mails of these subjects lie in a mailbox of the desk's first agent, and gives their contents.
    static func contents(_ subjects: [String], in mailbox: String, of domain: String, at appliance: RunningAppliance) throws
        -> [String]
    {
        let agent = try IMAPDialogue(
            port: appliance.imap, login: "agent1@\(domain)", password: SampleDesk.agent1.password)
        let end = ContinuousClock.now + Patience.default
        while true {
            let found = try agent.subjects(in: mailbox)
            if found.count >= subjects.count || ContinuousClock.now > end {
                guard found.map(\.subject) == subjects else {
                    throw WaitedInVain("\(mailbox) of \(domain) holds \(found): \(appliance.log.suffix(20))")
                }
                return try found.map { String(decoding: try agent.content(uid: $0.uid), as: UTF8.self) }
            }
        }
    }

    /// Waits for the line about an attempt to deliver to somebody.
    static func attempt(_ recipient: String, at appliance: RunningAppliance) throws -> String {
        let found = appliance.process.errors.wait { lines in
            lines.first { $0.contains("delivery attempted") && $0.contains("delivery.recipient=\(recipient)") }
        }
        guard let found else { throw WaitedInVain("no attempt for \(recipient): \(appliance.log.suffix(30))") }
        return found
    }
}
