import FuzzKit
import Gateway
import Mailboxes
import NIOCore
import Synchronization

/// A client that says what it likes to a whole session over a real database: before login and after it, with a mailbox
/// selected, while it idles, in the midst of APPEND.
func fuzzIMAPSession(_ input: FuzzInput) {
    waitFor {
        let desk = await FuzzDesk.current()
        let client = await FuzzClient(desk, Prelude(input))
        await client.feed(input.pieces)
        must(client.flaw == nil, "a response out of shape \(client.flaw ?? "")")
        await client.end(bySilence: input.chooses(4))
        FuzzDesk.note(input, isChanged: client.hasLoggedIn)
        guard input.chooses(5) else { return }
        // Whatever one client did, the next is served.
        let other = await FuzzClient(desk, .selected)
        await other.feed([Array("z UID FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[])\r\n".utf8)])
        must(other.flaw == nil && other.said("z OK"), "the next client is not served: \(other.flaw ?? other.text)")
        await other.end(bySilence: false)
    }
}

/// How far the client has come before the fuzzer speaks.
private enum Prelude: Int, CaseIterable {
    case connected, loggedIn, selected, examined, enabled, idling, appending, authenticating

    init(_ input: FuzzInput) {
        self = Self.allCases[Int((input.octets.last ?? 0) & 7)]
    }

    var lines: [String] {
        let login = "p LOGIN anna@acme.example secret\r\n"
        return switch self {
        case .connected: []
        case .loggedIn: [login]
        case .selected: [login, "p SELECT New\r\n"]
        case .examined: [login, "p EXAMINE INBOX\r\n"]
        case .enabled: [login, "p ENABLE QRESYNC UTF8=ACCEPT\r\n", "p SELECT New (CONDSTORE)\r\n"]
        case .idling: [login, "p SELECT New\r\n", "p IDLE\r\n"]
        case .appending: [login, "p APPEND Drafts (\\Draft) {9}\r\n"]
        case .authenticating: ["p AUTHENTICATE PLAIN\r\n"]
        }
    }
}

/// The driver of one session.
private final class FuzzClient {
    private let session: IMAPSession
    private let sink = OctetSink()
    private(set) var isClosed = false
    private(set) var hasLoggedIn = false

    init(_ desk: TestDesk, _ prelude: Prelude) async {
        var configuration = SessionConfiguration(
            offersStartTLS: true, allowsPlaintextLogin: true, messageSize: 4096, announcementInterval: .zero)
        configuration.badCommands = 1000
        session = IMAPSession(services: desk.services, configuration: configuration, sink: sink, isSecure: false) { _ in
        }
        do { try await session.start() } catch { must(false, "no greeting: \(error)") }
        for line in prelude.lines { await feed([Array(line.utf8)]) }
    }

    var flaw: String? { ResponseReader.flaw(in: sink.octets) }
    var text: String { String(decoding: sink.octets, as: UTF8.self) }

    func said(_ line: String) -> Bool { text.split(separator: "\r\n").contains { $0.hasPrefix(line) } }

    func feed(_ pieces: [[UInt8]]) async {
        for piece in pieces where !isClosed {
            do {
                switch try await session.received(ByteBuffer(bytes: piece)) {
                case .goOn: break
                case .startTLS: session.tlsStarted()
                case .close: isClosed = true
                }
                if !isClosed, try await woken() { isClosed = true }
            } catch {
                must(false, "the session failed: \(error)")
            }
            hasLoggedIn = hasLoggedIn || session.agent != nil
        }
    }

    private func woken() async throws -> Bool {
        if case .close = try await session.woken() { return true }
        return false
    }

    func end(bySilence: Bool) async {
        if bySilence, !isClosed { try? await session.close("Nothing was heard for too long", nil) }
        session.ended()
        must(flaw == nil, "a response out of shape \(flaw ?? "")")
    }
}

private final class OctetSink: ResponseSink {
    private let kept = Mutex<[UInt8]>([])
    var octets: [UInt8] { kept.withLock { $0 } }
    func write(_ octets: ByteBuffer) async throws { kept.withLock { $0 += octets.readableBytesView } }
}
