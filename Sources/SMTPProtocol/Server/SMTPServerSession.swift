package import MailTypes
package import NIOCore

/// One session of an ESMTP server (RFC 5321), MX or submission: octets in, orders out.
///
/// The driver performs `connected()`, then calls `receive` with all it has read, performs the action it gets, and calls
/// again, until `.needMoreInput`; then it flushes its replies and reads more, appending to what `receive` left behind.
/// Six actions ask the driver something and hold the input until it answers: `.verifyGreeting` (`greetingVerified`),
/// `.verifySender` (`senderVerified`), `.verifyRecipient` (`recipientVerified`), `.verifyContent` (`contentVerified`),
/// `.contentEnded` (`contentSettled`) and `.authenticate` (`authenticationSettled`). The answer, which may come at once or
/// later, brings the next action; performing it and calling `receive` again resumes the session. After `.startTLS` comes
/// `tlsEstablished()`, after `.close` nothing.
///
///     C: EHLO client.example         .verifyGreeting → greetingVerified(.accepted) → .reply(250)
///     C: MAIL FROM:<a@b.example>     .verifySender → senderVerified(.accepted) → .reply(250)
///     C: RCPT TO:<help@acme.pl>      .verifyRecipient → recipientVerified(.accepted(…)) → .reply(250)
///     C: DATA                        .verifyContent → contentVerified(.accepted) → .reply(354)
///     C: …CRLF.CRLF                  .content …, .contentEnded → contentSettled(250) → .reply(250)
package struct SMTPServerSession {
    /// What the driver must do now.
    package enum Action: Equatable, Sendable {
        /// Nothing can be done before more octets, or the answer that is outstanding, arrive: flush.
        case needMoreInput
        /// Write a reply; it may wait for the next flush (RFC 2920 §3.2).
        case reply(Reply)
        /// Write a reply that refuses a mail for what MAIL says of it, or one recipient more: the envelope tells of whom. It is to
        /// be written down.
        case refuse(Reply, Envelope)
        /// May a client of this name (EHLO, HELO) go on? The mail under way is over: forget what was kept of its content first,
        /// so that nobody who still reads it is waited for.
        case verifyGreeting(String)
        /// May this reverse-path (`nil`: `<>`) send? `declaredSize` is what SIZE announced.
        case verifySender(EmailAddress?, declaredSize: Int?)
        /// Is this recipient ours?
        case verifyRecipient(Recipient)
        /// May the content of this mail come? Its recipients are all named.
        case verifyContent(Envelope)
        /// Keep the next octets of content, as they are.
        case content(ByteBuffer)
        /// The content is whole and sound: file it.
        case contentEnded(Envelope, ContentFacts)
        /// Forget the content kept so far in this transaction, if any, and write the reply.
        case discardContent(Reply)
        /// Are these credentials right?
        case authenticate(Credentials)
        /// What comes of this response? Answered by `authenticationContinued` or `authenticationSettled`.
        case exchange(SASLResponse)
        /// Write the reply, flush, and begin the TLS handshake. What was read in the clear is gone already.
        case startTLS(Reply)
        /// Write the reply, if any, flush, forget unfinished content and close.
        case close(Reply?)
    }

    /// A recipient as RCPT names it.
    package enum Recipient: Equatable, Sendable {
        case address(EmailAddress)
        /// `<postmaster>` without a domain (RFC 5321 §4.5.1).
        case postmaster
    }

    /// The driver's answer about a greeting, a sender, or content to come.
    package enum SenderVerdict: Sendable { case accepted, refused(Reply) }

    /// The driver's answer about a recipient: accepted as the address that goes into the envelope.
    package enum RecipientVerdict: Sendable { case accepted(EmailAddress), refused(Reply) }

    /// The driver's answer about credentials. `malformed`: the response breaks the mechanism's rules; `unavailable`: it
    /// could not be checked now.
    package enum AuthenticationVerdict: Sendable { case accepted, refused, malformed, unavailable }

    /// What was spoken instead of SMTP.
    package enum ForeignProtocol: String, Sendable { case http = "HTTP", tls = "TLS" }

    /// What the session waits for; the driver chooses its timer by it.
    package enum Expectation: Equatable, Sendable { case command, content, answer, handshake, nothing }

    enum State {
        case starting
        case idle
        case verifyingGreeting(String, isExtended: Bool)
        case verifyingSender(Envelope)
        case addressing(Envelope)
        case verifyingRecipient(Envelope)
        case verifyingContent(Envelope, ContentCommand)
        case receivingContent(Envelope, ContentDecoder)
        case receivingChunk(Envelope, ContentDecoder, remaining: Int, isLast: Bool)
        case betweenChunks(Envelope, ContentDecoder)
        /// The octets of a refused chunk, which are no commands (RFC 3030 §2); no transaction is left behind it.
        case discardingChunk(remaining: Int, then: Reply)
        case settlingContent
        case authenticating(AuthenticationDialogue)
        /// With the exchange that goes on, where there is one.
        case settlingAuthentication(AuthenticationDialogue?)
        case securing
        case closed
    }

    /// How content is to come: by DATA, or by BDAT with its first chunk.
    enum ContentCommand { case data, chunk(octets: Int, isLast: Bool) }

    /// What the listener decided.
    package let configuration: Configuration
    /// The name the client gave itself in EHLO or HELO.
    package internal(set) var clientName: String?
    /// Whether the session runs over TLS.
    package internal(set) var isSecured: Bool
    /// Whether a login can be bound to the TLS connection: set by the driver before the greeting or with
    /// `tlsEstablished`.
    package var bindsChannels = false
    /// Why the session was closed without a word; `nil`: it was not.
    package internal(set) var foreignProtocol: ForeignProtocol?
    /// The time, set by the driver before it hands octets over; `nil`: no mail is held for later.
    package var now: Timestamp?
    /// Whether a login succeeded.
    package internal(set) var isAuthenticated = false

    var state = State.starting
    var isExtended = false
    var usesSMTPUTF8 = false
    /// What the sender wants to be told about the recipient that is being verified.
    var pendingRequest: NotificationRequest?
    private var isDiscardingLine = false
    private var isShuttingDown = false
    private var hasSpoken = false
    private var errors = 0
    private var commandsWithoutMail = 0
    var transactions = 0
    var authenticationFailures = 0
    private let parser: CommandParser

    /// `isSecured`: TLS began before SMTP (port 465).
    package init(configuration: Configuration, isSecured: Bool = false) {
        self.configuration = configuration
        self.isSecured = isSecured
        parser = CommandParser(
            role: configuration.role,
            takesAuth: configuration.role == .submission && !configuration.mechanisms.isEmpty)
    }

    /// The `with` keyword of our `Received` field (RFC 3848, RFC 6531 §4.3).
    package var protocolKeyword: String {
        guard isExtended else { return "SMTP" }
        let base = usesSMTPUTF8 ? "UTF8SMTP" : "ESMTP"
        return base + (isSecured ? "S" : "") + (isAuthenticated ? "A" : "")
    }

    /// What the session waits for.
    package var expectation: Expectation {
        switch state {
        case .starting, .verifyingGreeting, .verifyingSender, .verifyingRecipient, .verifyingContent, .settlingContent,
            .settlingAuthentication:
            .answer
        case .idle, .addressing, .betweenChunks, .authenticating: .command
        case .receivingContent, .receivingChunk, .discardingChunk: .content
        case .securing: .handshake
        case .closed: .nothing
        }
    }

    /// Whether a mail is under way: MAIL was accepted, its final reply not given.
    package var isInTransaction: Bool {
        switch state {
        case .verifyingSender, .addressing, .verifyingRecipient, .verifyingContent, .receivingContent, .receivingChunk,
            .betweenChunks, .settlingContent:
            true
        case .starting, .idle, .verifyingGreeting, .discardingChunk, .authenticating, .settlingAuthentication, .securing, .closed: false
        }
    }

    /// The envelope of the mail under way, as far as it was accepted.
    package var envelope: Envelope? {
        switch state {
        case .verifyingSender(let envelope), .addressing(let envelope), .verifyingRecipient(let envelope),
            .verifyingContent(let envelope, _), .receivingContent(let envelope, _),
            .receivingChunk(let envelope, _, remaining: _, isLast: _), .betweenChunks(let envelope, _):
            envelope
        case .settlingContent, .starting, .idle, .verifyingGreeting, .discardingChunk, .authenticating,
            .settlingAuthentication, .securing, .closed:
            nil
        }
    }

    /// The connection stands (and TLS, where it comes first): greet.
    package mutating func connected() -> Action {
        guard case .starting = state else { preconditionFailure("a session is connected once") }
        state = .idle
        return .reply(Reply(220, nil, "\(configuration.hostname) ESMTP"))
    }

    /// Octets came before the greeting, from a client that is made to wait for it: no mail server does that (RFC 5321
    /// §4.3.1).
    package mutating func spokeEarly() -> Action {
        guard case .starting = state else { preconditionFailure("only before the greeting is it early") }
        return close(.spokeEarly)
    }

    /// The client is refused before the greeting: 554, or 421 where it may come again (RFC 5321 §3.1, §4.3.2).
    package mutating func connectionRefused(_ reply: Reply) -> Action {
        guard case .starting = state else { preconditionFailure("a session is connected once") }
        return close(reply)
    }

    /// Takes what it can from the front of `buffer`; at most one action's worth.
    package mutating func receive(_ buffer: inout ByteBuffer) -> Action {
        while true {
            if let action = step(&buffer) { return action }
        }
    }

    /// `nil`: something was taken that asks for no action; there may be more.
    private mutating func step(_ buffer: inout ByteBuffer) -> Action? {
        switch state {
        case .idle, .addressing, .betweenChunks, .authenticating:
            if isShuttingDown { return close(.shuttingDown) }
            return receiveLine(&buffer)
        case .receivingContent(let envelope, let decoder):
            return receiveContent(&buffer, envelope, decoder)
        case .receivingChunk(let envelope, let decoder, let remaining, let isLast):
            return receiveChunk(&buffer, envelope, decoder, remaining: remaining, isLast: isLast)
        case .discardingChunk(let remaining, let reply):
            return discardChunk(&buffer, remaining: remaining, reply)
        case .starting, .verifyingGreeting, .verifyingSender, .verifyingRecipient, .verifyingContent, .settlingContent,
            .settlingAuthentication:
            return .needMoreInput
        case .securing, .closed:
            // Octets in the clear after STARTTLS and those after the end are nobody's.
            buffer.moveReaderIndex(to: buffer.writerIndex)
            return .needMoreInput
        }
    }

    /// The handshake that `.startTLS` asked for succeeded. All the client said before is forgotten (RFC 3207 §4.2).
    package mutating func tlsEstablished(bindsChannels: Bool = false) {
        if case .closed = state { return }  // a timer was quicker
        guard case .securing = state else { preconditionFailure("no handshake was asked for") }
        state = .idle
        (isSecured, isAuthenticated, isExtended, clientName) = (true, false, false, nil)
        self.bindsChannels = bindsChannels
    }

    /// A timer of the driver ran out (RFC 5321 §4.5.3.2).
    package mutating func timedOut() -> Action { close(.timeout) }

    /// The server stops. A mail whose content is whole gets its reply first (`.needMoreInput`: go on); everything else
    /// ends now (RFC 5321 §3.8).
    package mutating func shutdown() -> Action {
        isShuttingDown = true
        if case .settlingContent = state { return .needMoreInput }
        return close(.shuttingDown)
    }

    /// The driver's refusal; one with 421 ends the session (RFC 5321 §3.8).
    mutating func refused(_ reply: Reply) -> Action {
        reply.code.number == 421 ? close(reply) : counted(.reply(reply))
    }

    /// What comes are another protocol's words, and nothing is to be said to them.
    mutating func closeSilently(_ spoken: ForeignProtocol) -> Action {
        foreignProtocol = spoken
        return close(nil)
    }

    mutating func close(_ reply: Reply?) -> Action {
        if case .closed = state { return .close(nil) }
        state = .closed
        return .close(reply)
    }
}

/// Lines.
extension SMTPServerSession {
    private enum Line {
        case broken
        case tooLong
        case response([UInt8])
        case command(Command)
    }

    private mutating func receiveLine(_ buffer: inout ByteBuffer) -> Action? {
        // A TLS handshake on a plain port has no part in SMTP, whether it happens to hold a line end or not.
        if !hasSpoken, !isDiscardingLine, buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == 0x16 {
            return closeSilently(.tls)
        }
        guard let line = readLine(&buffer) else { return .needMoreInput }
        hasSpoken = true
        guard case .command(let command) = line else { return perform(line) }
        if !command.bringsMail, let action = chattered() { return action }
        let action = perform(command).map { counted($0) }
        // RFC 3207 §5: octets that came along in the clear must never be read as if TLS had protected them.
        if case .startTLS = action { buffer.moveReaderIndex(to: buffer.writerIndex) }
        return action
    }

    private mutating func perform(_ line: Line) -> Action? {
        if let action = chattered() { return action }
        switch line {
        case .broken: return counted(failedLine(.badLineEnd))
        case .tooLong: return counted(failedLine(.lineTooLong))
        case .response(let response): return counted(receivedResponse(response))
        case .command: preconditionFailure("commands are performed by the caller")
        }
    }

    /// `nil`: the line is not complete. A line that is too long is dropped as it comes in.
    private mutating func readLine(_ buffer: inout ByteBuffer) -> Line? {
        let limit = maximumLineLength(of: buffer)
        guard let end = buffer.withUnsafeReadableBytes({ $0.firstIndex(of: UInt8(ascii: "\n")) }) else {
            if isDiscardingLine || buffer.readableBytes > limit {
                isDiscardingLine = true
                buffer.moveReaderIndex(to: buffer.writerIndex)
            }
            return nil
        }
        defer { buffer.moveReaderIndex(forwardBy: end + 1) }
        guard !isDiscardingLine, end < limit else {
            isDiscardingLine = false
            return .tooLong
        }
        return buffer.withUnsafeReadableBytes { bytes in
            guard end > 0, bytes[end - 1] == UInt8(ascii: "\r") else { return .broken }
            let line = UnsafeRawBufferPointer(rebasing: bytes[..<(end - 1)])
            if case .authenticating = state { return .response([UInt8](line)) }
            return .command(parser.parse(line))
        }
    }

    private func maximumLineLength(of buffer: ByteBuffer) -> Int {
        let limits = configuration.limits
        guard parser.takesAuth else { return limits.lineLength }
        if case .authenticating = state { return limits.authenticationLineLength }
        let verb = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self).map { $0 & 0xDFDF_DFDF }
        return verb == 0x4155_5448 ? limits.authenticationLineLength : limits.lineLength  // "AUTH"
    }

    private mutating func failedLine(_ reply: Reply) -> Action {
        if case .authenticating = state { state = .idle }
        return .reply(reply)
    }

    /// A line that brings no mail nearer; beyond the limit the session ends.
    private mutating func chattered() -> Action? {
        commandsWithoutMail += 1
        return commandsWithoutMail > configuration.limits.commandsWithoutMail ? close(.tooManyCommands) : nil
    }

    /// Holds a refusal against the limit of errors; beyond it the session ends instead. A 4yz is not the client's
    /// fault.
    mutating func counted(_ action: Action) -> Action {
        switch action {
        case .reply(let reply), .refuse(let reply, _), .discardContent(let reply):
            guard reply.code.severity == 5 else { return action }
            errors += 1
            return errors > configuration.limits.errors ? close(.tooManyErrors) : action
        case .needMoreInput, .verifyGreeting, .verifySender, .verifyRecipient, .verifyContent, .content, .contentEnded,
            .authenticate, .exchange, .startTLS, .close:
            return action
        }
    }

    /// A mail was accepted: the patience with idle commands begins anew.
    mutating func mailAccepted() { commandsWithoutMail = 0 }
}
