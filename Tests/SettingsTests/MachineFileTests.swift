import MailTypes
import Testing

@testable import Settings

@Suite struct MachineFileTests {
    @Test func `the example is accepted and means what it says`() throws {
        let (parsed, problems) = MachineFile.parse(Examples.machine, fileName: "/etc/stempel/stempel.yaml")
        #expect(problems.map(\.description) == [])
        let settings = try #require(parsed)
        #expect(settings.hostname.ascii == "mx.acme.example")
        #expect(settings.data == .directory("/etc/stempel/data"))
        #expect(
            settings.tls.certificates == [
                MachineSettings.CertificateFiles(
                    certificate: "/etc/stempel/certs/mx.acme.example.pem", key: "/etc/stempel/certs/mx.acme.example.key"
                )
            ])
        #expect(settings.tls.sessionTickets)
        let ports: [(ListenerName, Int)] = [
            (.smtp, 2525), (.submission, 2587), (.submissions, 2465), (.imap, 2143), (.imaps, 2993), (.console, 2080),
            (.public, 2081), (.metrics, 2091),
        ]
        #expect(
            settings.listeners == ports.map { Listener(name: $0.0, addresses: [.tcp(host: "127.0.0.1", port: $0.1)]) })
        #expect(settings.listeners.filter(\.tls).map(\.name) == [.submissions, .imaps])
        #expect(settings.delivery.relay == HostAndPort(host: "127.0.0.1", port: 2526))
        #expect(settings.delivery.relayTLS == .opportunistic)
        #expect(settings.limits == MachineSettings.Limits())
        #expect(settings.limits.messageSize == 36_000_000)
        #expect(settings.limits.freeSpace == 500_000_000)
        #expect(settings.security.allowPlaintextLogin == .loopback)
        #expect(settings.log.level == .info)
        #expect(settings.log.target == .stderr)
    }

    @Test func `every key knows its line`() throws {
        let settings = try #require(MachineFile.parse(Examples.machine, fileName: "stempel.yaml").settings)
        #expect(settings.locate("hostname")?.line == 3)
        #expect(settings.locate("tls.certificates[0].key")?.line == 9)
        #expect(settings.locate("listeners.imaps")?.line == 16)
        #expect(settings.locate("nothing") == nil)
        let problem = settings.problem(
            "listeners.smtp[0]", file: "stempel.yaml", reason: "the port is in use", remedy: "end the other server")
        #expect(problem.description == "stempel.yaml:12: listeners.smtp[0]: the port is in use; end the other server")
    }

    @Test func `what a file leaves out has its default`() throws {
        let (settings, problems) = MachineFile.parse(
            "hostname: mx.acme.example\ndata: /var/lib/stempel\nlisteners: { smtp: \"[::]:25\" }\n", fileName: "s.yaml")
        #expect(problems == [])
        #expect(settings?.data == .directory("/var/lib/stempel"))
        #expect(settings?.tls.certificates == [])
        #expect(settings?.delivery == MachineSettings.Delivery())
        #expect(settings?.limits == MachineSettings.Limits())
    }

    @Test func `all keys are understood`() throws {
        let text = """
            hostname: Mx.ACME.example
            data: /srv/mail
            tls: { certificates: [ { certificate: a.pem, key: a.key } ], sessionTickets: false }
            listeners:
              smtp: [ 0.0.0.0:25, "[2001:db8::1]:25", systemd:smtp ]
              submission:
              console: { address: localhost:443, tls: true }
              metrics: { address: [ 127.0.0.1:0, 127.0.0.2:0 ] }
            delivery:
              relay: relay.example:587
              relayUser: stempel
              relayPasswordFile: secret
              relayTLS: required
              retryAfter: [ 1m, 2h ]
              expireAfter: 2d
            limits:
              lineLength: 4KiB
              messageSize: 25MiB
              recipients: 200
              commandsWithoutMail: 7
              errors: 8
              connections: 9
              connectionsPerAddress: 10
              imapConnectionsPerAccount: 11
              freeSpace: 0
              commandTimeout: 90s
              transactionTimeout: 1h
            security: { allowPlaintextLogin: never }
            log: { level: debug, target: journal }
            """
        let (parsed, problems) = MachineFile.parse(text, fileName: "conf/stempel.yaml")
        #expect(problems.map(\.description) == [])
        let settings = try #require(parsed)
        #expect(settings.hostname.ascii == "mx.acme.example")
        #expect(settings.tls.certificates.first?.key == "conf/a.key")
        #expect(!settings.tls.sessionTickets)
        #expect(
            settings.listeners == [
                Listener(
                    name: .smtp,
                    addresses: [
                        .tcp(host: "0.0.0.0", port: 25), .tcp(host: "2001:db8::1", port: 25), .systemd(name: "smtp"),
                    ]),
                Listener(name: .console, addresses: [.tcp(host: "localhost", port: 443)], tls: true),
                Listener(
                    name: .metrics, addresses: [.tcp(host: "127.0.0.1", port: 0), .tcp(host: "127.0.0.2", port: 0)]),
            ])
        #expect(
            settings.listeners[0].addresses.map(\.description) == ["0.0.0.0:25", "[2001:db8::1]:25", "systemd:smtp"])
        #expect(settings.delivery.relay == HostAndPort(host: "relay.example", port: 587))
        #expect(settings.delivery.relayUser == "stempel")
        #expect(settings.delivery.relayPasswordFile == "conf/secret")
        #expect(settings.delivery.relayTLS == .required)
        #expect(settings.delivery.retryAfter == [.seconds(60), .seconds(7200)])
        #expect(settings.delivery.expireAfter == .seconds(172_800))
        #expect(settings.limits.lineLength == 4096)
        #expect(settings.limits.messageSize == 26_214_400)
        #expect(settings.limits.commandsWithoutMail == 7)
        #expect(settings.limits.freeSpace == 0)
        #expect(settings.limits.commandTimeout == .seconds(90))
        #expect(settings.limits.transactionTimeout == .seconds(3600))
        #expect(settings.security.allowPlaintextLogin == .never)
        #expect(settings.log.level == .debug)
    }

    static let addresses: [(text: String, host: String?)] = [
        ("127.0.0.1:25", "127.0.0.1"), ("[::1]:25", "::1"), ("[::]:25", "::"), ("[fe80::1%eth0]:25", "fe80::1%eth0"),
        ("[::ffff:192.0.2.1]:25", "::ffff:192.0.2.1"), ("[1:2:3:4:5:6:7:8]:25", "1:2:3:4:5:6:7:8"),
        ("MX.example:25", "mx.example"), ("localhost:0", "localhost"), ("a:65535", "a"),
        ("25", nil), (":25", nil), ("*:25", nil), ("::1:25", nil), ("127.0.0.1", nil), ("127.0.0.1:", nil),
        ("127.0.0.1:65536", nil), ("127.0.0.256:25", nil), ("1.2.3:25", nil), ("[::1]", nil), ("[::1::2]:25", nil),
        ("[1:2:3:4:5:6:7:8:9]:25", nil), ("[]:25", nil), ("[12345::]:25", nil), ("systemd:", nil), ("systemd:a:b", nil),
        ("systemd:a b", nil), ("a b:25", nil), ("127.0.0.1:+25", nil), ("", nil), (":", nil), ("[", nil), ("[:1", nil),
    ]

    @Test(arguments: addresses) func `an address to listen on is HOST and PORT`(text: String, host: String?) {
        switch ListenerAddress(text) {
        case .tcp(let found, _): #expect(found == host)
        case .systemd: Issue.record("\(text) is no inherited socket")
        case nil: #expect(host == nil)
        }
    }

    @Test func `a fresh file is accepted`() throws {
        let hostname = try #require(DomainName("mx.acme.example"))
        let texts = [
            Fresh.machineFile(hostname: hostname, certificate: "certs/mx.pem", key: "certs/mx.key"),
            Fresh.machineFile(
                hostname: hostname, listeners: Fresh.demoListeners, certificate: "certs/my mx.pem",
                key: "certs/m\"x.key",
                relay: "[::1]:2526"),
            Fresh.machineFile(hostname: hostname, listeners: [(.smtp, "systemd:smtp")], certificate: nil, key: nil),
        ]
        for text in texts {
            let (settings, problems) = MachineFile.parse(text, fileName: "stempel.yaml")
            #expect(problems.map(\.description) == [], "\(text)")
            #expect(settings?.limits == MachineSettings.Limits())
        }
        let second = try #require(MachineFile.parse(texts[1], fileName: "stempel.yaml").settings)
        #expect(second.delivery.relay == HostAndPort(host: "::1", port: 2526))
        #expect(second.tls.certificates.first?.key == "certs/m\"x.key")
        #expect(second.listeners.count == 6)
        #expect(second.publicOrigin == "http://localhost:2081")
    }

    @Test func `delivery without a relay has ports and bounds of its own`() throws {
        let head = "hostname: mx.acme.example\ndata: data\nlisteners: { smtp: 127.0.0.1:0 }\n"
        let (settings, problems) = MachineFile.parse(
            head + "delivery: { exchangerPort: 2500, policyPort: 8443, connections: 20, connectionsPerDestination: 2, "
                + "mailsPerMinute: 30, delayNoticeAfter: 1h }\n", fileName: "stempel.yaml")
        #expect(problems.map(\.description) == [])
        let delivery = try #require(settings).delivery
        #expect(delivery.relay == nil && delivery.exchangerPort == 2500 && delivery.policyPort == 8443)
        #expect(delivery.connections == 20 && delivery.connectionsPerDestination == 2 && delivery.mailsPerMinute == 30)
        #expect(delivery.delayNoticeAfter == .seconds(3600))
        let both = MachineFile.parse(
            head + "delivery: { relay: 127.0.0.1:25, exchangerPort: 2500, connections: 0 }\n", fileName: "stempel.yaml")
        #expect(both.problems.map(\.key) == ["delivery.exchangerPort", "delivery.connections"])
    }

    @Test func `a file that is not there is one problem`() {
        let (settings, problems) = MachineFile.read(path: "/nonexistent/stempel.yaml")
        #expect(settings == nil)
        #expect(
            problems.map(\.description) == [
                "/nonexistent/stempel.yaml: cannot be read: No such file or directory; "
                    + "give the path of a file that this user may read"
            ])
    }
}
