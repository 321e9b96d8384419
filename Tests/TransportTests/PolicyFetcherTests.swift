import Testing

@testable import Transport

/// What web servers answer who are asked for a policy.
@Suite struct PolicyFetcherTests {
    static let answers: [(answer: String, text: String?)] = [
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc", "abc"),
        ("HTTP/1.0 200 OK\r\ncontent-type: TEXT/PLAIN; charset=utf-8\r\n\r\nabc", "abc"),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nabc", nil),
        ("HTTP/1.1 301 Moved\r\nContent-Type: text/plain\r\nLocation: https://other.example/\r\n\r\nabc", nil),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nabc", nil),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", nil),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain", nil), ("", nil),
    ]

    @Test(arguments: answers) func `a whole text is taken and nothing else`(answer: String, text: String?) {
        #expect((try? PolicyFetcher.text(in: Array(answer.utf8))) == text)
    }
}
