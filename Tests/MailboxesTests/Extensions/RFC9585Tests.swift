import Desk
import Gateway
import MailTypes
import Synchronization
import Testing

@testable import Mailboxes

/// INPROGRESS (RFC 9585): a command that takes long says how far it is.
@Suite struct RFC9585Tests {
    /// A clock that goes on by some seconds whenever somebody looks at it.
    private final class SteppingClock: WallClock {
        private let time = Mutex(Timestamp(seconds: 1_772_539_200))
        private let step: Duration
        init(step: Duration) { self.step = step }
        var now: Timestamp {
            time.withLock { time in
                time = time + step
                return time
            }
        }
    }

    /// What a command brings over ten messages, which come one to a transaction where that can be.
    private static func lines(
        of command: String, after: [String] = [], step: Duration, without: [String] = []
    ) async throws -> [String] {
        let desk = try await TestDesk { $0.agents[0].imapWithout = without }
        for number in 1...10 { await desk.deliver(number) }
        var services = desk.services
        services.clock = SteppingClock(step: step)
        var configuration = SessionConfiguration(announcementInterval: .zero)
        (configuration.pageSize, configuration.messagesPerMove) = (1, 1)
        let client = TestClient(desk, configuration, services: services)
        try await client.start()
        for command in ["LOGIN anna@acme.example secret", "SELECT New"] + after { try await client.say(command) }
        return try await client.write("tag \(command)\r\n")
    }

    private static func search(step: Duration, without: [String] = []) async throws -> [String] {
        try await lines(of: "SEARCH SUBJECT nothing", step: step, without: without)
    }

    /// Commands that work through many messages, and what is said before them.
    static let long: [(command: String, after: [String])] = [
        ("SEARCH SUBJECT nothing", []), ("SORT (SUBJECT) UTF-8 SUBJECT nothing", []), ("STORE 1:* +FLAGS.SILENT (x)", []),
        ("COPY 1:* Private/x", ["CREATE Private/x"]), ("COPY 1:* INBOX", []), ("MOVE 1:* INBOX", []),
        ("EXPUNGE", ["CREATE Private/x", "COPY 1:* Private/x", "SELECT Private/x", "STORE 1:* +FLAGS.SILENT (\\Deleted)"]),
        ("UID EXPUNGE 1:*", ["CREATE Private/x", "COPY 1:* Private/x", "SELECT Private/x", "STORE 1:* +FLAGS (\\Deleted)"]),
        ("CLOSE", ["CREATE Private/x", "COPY 1:* Private/x", "SELECT Private/x", "STORE 1:* +FLAGS (\\Deleted)"]),
    ]

    @Test(arguments: long.indices) func `every command that may take long tells it`(index: Int) async throws {
        let (command, after) = Self.long[index]
        let lines = try await Self.lines(of: command, after: after, step: .seconds(7))
        let progress = lines.filter { $0.hasPrefix("* OK [INPROGRESS (\"tag\" ") }
        #expect(progress.count >= 2, "\(lines)")
        #expect(lines.last?.hasPrefix("tag OK ") == true, "\(lines)")
        let done = progress.compactMap { $0.split(separator: " ").dropFirst(4).first.flatMap { Int($0) } }
        #expect(done.count == progress.count && done == done.sorted(), "\(progress)")
    }

    @Test func `it is told after ten seconds and every ten seconds`() async throws {
        let lines = try await Self.search(step: .seconds(4))
        let progress = lines.filter { $0.hasPrefix("* OK [INPROGRESS (\"tag\" ") && $0.contains(" 10)] ") }
        #expect((2...4).contains(progress.count), "\(lines)")
        #expect(lines.last?.hasPrefix("tag OK ") == true)
        #expect(lines.firstIndex { $0.hasPrefix("* SEARCH") } ?? 0 >= progress.count)
    }

    @Test func `what is quick says nothing`() async throws {
        #expect(try await Self.search(step: .milliseconds(1)).allSatisfy { !$0.contains("INPROGRESS") })
    }

    @Test func `an account without it is told nothing`() async throws {
        #expect(
            try await Self.search(step: .seconds(60), without: ["INPROGRESS"]).allSatisfy {
                !$0.contains("INPROGRESS")
            })
    }

    @Test func `ten seconds are counted from the last word`() {
        let start = Timestamp(seconds: 1000)
        var progress = CommandProgress(tag: "a", since: start)
        // A clock that is set back, as by the last of the first six, begins anew.
        let waits: [Duration] = [.zero, .milliseconds(9999), .seconds(10), .seconds(19), .seconds(20), .zero, .seconds(10)]
        let isDue = waits.map { progress.isDue(at: start + $0) }
        #expect(isDue == [false, false, true, false, true, false, true])
    }
}
