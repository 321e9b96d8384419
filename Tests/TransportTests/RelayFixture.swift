import Gateway
import Logging
import MailTypes
import NIOCore
import SMTPProtocol
import Transport

/// A client for a relay on loopback, and mails for it.
struct RelayFixture {
    let client: RelayClient

    init(
        port: Int?, tls: SMTPClientSession.TLSPolicy = .none, idleTimeout: Duration = .seconds(5),
        timeouts: SMTPClientSession.Timeouts = .init(), maximumRecipients: Int = 100
    ) {
        client = RelayClient(
            configuration: RelayClient.Configuration(
                host: "127.0.0.1", port: port ?? 0,
                session: SMTPClientSession.Configuration(hostname: "mx.acme.example", tls: tls, timeouts: timeouts),
                idleTimeout: idleTimeout, maximumRecipients: maximumRecipients),
            tls: ServerFixture.clientTLS, group: ServerFixture.group,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A mail to these people, and what came of it.
    func deliver(
        to recipients: [String] = ["ann@client.example"], _ content: any OutgoingContent = Pieces(["a\r\n"]),
        isEightBit: Bool = false, needsSMTPUTF8: Bool = false
    ) async -> [DeliveryAttempt] {
        let mail = OutgoingMail(
            submission: SubmissionID(rawValue: 1), reversePath: EmailAddress("help@acme.example"), isEightBit: isEightBit,
            needsSMTPUTF8: needsSMTPUTF8, size: 3, content: content)
        return await client.deliver(mail, to: recipients.compactMap { EmailAddress($0) })
    }
}

/// A content in pieces.
struct Pieces: OutgoingContent {
    struct Unreadable: Error {}
    let pieces: [String]
    let isBroken: Bool
    init(_ pieces: [String], isBroken: Bool = false) { (self.pieces, self.isBroken) = (pieces, isBroken) }

    func piece(_ index: Int) async throws -> [UInt8]? {
        if pieces.indices.contains(index) { return Array(pieces[index].utf8) }
        if isBroken { throw Unreadable() }
        return nil
    }
}

extension Dialogue {
    /// The relay's part up to its introduction.
    func introduce(_ extensions: String...) async throws {
        try await send("220 relay.example\r\n")
        guard await line()?.hasPrefix("EHLO ") == true else { throw ChannelError.eof }
        try await send(
            (["250-relay.example"] + extensions.map { "250-\($0)" } + ["250 ENHANCEDSTATUSCODES", ""])
                .joined(separator: "\r\n"))
    }

    /// Reads a line of each verb, and answers each with the reply beside it.
    func answer(_ replies: KeyValuePairs<String, String>) async throws {
        for (verb, reply) in replies {
            guard let line = await line(), line.hasPrefix(verb) else { throw ChannelError.eof }
            try await send(reply + "\r\n")
        }
    }

    /// Content to its end, without the dot; `nil` if the connection ended before.
    func content() async -> [String]? {
        var lines: [String] = []
        while let line = await line() {
            if line == "." { return lines }
            lines.append(line)
        }
        return nil
    }
}
