package import MailTypes
package import NIOCore

/// One session of an SMTP client that delivers mail to a next hop (RFC 5321 §3): octets in, orders out.
///
/// The driver calls `connected()` once, then `receive` with all it has read, performs the action it gets, and calls
/// again until `.needMoreInput`; what `receive` leaves in the buffer it gets back with the octets that follow. Inputs
/// other than `receive` bring an action too, which is performed the same way. On `.ready` the driver calls `deliver`
/// or `quit`. On `.sendContent` it writes what `encode` makes of each piece of content, then calls `contentEnded`.
/// Every mail given to `deliver` ends with exactly one `.settled`, whatever happens to the connection, as long as the
/// driver reports `connectionClosed` (after all that was read went through `receive`) or `timedOut`.
///
///     connected → receive(220) → .send(EHLO) → receive(250 …) → .ready
///     deliver(mail) → .send(MAIL, RCPT, DATA) → receive(250, 250, 354) → .sendContent
///     deliver(mail) → .downgrade → contentDowngraded → .send(MAIL, …), where the server takes nothing else
///     encode … contentEnded → .send(CRLF.CRLF) → receive(250) → .settled, then .ready again
///     … → .send(MAIL, RCPT) → receive(250, 250) → .sendContent → .send(BDAT LAST), where the server offers CHUNKING
package struct SMTPClientSession {
    /// What the driver must do now.
    package enum Action: Equatable, Sendable {
        case needMoreInput
        /// Write and flush.
        case send(ByteBuffer)
        /// Begin the TLS handshake, then `tlsEstablished` or `tlsFailed`. What was read in the clear is gone already.
        case startTLS
        /// The session waits for a mail (`deliver`) or its end (`quit`).
        case ready
        /// The server does not take all octets above 127: find a form of the content without, which is sent then, and call
        /// `contentDowngraded`, `contentCannotBeDowngraded` if there is none, or `contentUnavailable`.
        case downgrade(ContentDowngrade)
        /// Stream the content through `encode`, from its beginning, then call `contentEnded`.
        case sendContent
        /// The transaction is over; one outcome per recipient, in their order. Then call `receive` again.
        case settled([RecipientOutcome])
        /// No mail can be delivered over this connection: close it.
        case failed(DeliveryProblem)
        case close
    }

    private enum State {
        case awaitingGreeting
        case awaitingEHLO
        case awaitingHELO
        case awaitingStartTLS
        case securing
        /// The responses that challenges are still to be answered with.
        case authenticating([String])
        case becomingReady
        case ready
        case downgrading(Mail, ContentDowngrade)
        case addressing(ClientTransaction)
        case sendingContent(ClientTransaction, Framing)
        case awaitingContentReply(ClientTransaction)
        /// No more chunks are sent, and not all of them were answered.
        case awaitingChunkReplies(ClientTransaction, ChunkedContent)
        /// A transaction was settled and the connection is of no more use.
        case ending
        case quitting
        case closed
    }

    private enum Framing {
        case dots(DotStuffer)
        case chunks(ChunkedContent)
    }

    /// What was decided for this next hop.
    package let configuration: Configuration
    /// What the server offers, after the last EHLO.
    package private(set) var extensions = ServerExtensions()
    /// Whether the session runs over TLS.
    package private(set) var isSecured: Bool
    private var state = State.awaitingGreeting
    private var replies = ReplyParser()
    private var needsReset = false
    /// The server offered chunks (RFC 3030) and did not know them: the next connection to it goes without.
    package private(set) var lacksChunks = false

    /// `isSecured`: TLS began before SMTP.
    package init(configuration: Configuration, isSecured: Bool = false) {
        (self.configuration, self.isSecured) = (configuration, isSecured)
    }

    /// How long the driver should wait for the remote now.
    package var timeout: Duration {
        switch state {
        case .awaitingGreeting: configuration.timeouts.greeting
        case .awaitingEHLO, .awaitingHELO, .awaitingStartTLS, .securing, .authenticating, .becomingReady, .ready,
            .downgrading, .ending, .quitting, .closed:
            configuration.timeouts.command
        case .addressing(let transaction):
            transaction.stage == .data ? configuration.timeouts.dataInitiation : configuration.timeouts.command
        case .sendingContent: configuration.timeouts.contentBlock
        case .awaitingContentReply, .awaitingChunkReplies: configuration.timeouts.contentTermination
        }
    }

    /// The connection stands: the server speaks first.
    package func connected() -> Action { .needMoreInput }

    /// Takes replies from the front of `buffer`; at most one action's worth.
    package mutating func receive(_ buffer: inout ByteBuffer) -> Action {
        while true {
            switch state {
            case .becomingReady:
                state = .ready
                return .ready
            case .ending:
                state = .closed
                return .close
            case .securing, .closed:
                buffer.moveReaderIndex(to: buffer.writerIndex)
                return .needMoreInput
            case .awaitingGreeting, .awaitingEHLO, .awaitingHELO, .awaitingStartTLS, .authenticating, .ready,
                .downgrading, .addressing, .sendingContent, .awaitingContentReply, .awaitingChunkReplies, .quitting:
                break
            }
            switch replies.receive(&buffer) {
            case .needMoreInput: return .needMoreInput
            case .garbage: return abandon(4, 5, 0, "the server spoke no SMTP")
            case .reply(let reply):
                if let action = receivedReply(reply, &buffer) { return action }
            }
        }
    }

    private mutating func receivedReply(_ reply: Reply, _ buffer: inout ByteBuffer) -> Action? {
        // A server may say 421 at any time and means to close then (RFC 5321 §3.8).
        if reply.code.number == 421 { return closedBy(reply) }
        switch state {
        case .awaitingGreeting:
            guard reply.code.severity == 2 else { return fail(.greeting, reply) }
            guard !configuration.refusesOwnName || !isOwnName(reply) else {
                return fail(problem(.greeting, 5, 4, 6, "the server has our own name: the mail would come back"))
            }
            return greet("EHLO", .awaitingEHLO)
        case .awaitingEHLO:
            guard reply.code.severity == 2 else { return ehloRefused(reply) }
            extensions = ServerExtensions(reply)
            return introduced()
        case .awaitingHELO:
            guard reply.code.severity == 2 else { return fail(.greeting, reply) }
            extensions = ServerExtensions()
            return introduced()
        case .awaitingStartTLS:
            guard reply.code.severity == 2 else { return startTLSRefused(reply) }
            // Octets that came along in the clear are not the server's words under TLS (RFC 3207 §5).
            buffer.moveReaderIndex(to: buffer.writerIndex)
            replies = ReplyParser()
            state = .securing
            return .startTLS
        case .authenticating(let responses): return receivedChallenge(reply, responses)
        case .downgrading(let mail, _):
            return end(mail, problem(.sender, 4, 5, 0, "the server replied before it was asked"))
        case .addressing(var transaction):
            state = .becomingReady
            return perform(transaction.receivedReply(reply), transaction)
        case .sendingContent(let transaction, .chunks(let chunks)), .awaitingChunkReplies(let transaction, let chunks):
            return receivedChunkReply(reply, transaction, chunks)
        case .sendingContent(var transaction, .dots):
            // Refused before its end: the connection is out of step, since the content cannot be cut short.
            let isRefusal = reply.code.severity >= 4
            transaction.conclude(
                isRefusal
                    ? DeliveryProblem(stage: .content, reply: reply)
                    : problem(.content, 4, 5, 0, "the server replied before the content ended"))
            return end(transaction)
        case .awaitingContentReply(var transaction):
            state = .becomingReady
            return perform(transaction.receivedReply(reply), transaction)
        case .ready, .quitting: return closed()  // words nobody asked for, or the last
        case .becomingReady, .ending, .securing, .closed: preconditionFailure("no reply is read in this state")
        }
    }

    // MARK: Introduction

    private func isOwnName(_ greeting: Reply) -> Bool {
        greeting.lines.first?.split(separator: " ").first?.lowercased() == configuration.hostname.lowercased()
    }

    private mutating func greet(_ verb: String, _ next: State) -> Action {
        state = next
        return send("\(verb) \(configuration.hostname)")
    }

    private mutating func ehloRefused(_ reply: Reply) -> Action {
        // Old servers know HELO only, but then there is neither TLS nor AUTH (RFC 5321 §3.2).
        guard reply.code.severity == 5, configuration.tls != .required || isSecured, configuration.credentials == nil
        else { return fail(.greeting, reply) }
        return greet("HELO", .awaitingHELO)
    }

    private mutating func introduced() -> Action? {
        if !isSecured, configuration.tls != .none {
            if extensions.hasStartTLS {
                state = .awaitingStartTLS
                return send("STARTTLS")
            }
            if configuration.tls == .required {
                return fail(problem(.tls, 4, 7, 4, "TLS is required, but the server does not offer it"))
            }
        }
        return login()
    }

    private mutating func startTLSRefused(_ reply: Reply) -> Action? {
        configuration.tls == .required ? fail(.tls, reply) : login()
    }

    /// The handshake succeeded: the session begins anew (RFC 3207 §4.2).
    package mutating func tlsEstablished() -> Action {
        // A timer may have ended the session while the handshake was under way.
        if case .closed = state { return .close }
        guard case .securing = state else { preconditionFailure("no handshake was asked for") }
        isSecured = true
        extensions = ServerExtensions()
        return greet("EHLO", .awaitingEHLO)
    }

    /// The handshake failed, so the connection is lost. Under the opportunistic policy the driver may connect again and
    /// do without.
    package mutating func tlsFailed(_ reason: String) -> Action {
        if case .closed = state { return .close }
        return fail(problem(.tls, 4, 7, 5, reason))
    }

    // MARK: Authentication

    private mutating func login() -> Action? {
        guard let credentials = configuration.credentials else {
            state = .becomingReady
            return nil
        }
        guard isSecured || configuration.allowsPlaintextLogin else {
            return fail(problem(.authentication, 4, 7, 11, "a password is configured, but there is no TLS to send it"))
        }
        if extensions.mechanisms.contains("PLAIN") {
            let message =
                "\(credentials.authorizationIdentity)\u{0}\(credentials.login)\u{0}\(credentials.password)"
            let response = Base64.encode(Array(message.utf8))
            state = .authenticating([response])
            return send("AUTH PLAIN \(response)")
        }
        if extensions.mechanisms.contains("LOGIN") {
            state = .authenticating(
                [credentials.login, credentials.password].map { Base64.encode(Array($0.utf8)) })
            return send("AUTH LOGIN")
        }
        return fail(problem(.authentication, 4, 7, 0, "the server offers no AUTH that we speak"))
    }

    private mutating func receivedChallenge(_ reply: Reply, _ responses: [String]) -> Action? {
        if reply.code.severity == 2 {
            state = .becomingReady
            return nil
        }
        guard reply.code.number == 334, let response = responses.first else { return fail(.authentication, reply) }
        state = .authenticating(Array(responses.dropFirst()))
        return send(response)
    }

    // MARK: Transactions

    /// Begins a transaction; only when `.ready`.
    package mutating func deliver(_ mail: Mail) -> Action {
        guard case .ready = state else { preconditionFailure("a mail was given to a session that is not ready") }
        precondition(!mail.envelope.recipients.isEmpty, "a mail without recipients goes nowhere")
        if let obstacle = ClientTransaction.obstacle(to: mail, at: extensions) { return settle(mail, obstacle) }
        let downgrade = ClientTransaction.downgrade(mail, at: extensions)
        guard downgrade.isEmpty else {
            state = .downgrading(mail, downgrade)
            return .downgrade(downgrade)
        }
        return begin(mail)
    }

    /// What is sent has only octets that the server takes.
    package mutating func contentDowngraded() -> Action {
        guard case .downgrading(var mail, let downgrade) = state else { return .needMoreInput }
        if downgrade.contains(.header) { mail.envelope.isSMTPUTF8 = false }
        if downgrade.contains(.body) { mail.envelope.is8BitMIME = false }
        // It is longer now, and nobody knows by how much.
        mail.size = nil
        return begin(mail)
    }

    /// There is no form of the content that this server takes (RFC 6152 §3, RFC 6531 §3.6).
    package mutating func contentCannotBeDowngraded() -> Action {
        guard case .downgrading(let mail, let downgrade) = state else { return .needMoreInput }
        let problem =
            downgrade.contains(.header)
            ? problem(.sender, 5, 6, 9, "the next hop does not offer SMTPUTF8, and the header cannot be said without")
            : problem(.sender, 5, 6, 3, "the next hop does not offer 8BITMIME, and the mail cannot be converted")
        return settle(mail, problem)
    }

    private mutating func settle(_ mail: Mail, _ problem: DeliveryProblem) -> Action {
        state = .becomingReady
        return .settled(mail.envelope.recipients.map { RecipientOutcome(recipient: $0, problem: problem) })
    }

    private mutating func begin(_ mail: Mail) -> Action {
        var extensions = extensions
        if !configuration.usesChunks { extensions.hasChunking = false }
        let transaction = ClientTransaction(mail, extensions: extensions, needsReset: needsReset)
        state = .addressing(transaction)
        return .send(transaction.begin())
    }

    private mutating func perform(_ next: ClientTransaction.Next, _ transaction: ClientTransaction) -> Action? {
        switch next {
        case .awaitReply:
            state = .addressing(transaction)
            return nil
        case .send(let buffer):
            state = .addressing(transaction)
            return .send(buffer)
        case .sendContent:
            state = .sendingContent(
                transaction, transaction.usesChunks ? .chunks(ChunkedContent()) : .dots(DotStuffer()))
            return .sendContent
        case .sendNothing:
            state = .awaitingContentReply(transaction)
            return send(".")
        case .settled:
            needsReset = transaction.needsReset
            state = .becomingReady
            return .settled(transaction.settledOutcomes)
        case .outOfStep:
            var transaction = transaction
            return concluded(&transaction, problem(transaction.stage, 4, 5, 0, "the server's reply was out of step"))
        }
    }

    /// The next piece of content, framed for the wire. Nothing, once the server has refused the rest.
    package mutating func encode(_ content: ByteBuffer) -> ByteBuffer {
        guard case .sendingContent(let transaction, let framing) = state else { return ByteBuffer() }
        // Moved out before it changes, so that nothing is copied.
        state = .becomingReady
        switch consume framing {
        case .dots(var stuffer):
            defer { state = .sendingContent(transaction, .dots(stuffer)) }
            return stuffer.encode(content)
        case .chunks(var chunks):
            defer { state = .sendingContent(transaction, .chunks(chunks)) }
            return chunks.encode(content)
        }
    }

    /// All content was encoded and written. From here on a lost connection leaves the outcome unknown.
    package mutating func contentEnded() -> Action {
        guard case .sendingContent(let transaction, let framing) = state else { return .needMoreInput }
        switch framing {
        case .dots(var stuffer):
            state = .awaitingContentReply(transaction)
            return .send(stuffer.end())
        case .chunks(var chunks):
            let octets = chunks.end()
            state = .awaitingChunkReplies(transaction, chunks)
            return .send(octets)
        }
    }

    private mutating func receivedChunkReply(
        _ reply: Reply, _ transaction: ClientTransaction, _ chunks: ChunkedContent
    ) -> Action? {
        var (transaction, chunks) = (transaction, chunks)
        switch chunks.receivedReply(reply) {
        case .awaitReply:
            state =
                chunks.isOver
                ? .awaitingChunkReplies(transaction, chunks) : .sendingContent(transaction, .chunks(chunks))
            return nil
        case .settled(let reply):
            let next = transaction.chunksReplied(reply)
            return perform(next, transaction)
        case .unknownCommand:
            // It takes the lines of the content for commands: nothing that it says from here on can be believed.
            lacksChunks = true
            return concluded(&transaction, problem(.content, 4, 5, 0, "the server does not know the chunks that it offers"))
        case .outOfStep:
            return concluded(&transaction, problem(.content, 4, 5, 0, "the server's reply was out of step"))
        }
    }

    /// The content cannot be read any more: the dot is never sent, so nothing is delivered.
    package mutating func contentUnavailable() -> Action {
        abandon(4, 3, 0, "the content could not be read")
    }

    /// Ends the session politely; only when `.ready`.
    package mutating func quit() -> Action {
        guard case .ready = state else { preconditionFailure("only a session that is ready can quit") }
        state = .quitting
        return send("QUIT")
    }

    // MARK: Ends

    /// The remote closed the connection, or it broke.
    package mutating func connectionClosed() -> Action { abandon(4, 4, 2, "the connection was lost") }

    /// The driver's timer ran out.
    package mutating func timedOut() -> Action { abandon(4, 4, 2, "the server did not answer in time") }

    private mutating func abandon(_ class: UInt8, _ subject: UInt16, _ detail: UInt16, _ words: String) -> Action {
        switch state {
        case .awaitingGreeting, .awaitingEHLO, .awaitingHELO: fail(problem(.greeting, `class`, subject, detail, words))
        case .awaitingStartTLS, .securing: fail(problem(.tls, `class`, subject, detail, words))
        case .authenticating: fail(problem(.authentication, `class`, subject, detail, words))
        case .downgrading(let mail, _): end(mail, problem(.sender, `class`, subject, detail, words))
        case .addressing(var transaction):
            concluded(&transaction, problem(transaction.stage, `class`, subject, detail, words))
        case .sendingContent(var transaction, _):
            concluded(&transaction, problem(.content, `class`, subject, detail, words))
        case .awaitingContentReply(var transaction):
            concluded(&transaction, unknownOutcome(problem(.content, `class`, subject, detail, words)))
        case .awaitingChunkReplies(var transaction, let chunks):
            concluded(
                &transaction,
                chunks.reasonAgainst.map { DeliveryProblem(stage: .content, reply: $0) }
                    ?? unknownOutcome(problem(.content, `class`, subject, detail, words)))
        case .becomingReady, .ready, .ending, .quitting, .closed: closed()
        }
    }

    private mutating func closedBy(_ reply: Reply) -> Action {
        switch state {
        case .awaitingGreeting, .awaitingEHLO, .awaitingHELO: fail(.greeting, reply)
        case .awaitingStartTLS, .securing: fail(.tls, reply)
        case .authenticating: fail(.authentication, reply)
        case .downgrading(let mail, _): end(mail, DeliveryProblem(stage: .sender, reply: reply))
        case .addressing(var transaction):
            concluded(&transaction, DeliveryProblem(stage: transaction.stage, reply: reply))
        case .sendingContent(var transaction, _), .awaitingContentReply(var transaction),
            .awaitingChunkReplies(var transaction, _):
            concluded(&transaction, DeliveryProblem(stage: .content, reply: reply))
        case .becomingReady, .ready, .ending, .quitting, .closed: closed()
        }
    }

    private func unknownOutcome(_ problem: DeliveryProblem) -> DeliveryProblem {
        var problem = problem
        problem.isOutcomeUnknown = true
        return problem
    }

    private mutating func concluded(_ transaction: inout ClientTransaction, _ problem: DeliveryProblem) -> Action {
        transaction.conclude(problem)
        return end(transaction)
    }

    private mutating func end(_ transaction: ClientTransaction) -> Action {
        state = .ending
        return .settled(transaction.settledOutcomes)
    }

    private mutating func end(_ mail: Mail, _ problem: DeliveryProblem) -> Action {
        let action = settle(mail, problem)
        state = .ending
        return action
    }

    private mutating func closed() -> Action {
        state = .closed
        return .close
    }

    private mutating func fail(_ stage: DeliveryProblem.Stage, _ reply: Reply) -> Action {
        fail(DeliveryProblem(stage: stage, reply: reply))
    }

    private mutating func fail(_ problem: DeliveryProblem) -> Action {
        state = .closed
        return .failed(problem)
    }

    private func problem(
        _ stage: DeliveryProblem.Stage, _ class: UInt8, _ subject: UInt16, _ detail: UInt16, _ words: String
    ) -> DeliveryProblem {
        DeliveryProblem(stage: stage, status: EnhancedStatus(`class`, subject, detail), diagnostic: words)
    }

    private func send(_ line: String) -> Action {
        .send(ByteBuffer(string: line + "\r\n"))
    }
}
