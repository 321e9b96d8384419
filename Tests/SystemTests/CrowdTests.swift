import Foundation
import Synchronization
import TestKit
import Testing

/// Many trainees and supervisors at work at once (DESIGN §3, §4): what waits for approval leaves once, by whoever's word,
/// and to whom it was written.
@Suite struct CrowdTests {
    private static let trainees = 85
    private static let supervisors = 15

    private static func login(_ role: String, _ number: Int) -> String { "\(role)\(number)@acme.example" }

    private static let desk: String = {
        func agents(_ role: String, _ count: Int) -> String {
            (0..<count).map {
                "  - { login: \(login(role, $0)), name: \(role) \($0), role: \(role), initialPassword: \"correct horse 1\", card: false }\n"
            }.joined()
        }
        func list(_ role: String, _ count: Int) -> String {
            (0..<count).map { login(role, $0) }.joined(separator: ", ")
        }
        return """
            domain: acme.example
            postmaster: Help
            undo: 0s
            agents:
            \(agents("trainee", trainees))\(agents("supervisor", supervisors))pools:
              - name: Help
                addresses: [ help@acme.example ]
                members: [ \(list("trainee", trainees)) ]
                supervisors: [ \(list("supervisor", supervisors)) ]

            """
    }()

    /// Runs a body so many times side by side, each on a thread of its own, and throws the first failure.
    private func atOnce(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let failures = Mutex<[any Error]>([])
        let group = DispatchGroup()
        for number in 0..<count {
            group.enter()
            Thread {
                do { try body(number) } catch { failures.withLock { $0.append(error) } }
                group.leave()
            }.start()
        }
        guard group.wait(timeout: .now() + 240) == .success else { throw WaitedInVain("\(count) people are not done") }
        if let first = failures.withLock(\.first) { throw first }
    }

    private static func customer(_ number: Int) -> String { "jan\(number)@customer.example" }

    /// An answer of a trainee to a customer of its own; every fifth client sends it twice.
    private static func write(_ number: Int, at appliance: RunningAppliance) throws {
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: login("trainee", number), password: "correct horse 1")
        let text = """
            From: \(login("trainee", number))
            To: \(customer(number))
            Subject: Re: Parcel \(number)
            Message-ID: <answer-\(number)@laptop.example>
            In-Reply-To: <first-\(number)@customer.example>

            WORDS-\(number).
            """
        for _ in 0..<(number % 5 == 0 ? 2 : 1) {
            let reply = try session.mail(from: login("trainee", number), to: [customer(number)], text: text)
            guard reply.hasPrefix("250") else { throw WaitedInVain("not submitted: \(reply)") }
        }
    }

    /// A supervisor approves some of what waits; others approve the same at the same moment.
    private static func approve(_ supervisor: Int, share: Int, at appliance: RunningAppliance) throws {
        let client = try IMAPDialogue(port: appliance.imap, login: login("supervisor", supervisor), password: "correct horse 1")
        let waiting = try client.subjects(in: "Approval").map(\.uid)
        for place in 0..<min(share, waiting.count) {
            // Who comes second is told so.
            let uid = waiting[(supervisor * 6 + place) % waiting.count]
            _ = try client.run("UID MOVE \(uid) \"To send\"")
        }
    }

    @Test func `a hundred trainees and supervisors send no mail twice, none to the wrong one, and lose none`() throws {
        let relay = try Relay(modes: "accept")
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let appliance = try TestInstallation(desk: Self.desk, options: options).start()
        let count = Self.trainees
        let customers = try SMTPDialogue(port: appliance.smtp)
        try customers.begin()
        for number in 0..<count {
            let mail = CustomerMail(
                from: Self.customer(number), subject: "Parcel \(number)", id: "<first-\(number)@customer.example>")
            let reply = try customers.mail(from: Self.customer(number), to: ["help@acme.example"], mail.octets)
            #expect(reply.hasPrefix("250"))
        }
        // What is there is judged while the rest is written.
        try atOnce(Self.trainees + Self.supervisors) { number in
            if number < Self.trainees {
                try Self.write(number, at: appliance)
            } else {
                try Self.approve(number - Self.trainees, share: 10, at: appliance)
            }
        }
        try atOnce(Self.supervisors) { try Self.approve($0, share: 12, at: appliance) }
        try Self.approve(0, share: count, at: appliance)
        let mails = try relay.mails(atLeast: count)
        #expect(mails.count == count)
        for mail in mails {
            let words = mail.content.matches(of: /WORDS-(\d+)\./).compactMap { Int($0.1) }
            #expect(words.count == 1 && mail.recipients == words.map(Self.customer), "\(mail.recipients) \(words)")
        }
        #expect(Set(mails.flatMap(\.recipients)).count == count)
        let client = try IMAPDialogue(
            port: appliance.imap, login: Self.login("supervisor", 1), password: "correct horse 1")
        #expect(try client.subjects(in: "Approval").isEmpty)
        let queue = try appliance.installation.stempel("queue", "list", appliance.installation.configuration, "--json")
        #expect(queue.status == 0 && relay.mails.count == count, "\(queue)")
    }
}
