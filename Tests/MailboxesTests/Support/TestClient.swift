import Gateway
import Mailboxes
import NIOCore
import Synchronization
import Testing

/// A mail client over an in-process session: lines in, lines out.
final class TestClient {
    /// Kept: its database closes when it goes.
    private let desk: TestDesk
    private let session: IMAPSession
    private let sink = MemorySink()
    private let wakes: Wakes
    private var count = 0
    private(set) var next = IMAPSession.Next.goOn

    init(
        _ desk: TestDesk, _ configuration: SessionConfiguration = SessionConfiguration(announcementInterval: .zero),
        channelBindings: ChannelBindings? = nil, takesPasswords: Bool = true,
        services: SessionServices? = nil
    ) {
        self.desk = desk
        let wakes = Wakes()
        var configuration = configuration
        configuration.allowsPlaintextLogin = takesPasswords
        (self.wakes, session) = (
            wakes,
            IMAPSession(
                services: services ?? desk.services, configuration: configuration, sink: sink,
                isSecure: channelBindings != nil, channelBindings: channelBindings
            ) { _ in wakes.note() }
        )
    }

    deinit { session.ended() }

    @discardableResult
    func start() async throws -> [String] {
        try await session.start()
        return sink.take()
    }

    /// Sends a command with a fresh tag and answers all lines, the tag in the last shown as `a`.
    @discardableResult
    func say(_ command: String) async throws -> [String] {
        count += 1
        let tag = "a\(count)"
        return try await write("\(tag) \(command)\r\n").map { line in
            line.hasPrefix("\(tag) ") ? "a" + line.dropFirst(tag.count) : line
        }
    }

    /// Sends a command and expects exactly these lines.
    func expect(_ command: String, _ lines: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let told = try await say(command)
        #expect(told == lines, "\(command)", sourceLocation: sourceLocation)
    }

    /// Sends a command and expects these lines among others.
    func expect(_ command: String, has lines: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws
    {
        let told = try await say(command)
        for line in lines { #expect(told.contains(line), "\(command)", sourceLocation: sourceLocation) }
    }

    /// Sends octets as they are and answers what came.
    @discardableResult
    func write(_ text: String) async throws -> [String] {
        next = try await session.received(ByteBuffer(string: text))
        return sink.take()
    }

    /// Sends octets and answers those that came, for what is no text.
    func exchange(_ octets: [UInt8]) async throws -> [UInt8] {
        next = try await session.received(ByteBuffer(bytes: octets))
        return sink.takeOctets()
    }

    /// The most octets that the session handed over at once since the last time.
    func largestWrite() -> Int { sink.takeLargest() }

    /// What the client is told while it idles: wakes the session as often as it asked for it.
    func told() async throws -> [String] {
        while wakes.take() { next = try await session.woken() }
        return sink.take()
    }

    /// The UIDs of the selected mailbox.
    func uids() async throws -> [Int] {
        try await say("UID SEARCH ALL")[0].split(separator: " ").dropFirst(2).compactMap { Int($0) }
    }

    func end() { session.ended() }
}

extension TestDesk {
    /// An agent's session, logged in.
    func session(_ name: String) async throws -> TestClient {
        let client = TestClient(self)
        try await client.start()
        _ = try await client.say("LOGIN \(name)@acme.example secret")
        return client
    }
}

private final class Wakes: Sendable {
    private let isAsked = Atomic<Bool>(false)
    func note() { isAsked.store(true, ordering: .releasing) }
    func take() -> Bool { isAsked.exchange(false, ordering: .acquiring) }
}

/// Keeps what a session writes.
private final class MemorySink: ResponseSink {
    private let text = Mutex<[UInt8]>([])

    private let largest = Mutex(0)

    func write(_ octets: ByteBuffer) async throws {
        text.withLock { $0 += octets.readableBytesView }
        largest.withLock { $0 = max($0, octets.readableBytes) }
    }

    func takeLargest() -> Int {
        largest.withLock { largest in
            defer { largest = 0 }
            return largest
        }
    }

    func takeOctets() -> [UInt8] {
        text.withLock { text in
            defer { text = [] }
            return text
        }
    }

    /// The lines since the last time, without line ends.
    func take() -> [String] {
        let octets = takeOctets()
        var lines = String(decoding: octets, as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false
        ).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
