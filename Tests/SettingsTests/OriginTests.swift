import Settings
import Testing

@Suite struct OriginTests {
    private func read(_ more: String, smtp: String = "0.0.0.0:25") -> (settings: MachineSettings?, problems: [String]) {
        let text = "hostname: mx.acme.example\ndata: data\nlisteners: { smtp: \"\(smtp)\" }\n\(more)\n"
        let (settings, problems) = MachineFile.parse(text, fileName: "stempel.yaml")
        return (settings, problems.map { "\($0.key): \($0.reason)" })
    }

    static let checked: [(more: String, smtp: String, isChecked: Bool)] = [
        ("", "0.0.0.0:25", true), ("", "systemd:smtp", true), ("", "192.0.2.1:25", true), ("", "127.0.0.1:25", false),
        ("", "[::1]:25", false),
        ("", "localhost:25", false), ("authentication: { check: false }", "0.0.0.0:25", false),
        ("authentication: { check: true }", "127.0.0.1:25", true),
        ("authentication: { dmarc: tag }", "127.0.0.1:25", true),
        ("resolver: { forwarders: 127.0.0.1 }", "127.0.0.1:25", false),
    ]

    @Test(arguments: checked) func `origin is checked as written, else where others can send mail in`(
        more: String, smtp: String, isChecked: Bool
    ) {
        let (settings, problems) = read(more, smtp: smtp)
        #expect(problems == [])
        #expect(settings?.checksOrigin == isChecked)
    }

    @Test func `all keys are read`() {
        let (settings, problems) = read(
            """
            resolver: { forwarders: [ 192.0.2.53, "[2001:db8::53]:5353", "192.0.2.54:54" ], trustAnchor: /etc/root.key, deadline: 2s }
            authentication: { check: true, dmarc: quarantine, spf: reject, deadline: 5s }
            """)
        #expect(problems == [])
        #expect(
            settings?.resolver.forwarders.map(\.description) == [
                "192.0.2.53:53", "[2001:db8::53]:5353", "192.0.2.54:54",
            ])
        #expect(settings?.resolver.trustAnchor == "/etc/root.key")
        #expect(settings?.resolver.deadline == .seconds(2))
        #expect(settings?.authentication.dmarc == .quarantine)
        #expect(settings?.authentication.spf == .reject)
        #expect(settings?.authentication.deadline == .seconds(5))
        #expect(read("resolver: { trustAnchor: none }").settings?.resolver.isValidating == false)
    }

    static let broken: [(more: String, problem: String)] = [
        ("resolver: { forwarders: [] }", "resolver.forwarders: is empty"),
        ("resolver: { forwarders: dns.example }", "resolver.forwarders: \"dns.example\" is no address of a server"),
        ("authentication: { dmarc: maybe }", "authentication.dmarc: \"maybe\" is not possible here"),
        ("authentication: { dkim: reject }", "authentication.dkim: unknown key"),
        ("resolver: { deadline: 2h }", "resolver.deadline: \"2h\" is out of range"),
    ]

    @Test(arguments: broken) func `what is wrong is said`(more: String, problem: String) {
        #expect(read(more).problems == [problem])
    }
}
