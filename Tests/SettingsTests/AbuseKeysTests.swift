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

    @Test func `lists and greylisting are read`() throws {
        let (settings, problems) = read(
            """
            abuse:
              lists:
                - { zone: zen.example.org, score: 5, answers: [ 127.0.0.2/31, 127.0.0.10 ] }
                - { zone: good.example.org, score: -2 }
              rejectAt: 5
              quarantineAt: 3
              greylist: { delay: 1m, remember: 60d }
            """)
        #expect(problems == [])
        let abuse = try #require(settings?.abuse)
        #expect(abuse.lists.map(\.zone.ascii) == ["zen.example.org", "good.example.org"])
        #expect(abuse.lists.map(\.score) == [5, -2])
        #expect(abuse.lists[0].answers.map(\.description) == ["127.0.0.2/31", "127.0.0.10/32"])
        #expect(abuse.rejectAt == 5 && abuse.quarantineAt == 3 && abuse.tagAt == 1)
        #expect(abuse.greylist?.delay == .seconds(60) && abuse.greylist?.retryWithin == .seconds(2 * 86400))
        #expect(abuse.greylist?.remember == .seconds(60 * 86400))
        #expect(read("abuse: { greylist: true }").settings?.abuse.greylist == MachineSettings.Greylist())
        #expect(read("abuse: { greylist: false }").settings?.abuse.greylist == nil)
        #expect(settings?.checksHosts == true && read("").settings?.checksHosts == false)
    }

    static let ways: [(text: String, relay: String?)] = [
        ("relay mail.acme.example", "mail.acme.example:25"), ("relay 192.0.2.1:2525", "192.0.2.1:2525"),
        ("relay [2001:db8::1]", "[2001:db8::1]:25"), ("{ relay: mail.acme.example }", "mail.acme.example:25"),
        ("{ relay: \"mail.acme.example:26\", tls: required, remember: 5m }", "mail.acme.example:26"),
        ("mail.acme.example", nil), ("relay", nil), ("relay a b", nil), ("relay a:b", nil),
    ]

    @Test(arguments: ways) func `other recipients have a host`(text: String, relay: String?) {
        let (settings, problems) = read("otherRecipients: \(text)")
        #expect(settings?.otherRecipients?.relay.description == relay)
        #expect(problems.isEmpty == (relay != nil))
    }

    static let broken: [(more: String, problem: String)] = [
        ("abuse: { allow: localhost }", "4 abuse.allow: \"localhost\" is no address or network"),
        ("abuse: { mails: 10 }", "4 abuse.mails: \"10\" is no rate"),
        ("abuse: { mails: 0/1m }", "4 abuse.mails: \"0/1m\" is no rate"),
        ("abuse: { mails: 10/2d }", "4 abuse.mails: \"10/2d\" is no rate"),
        ("abuse:\n  mail: 10/1m", "5 abuse.mail: unknown key"),
        ("abuse: { ban: 2h, longestBan: 1h }", "4 abuse.ban: is longer than longestBan"),
        ("abuse: { lists: [ { zone: bl.example, score: 0 } ] }", "4 abuse.lists[0].score: \"0\" is no score"),
        ("abuse: { lists: [ { zone: bl.example } ] }", "4 abuse.lists[0].score: is missing"),
        ("abuse: { greylist: maybe }", "4 abuse.greylist: \"maybe\" is neither true nor false"),
        ("otherRecipients: mail.acme.example", "4 otherRecipients: \"mail.acme.example\" is no way"),
        ("abuse: { greetingDelay: 5m }", "4 abuse.greetingDelay: \"5m\" is out of range"),
    ]

    @Test(arguments: broken) func `what is wrong is said with its line`(more: String, problem: String) {
        #expect(read(more).problems == [problem])
    }
}
