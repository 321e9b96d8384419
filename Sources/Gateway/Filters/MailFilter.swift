package import MailFormat
package import MailTypes

/// A program that looks at mail before it is filed: a spam filter, a virus scanner.
package protocol MailFilter: Sendable {
    /// What the log calls it.
    var name: String { get }
    /// What its score means; `nil`: nothing.
    var thresholds: ScoreThresholds? { get }
    /// Begins to tell it of an SMTP connection.
    func session() -> any FilterSession
}

/// What a filter is told of one SMTP connection, and says: one question after the other, in the order of the connection.
package protocol FilterSession: Sendable {
    /// What the log calls the filter.
    var name: String { get }
    /// Asks. What it cannot find out is its own to decide: accepted, or to be tried again later.
    func ask(_ question: FilterQuestion) async -> FilterVerdict
    /// The mail under way comes to nothing.
    func abort() async
    /// The connection is over.
    func end() async
}

/// What filters are asked of a connection and its mails.
package enum FilterQuestion: Sendable {
    /// A client connects. Its port and its name, where one is known that leads back to it.
    case connection(IPAddress, port: UInt16?, name: String?)
    /// EHLO or HELO, in the clear or over TLS.
    case greeting(String, tls: Peer.TLS?)
    /// MAIL. `id` names the mail in logs and in its trace field.
    case sender(Envelope, id: String)
    /// RCPT, of an address that mail is taken for.
    case recipient(EmailAddress)
    /// DATA.
    case content
    /// The whole mail.
    case mail(FilteredMail)
}

/// A mail that is about to be filed, as a filter sees it.
package struct FilteredMail: Sendable {
    package var header: HeaderSection
    /// Names the mail in logs.
    package var id: String
    /// The next piece of the body from an offset on, at most so many octets; empty at the end.
    package var body: @Sendable (_ offset: Int, _ count: Int) async throws -> [UInt8]
    /// Nobody reads any more of the body.
    package var closeBody: @Sendable () -> Void = {}

    package init(
        header: HeaderSection, id: String, body: @escaping @Sendable (_ offset: Int, _ count: Int) async throws -> [UInt8]
    ) { (self.header, self.id, self.body) = (header, id, body) }
}
