import Gateway
import NIOCore
import NIOPosix
import Testing

@testable import Transport

/// What is said to rspamd's controller, and what its answers mean.
@Suite(.timeLimit(.minutes(2))) struct RspamdControllerTests {
    static let answers: [(answer: String, outcome: TeachingOutcome?)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"success\":true}", .taught),
        ("HTTP/1.1 208 Already\r\nContent-Length: 0\r\n\r\n", .taught),
        ("HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\nfew", .useless("204 few")),
        ("HTTP/1.1 404 x\r\nContent-Length: 3\r\n\r\nhas", .useless("404 has")),
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno", .unavailable("401 no")),
        ("HTTP/1.0 503 Busy\r\ncontent-length: 0\r\n\r\n", .unavailable("503 ")),
        ("SSH-2.0-OpenSSH\r\n\r\n", .unavailable("the answer is no HTTP")),
        ("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{", nil), ("HTTP/1.1 200", nil),
        ("HTTP/1.1 200 OK\r\n\r\n", nil),
    ]

    @Test(arguments: answers) func `an answer counts when it is whole`(answer: String, outcome: TeachingOutcome?) {
        #expect(RspamdAnswer(Array(answer.utf8)).outcome == outcome)
        if outcome != nil {
            for cut in 0..<answer.utf8.count {
                let piece = RspamdAnswer(Array(answer.utf8.prefix(cut))).outcome
                #expect(piece == nil || piece == outcome || answer.hasPrefix("SSH"))
            }
        }
        if answer.hasSuffix("\r\n\r\n") { #expect(RspamdAnswer(Array(answer.utf8), isWhole: true).outcome != nil) }
    }

    @Test func `nobody there is a reason to try again`() async {
        let controller = RspamdController(
            .unix(path: "/nonexistent/controller"), password: nil, group: ServerFixture.group)
        let outcome = await controller.teach(size: 1, isSpam: true) { _ in [1] }
        guard case .unavailable = outcome else { return #expect(Bool(false), "\(outcome)") }
    }
}
