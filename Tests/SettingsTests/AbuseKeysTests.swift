import MailTypes
import Testing

@testable import Settings

@Suite struct AbuseKeysTests {
    private func read(_ more: String) -> (settings: MachineSettings?, problems: [String]) {
        let text = "hostname: mx.acme.example\ndata: data\nlisteners: { smtp: 127.0.0.1:25 }\n\(more)\n"
        let (settings, problems) = MachineFile.parse(text, fileName: "stempel.yaml")
        return (settings, problems.map { "\($0.line ?? 0) \($0.key): \($0.reason)" })
    }

    @Test func `limits of strangers and accounts are read, the others stay`() {
        let (settings, problems) = read(
            """
            abuse:
              allow: [ 192.0.2.0/24, "2001:db8::1" ]
              connections: 10/1m
              mails: none
              loginFailures: 5/1h
              networkFactor: 3
              ban: 1h
              longestBan: 7d
              tarpit: 0s
              greetingDelay: 5s
            """)
        #expect(problems == [])
        var expected = MachineSettings.Abuse()
        expected.allow = ["192.0.2.0/24", "2001:db8::1"].compactMap { IPNetwork($0) }
        expected.connections = .init(10, in: .seconds(60))
        expected.mails = nil
        expected.loginFailures = .init(5, in: .seconds(3600))
        expected.networkFactor = 3
        (expected.ban, expected.longestBan) = (.seconds(3600), .seconds(7 * 86400))
        (expected.tarpit, expected.greetingDelay) = (.zero, .seconds(5))
        #expect(settings?.abuse == expected)
        #expect(read("").settings?.abuse == MachineSettings.Abuse())
        #expect(read("abuse: { allow: [] }").settings?.abuse.allow == [])
    }

    static let broken: [(more: String, problem: String)] = [
        ("abuse: { allow: localhost }", "4 abuse.allow: \"localhost\" is no address or network"),
        ("abuse: { mails: 10 }", "4 abuse.mails: \"10\" is no rate"),
        ("abuse: { mails: 0/1m }", "4 abuse.mails: \"0/1m\" is no rate"),
        ("abuse: { mails: 10/2d }", "4 abuse.mails: \"10/2d\" is no rate"),
        ("abuse:\n  mail: 10/1m", "5 abuse.mail: unknown key"),
        ("abuse: { ban: 2h, longestBan: 1h }", "4 abuse.ban: is longer than longestBan"),
        ("abuse: { greetingDelay: 5m }", "4 abuse.greetingDelay: \"5m\" is out of range"),
    ]

    @Test(arguments: broken) func `what is wrong is said with its line`(more: String, problem: String) {
        #expect(read(more).problems == [problem])
    }
}
