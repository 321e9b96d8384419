import Desk
import MailTypes
import Testing

@testable import Settings

@Suite struct PublicKeysTests {
    private func read(_ listener: String, hasCertificate: Bool = true) -> (settings: MachineSettings?, problems: [String]) {
        let tls = hasCertificate ? "tls: { certificates: [ { certificate: a.pem, key: a.key } ] }\n" : ""
        let text = "hostname: mx.acme.example\ndata: data\n\(tls)listeners: { smtp: 127.0.0.1:25, public: \(listener) }\n"
        let (settings, problems) = MachineFile.parse(text, fileName: "stempel.yaml")
        return (settings, problems.map { "\($0.key): \($0.reason)" })
    }

    static let origins: [(listener: String, origin: String?)] = [
        ("127.0.0.1:2081", "https://mx.acme.example"), ("{ address: 0.0.0.0:443, tls: true }", "https://mx.acme.example"),
        ("{ address: 0.0.0.0:8443, tls: true }", "https://mx.acme.example:8443"),
        ("{ address: systemd:public, tls: true }", "https://mx.acme.example"),
        ("{ address: 127.0.0.1:2081, url: 'https://service.acme.example' }", "https://service.acme.example"),
        ("{ address: 127.0.0.1:2081, url: 'HTTPS://Service.Acme.Example/' }", "https://service.acme.example"),
        ("{ address: 127.0.0.1:2081, url: 'http://127.0.0.1:2081' }", "http://127.0.0.1:2081"),
        ("{ address: 127.0.0.1:2081, url: 'http://[::1]:2081' }", "http://[::1]:2081"), ("", nil),
    ]
    @Test(arguments: origins) func `links begin with what the file says, or with the host's name`(
        listener: String, origin: String?
    ) {
        let (settings, problems) = read(listener)
        #expect(problems == [] && settings?.publicOrigin == origin)
    }

    @Test(arguments: [
        "service.acme.example", "ftp://acme.example", "https://", "https://acme.example/path", "https://a@acme.example",
        "https://acme.example?x", "javascript:alert(1)", "https://acme example",
    ]) func `what links cannot begin with is a problem`(url: String) {
        let problems = read("{ address: 127.0.0.1:2081, url: '\(url)' }").problems
        #expect(problems.count == 1 && problems.first?.hasPrefix("listeners.public.url: ") == true, "\(problems)")
    }

    @Test func `proxies are named, and belong to the public listener alone`() {
        let (settings, problems) = read("{ address: 127.0.0.1:2081, trustedProxies: [ 127.0.0.1, '2001:db8::/32' ] }")
        #expect(problems == [])
        #expect(settings?.listener(.public)?.trustedProxies == ["127.0.0.1", "2001:db8::/32"].compactMap { IPNetwork($0) })
        #expect(read("{ address: 127.0.0.1:2081, trustedProxies: proxy.example }").problems.count == 1)
        let console = "hostname: mx.acme.example\ndata: data\nlisteners: { console: { address: 127.0.0.1:1, trustedProxies: 127.0.0.1 } }\n"
        #expect(MachineFile.parse(console, fileName: "stempel.yaml").problems.count == 1)
    }

    private func desk(_ pool: String) -> (desk: DeskDefinition?, problems: [Problem]) {
        DeskFile.parse(
            """
            domain: acme.example
            postmaster: Help
            pools: [ { name: Help, addresses: [ help@acme.example ]\(pool) } ]
            templates: { over: { text: "${rating.links} ${rating.link}" } }
            """, fileName: "desk.yaml")
    }

    @Test func `a pool names its closing mail and its customers' language`() throws {
        let desk = try #require(desk(", closingMail: over, language: pl").desk)
        #expect(desk.pools.first?.closingMail == "over" && desk.pools.first?.language == .polish)
        let written = DeskFile.write(desk)
        #expect(written.contains("closingMail: over") && written.contains("language: pl"))
        var renamed = desk
        renamed.rename(.templates, "over", to: "goodbye")
        #expect(renamed.pools.first?.closingMail == "goodbye")
        #expect(self.desk(", closingMail: other").problems.count == 1)
        #expect(self.desk(", language: de").problems.count == 1)
    }
}
