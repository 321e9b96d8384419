import Mailboxes
import NIOCore
import Synchronization
import Testing

/// A client that asks for much and reads nothing: the session waits with it, and holds no more than a piece.
struct SlowReaderTests {
    @Test(.timeLimit(.minutes(5))) func `a session makes no more than its sink takes`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("CREATE Private/A")
        let mail = "Subject: x\r\n\r\n" + String(repeating: String(repeating: "y", count: 98) + "\r\n", count: 1000)
        for _ in 0..<60 { _ = try await anna.write("x APPEND Private/A {\(mail.utf8.count)+}\r\n\(mail)\r\n") }

        let gate = Gate(opensBelow: 20_000)
        let services = desk.services
        let served = Task {
            let session = IMAPSession(
                services: services, configuration: SessionConfiguration(allowsPlaintextLogin: true), sink: gate,
                isSecure: false
            ) { _ in }
            try await session.start()
            _ = try await session.received(
                ByteBuffer(string: "a LOGIN anna@acme.example secret\r\nb SELECT Private/A\r\nc FETCH 1:* BODY.PEEK[]\r\n"))
            session.ended()
        }
        await gate.untilClosed()
        let waiting = gate.octets
        #expect(waiting < 20_000 + 131_072 + mail.utf8.count + 1000)
        // Others are served meanwhile, and this one makes nothing more.
        try await anna.say("SELECT Private/A")
        #expect(try await anna.say("FETCH 1:* BODY.PEEK[]").count > 60_000)
        #expect(gate.octets == waiting)
        gate.open()
        try await served.value
        #expect(gate.octets > 60 * mail.utf8.count)
    }

    /// Answers that name every message of a mailbox, or every second one where neighbours would be drawn together.
    private static let answers = [
        // What somebody else did meanwhile comes along: flags of every message.
        "NOOP", "UID SEARCH ALL", "UID SEARCH NOT ANSWERED", "UID SEARCH RETURN (ALL) KEYWORD odd",
        "UID SORT (REVERSE ARRIVAL) UTF-8 ALL", "UID SORT RETURN (ALL) (SUBJECT) UTF-8 ALL",
        "UID THREAD ORDEREDSUBJECT UTF-8 ALL", "FETCH 1:* FLAGS", "EXPUNGE",
    ]

    @Test(.timeLimit(.minutes(5))) func `what names many messages is sent in pieces`() async throws {
        let desk = try await TestDesk()
        var configuration = SessionConfiguration(pageSize: 50, chunkSize: 2048, announcementInterval: .zero)
        configuration.responsesTogether = 2048
        let (anna, other) = (TestClient(desk, configuration), try await desk.session("anna"))
        try await anna.start()
        try await anna.say("LOGIN anna@acme.example secret")
        try await anna.say("CREATE Private/A")
        // Long UIDs make long answers of not so many messages.
        try await desk.store.write { (transaction: any MailboxTransaction) in try transaction.skipUIDs(900_000_000) }
        let mails = (0..<1000).map { number in
            let mail = "Subject: s\(number % 2)\r\n\r\n"
            return "{\(mail.utf8.count)+}\r\n\(mail)"
        }
        _ = try await anna.write("x APPEND Private/A \(mails.joined(separator: " "))\r\n")
        try await anna.say("SELECT Private/A")
        try await other.say("SELECT Private/A")
        let odd = stride(from: 1, to: 1000, by: 2).map(String.init).joined(separator: ",")
        try await other.say("STORE \(odd) +FLAGS.SILENT (odd)")
        try await other.say("STORE 1:* +FLAGS.SILENT (\\Deleted)")
        for command in Self.answers {
            _ = anna.largestWrite()
            let octets = try await anna.say(command).reduce(0) { $0 + $1.utf8.count }
            let largest = anna.largestWrite()
            #expect(octets > 5000 && largest < 4096, "\(command): \(octets), \(largest) at once")
        }
        try await anna.expect("SEARCH ALL", ["* SEARCH", "a OK SEARCH completed"])
    }
}

/// Takes so many octets; who writes beyond them waits until it is opened.
private final class Gate: ResponseSink {
    private struct State {
        var octets = 0
        var isOpen = false
        var writer: CheckedContinuation<Void, Never>?
        var watcher: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())
    private let limit: Int

    init(opensBelow limit: Int) { self.limit = limit }

    var octets: Int { state.withLock { $0.octets } }

    func write(_ octets: ByteBuffer) async throws {
        await withCheckedContinuation { continuation in
            let (goesOn, watcher) = state.withLock { state in
                state.octets += octets.readableBytes
                if state.isOpen || state.octets <= limit { return (true, nil as CheckedContinuation<Void, Never>?) }
                state.writer = continuation
                defer { state.watcher = nil }
                return (false, state.watcher)
            }
            if goesOn { continuation.resume() }
            watcher?.resume()
        }
    }

    func untilClosed() async {
        await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if state.writer == nil { state.watcher = continuation }
                return state.writer != nil
            }
            if isClosed { continuation.resume() }
        }
    }

    func open() {
        let writer = state.withLock { state in
            state.isOpen = true
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume()
    }
}
