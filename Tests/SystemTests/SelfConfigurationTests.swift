import TestKit
import Testing

/// What the public listener serves beside ratings: the policy of MTA-STS, and what mail programs ask for.
@Suite struct SelfConfigurationTests {
    private static func started() throws -> (RunningAppliance, String) {
        var options = TestInstallation.Options()
        options.publicListener = "127.0.0.1:0"
        let appliance = try TestInstallation(options: options).start()
        return (appliance, "http://127.0.0.1:\(appliance.ports["public", default: 0])")
    }

    @Test func `the policy that is served is the one that stempel dns prints, and only for our domains`() throws {
        let (appliance, origin) = try Self.started()
        let policy = try WebPage.fetch(
            origin + "/.well-known/mta-sts.txt", "--header", "Host: mta-sts.acme.example")
        #expect(policy.status == 200 && policy.field("Content-Type") == "text/plain; charset=utf-8")
        let printed = try appliance.installation.stempel("dns", appliance.installation.configuration).output
        let lines = policy.body.split(separator: "\n").map { ";   \($0)" }
        #expect(printed.contains(lines.joined(separator: "\n")), "\(printed)")
        #expect(printed.contains("\nmta-sts.acme.example. IN CNAME mx.acme.example."))
        #expect(printed.contains("autodiscover.acme.example. IN CNAME mx.acme.example."))
        let id = try #require(printed.firstMatch(of: /v=STSv1; id=([0-9a-f]+)/)).1
        let digest = try ExternalTool.mustRun(["openssl", "dgst", "-sha256", "-r"], input: Array(policy.body.utf8))
        #expect(digest.hasPrefix(id))
        for host in ["mta-sts.other.example", "acme.example", "mx.acme.example", "127.0.0.1", "mta-sts.acme.example.evil.example"] {
            #expect(
                try WebPage.fetch(origin + "/.well-known/mta-sts.txt", "--header", "Host: \(host)").status == 404, "\(host)")
        }
        withExtendedLifetime(appliance) {}
    }

    @Test func `mail programs learn ports and names, and nobody which accounts there are`() throws {
        let (appliance, origin) = try Self.started()
        let known = try WebPage.fetch(origin + "/mail/config-v1.1.xml?emailaddress=agent1@acme.example")
        let unknown = try WebPage.fetch(origin + "/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=nobody@acme.example")
        #expect(known == unknown && known.status == 200)
        let ports = try ExternalTool.mustRun(
            [
                "python3", "-c",
                """
                import sys, xml.etree.ElementTree as e
                root = e.fromstring(sys.stdin.buffer.read())
                for s in root[0]:
                    if s.get('type'): print(s.tag, s.get('type'), s.find('hostname').text, s.find('port').text, s.find('socketType').text, s.find('username').text)
                """,
            ], input: Array(known.body.utf8))
        #expect(
            ports.split(separator: "\n") == [
                "incomingServer imap mx.acme.example 993 SSL %EMAILADDRESS%",
                "incomingServer imap mx.acme.example 143 STARTTLS %EMAILADDRESS%",
                "outgoingServer smtp mx.acme.example 465 SSL %EMAILADDRESS%",
                "outgoingServer smtp mx.acme.example 587 STARTTLS %EMAILADDRESS%",
            ])
        func discovered(_ address: String) throws -> WebPage {
            try WebPage.fetch(
                origin + "/autodiscover/autodiscover.xml", "--header", "Content-Type: text/xml", "--data",
                "<Autodiscover><Request><EMailAddress>\(address)</EMailAddress></Request></Autodiscover>")
        }
        let found = try discovered("agent1@acme.example")
        #expect(found.status == 200)
        #expect(try found == discovered("nobody@acme.example"))
        #expect(found.body.contains("<Server>mx.acme.example</Server>") && found.body.contains("<Port>993</Port>"))
        withExtendedLifetime(appliance) {}
    }
}
