import MailTypes
import NIOCore
import SMTPProtocol
import Testing

private let start = "EHLO client.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<help@acme.example>\r\n"
private let started = ["220", "250", "250 2.1.0", "250 2.1.5"]

@Suite struct ChunkingTests {
    /// What follows MAIL and RCPT, the replies, and the content that is filed.
    static let rows: [(wire: String, replies: [String], filed: [String])] = [
        ("BDAT 5 LAST\r\nabc\r\nNOOP\r\n", ["250 2.0.0", "250 2.0.0"], ["abc\r\n"]),
        ("bdat 3\r\nabcBDAT 2 last\r\n\r\n", ["250 2.0.0", "250 2.0.0"], ["abc\r\n"]),
        ("BDAT 5\r\nabc\r\nBDAT 0 LAST\r\n", ["250 2.0.0", "250 2.0.0"], ["abc\r\n"]),
        // dots mean nothing, and neither do commands in the content
        (
            "BDAT 17 LAST\r\n..\r\n.\r\nQUIT\r\n\r\n..NOOP\r\n", ["250 2.0.0", "250 2.0.0"],
            ["..\r\n.\r\nQUIT\r\n\r\n.."]
        ),
        // a CRLF cut by a chunk is one, a last line may lack it
        ("BDAT 4\r\nabc\rBDAT 4 LAST\r\n\nabc", ["250 2.0.0", "250 2.0.0"], ["abc\r\nabc"]),
        ("BDAT 4 LAST\r\na\nb\r\nNOOP\r\n", ["554 5.6.0", "500 5.5.2", "250 2.0.0"], []),
        ("BDAT 3 LAST\r\na\nbNOOP\r\n", ["554 5.6.0", "250 2.0.0"], []),
        ("BDAT 2 LAST\r\na\rNOOP\r\n", ["554 5.6.0", "250 2.0.0"], []),
        ("BDAT 2\r\na\rBDAT 0 LAST\r\nNOOP\r\n", ["250 2.0.0", "554 5.6.0", "250 2.0.0"], []),
        ("BDAT 2\r\na\rBDAT 1\r\nbNOOP\r\n", ["250 2.0.0", "554 5.6.0", "250 2.0.0"], []),
        // after a refused chunk the next ones are out of sequence, their octets no commands
        ("BDAT 3\r\na\nbBDAT 6 LAST\r\nQUIT\r\nMAIL FROM:<>\r\n", ["554 5.6.0", "503 5.5.1", "250 2.1.0"], []),
        ("BDAT 3\r\nabcRSET\r\nBDAT 6 LAST\r\nQUIT\r\n", ["250 2.0.0", "250 2.0.0", "503 5.5.1"], []),
        (
            "BDAT 3\r\nabcDATA\r\nRCPT TO:<x@acme.example>\r\nMAIL FROM:<>\r\nSTARTTLS\r\nBDAT 0 LAST\r\n",
            ["250 2.0.0", "503 5.5.1", "503 5.5.1", "503 5.5.1", "503 5.5.1", "250 2.0.0"], ["abc"]
        ),
        ("BDAT 3\r\nabcEHLO x\r\nMAIL FROM:<>\r\n", ["250 2.0.0", "250", "250 2.1.0"], []),
        // 30 octets in all are the limit of these rows
        (
            "BDAT 20\r\n01234567890123456789BDAT 10 LAST\r\n0123456789", ["250 2.0.0", "250 2.0.0"],
            ["012345678901234567890123456789"]
        ),
        (
            "BDAT 20\r\n01234567890123456789BDAT 11 LAST\r\nQUIT\r\nxxxxxNOOP\r\n",
            ["250 2.0.0", "552 5.3.4", "250 2.0.0"], []
        ),
        ("BDAT x\r\n", ["501 5.5.4", "<closed>"], []),
        ("BDAT\r\n", ["501 5.5.4", "<closed>"], []),
        ("BDAT 1 LAST x\r\n", ["501 5.5.4", "<closed>"], []),
        ("BDAT -1 LAST\r\n", ["501 5.5.4", "<closed>"], []),
        ("BDAT 9999999999999999999 LAST\r\n", ["501 5.5.4", "<closed>"], []),
        ("BDAT 999999999999999999 LAST\r\nQUIT\r\n", [], []),
    ]

    @Test(arguments: rows)
    func `chunks keep the dialogue in step at every split`(wire: String, expected: [String], filed: [String]) {
        for pieces in everySplit(of: start + wire) {
            for answersLate in [false, true] {
                var driver = ServerDriver(.mx { $0.limits.messageSize = 30 }, answersLate: answersLate)
                driver.feed(pieces)
                #expect(driver.replies == started + expected, "\(visible(wire))")
                #expect(driver.filed.map(\.content) == filed, "\(visible(wire))")
            }
        }
    }

    @Test func `chunks without a recipient or a sender are swallowed`() {
        let hello = "EHLO x\r\n"
        #expect(
            replies(to: hello + "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", .mx()) == [["220", "250", "503 5.5.1", "250 2.0.0"]])
        let refused = "MAIL FROM:<>\r\nRCPT TO:<unknown@acme.example>\r\nBDAT 6 LAST\r\nQUIT\r\nMAIL FROM:<>\r\n"
        #expect(
            replies(to: hello + refused, .mx())
                == [["220", "250", "250 2.1.0", "550 5.1.1", "554 5.5.1", "250 2.1.0"]])
    }

    @Test func `Received fields are counted across chunks`() {
        let configuration = SMTPServerSession.Configuration.mx { $0.limits.receivedFields = 1 }
        let wire = start + "BDAT 15\r\nReceived: a\r\nReBDAT 11 LAST\r\nceived: b\r\nNOOP\r\n"
        #expect(replies(to: wire, configuration) == [started + ["250 2.0.0", "554 5.4.6", "250 2.0.0"]])
    }
}
