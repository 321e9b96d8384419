import Mailboxes
import NIOCore
import Synchronization
import Testing

/// A client that asks for much and reads nothing: the session waits with it, and holds no more than a piece.
struct SlowReaderTests {
    @Test(.timeLimit(.minutes(1))) func `a session makes no more than its sink takes`() async throws {
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
