import MailTypes

/// Commands, in the order of a dialogue, and the driver's answers to what they ask.
extension SMTPServerSession {
    /// `nil`: the command brings octets, no action yet.
    mutating func perform(_ command: Command) -> Action? {
        switch command {
        case .ehlo(let name): return greeted(name, isExtended: true)
        case .helo(let name): return greeted(name, isExtended: false)
        case .startTLS: return startTLS()
        case .auth(let mechanism, let response): return authenticate(mechanism, response)
        case .mail(let arguments): return receivedMail(arguments)
        case .rcpt(let path, let request): return receivedRecipient(path, request)
        case .data: return receivedData()
        case .bdat(let octets, let isLast): return receivedChunkCommand(octets: octets, isLast: isLast)
        case .rset: return reset(.ok)
        case .noop: return .reply(.ok)
        case .help: return .reply(.help)
        case .vrfy: return .reply(.cannotVerify)
        case .expn: return .reply(.notImplemented)
        case .quit: return close(.goodbye)
        case .invalid(let reply): return .reply(reply)
        case .unframed: return close(.badArguments)
        // A browser that was sent here.
        case .foreignProtocol: return closeSilently(.http)
        }
    }

    /// EHLO and HELO; within a transaction they are a RSET too (RFC 5321 §4.1.4).
    private mutating func greeted(_ name: String, isExtended: Bool) -> Action {
        state = .verifyingGreeting(name, isExtended: isExtended)
        return .verifyGreeting(name)
    }

    /// The answer to `.verifyGreeting`. Who is refused may greet again, and cannot send before.
    package mutating func greetingVerified(_ verdict: SenderVerdict) -> Action {
        switch state {
        case .verifyingGreeting(let name, let isExtended):
            state = .idle
            switch verdict {
            case .accepted:
                (clientName, self.isExtended) = (name, isExtended)
                return .reply(isExtended ? ehloReply : Reply(250, nil, configuration.hostname))
            case .refused(let reply):
                (clientName, self.isExtended) = (nil, false)
                return refused(reply)
            }
        case .closed: return .close(nil)
        case .starting, .idle, .verifyingSender, .addressing, .verifyingRecipient, .verifyingContent, .receivingContent,
            .receivingChunk, .betweenChunks, .discardingChunk, .settlingContent, .authenticating, .settlingAuthentication,
            .securing:
            preconditionFailure("no greeting was to be verified")
        }
    }

    private var ehloReply: Reply {
        var lines = [
            configuration.hostname, "PIPELINING", "SIZE \(configuration.limits.messageSize)", "8BITMIME", "SMTPUTF8",
            "ENHANCEDSTATUSCODES", "CHUNKING", "DSN",
        ]
        if isSecured { lines.append("REQUIRETLS") }
        if configuration.tls != .unavailable, !isSecured { lines.append("STARTTLS") }
        if configuration.role == .submission, !isAuthenticated, allowsLogin, !configuration.mechanisms.isEmpty {
            lines.append("AUTH " + mechanisms.map(\.rawValue).joined(separator: " "))
        }
        if configuration.role == .submission, let now {
            // How long, and until when (RFC 4865 §4).
            let limit = configuration.futureRelease
            lines.append("FUTURERELEASE \(limit.components.seconds) \(InternetDateTime.text(now + limit))")
        }
        return Reply(250, nil, lines: lines)
    }

    /// What can be used now.
    var mechanisms: [Mechanism] { configuration.mechanisms.filter { $0 != .scramPlus || bindsChannels } }

    var allowsLogin: Bool { isSecured || configuration.allowsPlaintextLogin }

    private var needsTLS: Bool { configuration.tls == .required && !isSecured }

    private mutating func reset(_ reply: Reply) -> Action {
        defer { state = .idle }
        if case .betweenChunks = state { return .discardContent(reply) }
        return .reply(reply)
    }

    private mutating func startTLS() -> Action {
        guard configuration.tls != .unavailable else { return .reply(.notImplemented) }
        guard !isSecured, case .idle = state else { return .reply(.badSequence) }
        state = .securing
        return .startTLS(.readyForTLS)
    }

    private mutating func receivedMail(_ arguments: MailArguments) -> Action {
        guard clientName != nil else { return .reply(.greetingNeeded) }
        var envelope = Envelope(
            reversePath: arguments.path.address, is8BitMIME: arguments.is8BitMIME, isSMTPUTF8: arguments.isSMTPUTF8)
        guard !needsTLS else { return .refuse(.tlsNeeded, envelope) }
        guard configuration.role == .mx || isAuthenticated else { return .refuse(.authenticationNeeded, envelope) }
        guard case .idle = state else { return .reply(.nestedMail) }
        guard transactions < configuration.limits.transactions else { return close(.tooManyTransactions) }
        guard !arguments.path.needsSMTPUTF8 || arguments.isSMTPUTF8 else { return .refuse(.utf8NotDeclared, envelope) }
        if let size = arguments.declaredSize, size > configuration.limits.messageSize {
            return .refuse(.tooLarge, envelope)
        }
        // RFC 8689 §4.2.1: what is not offered in the clear is not taken there.
        guard !arguments.requiresTLS || isSecured else { return .refuse(.unknownParameter, envelope) }
        envelope.wishes.returnedContent = arguments.returnedContent
        envelope.wishes.envelopeID = arguments.envelopeID
        envelope.wishes.requiresTLS = arguments.requiresTLS
        if let hold = arguments.hold {
            guard let now else { return .refuse(.unknownParameter, envelope) }
            guard let moment = hold.moment(now: now, limit: configuration.futureRelease) else {
                return .refuse(.heldTooLong, envelope)
            }
            envelope.releaseAt = moment
        }
        usesSMTPUTF8 = arguments.isSMTPUTF8
        transactions += 1
        state = .verifyingSender(envelope)
        return .verifySender(envelope.reversePath, declaredSize: arguments.declaredSize)
    }

    /// The answer to `.verifySender`.
    package mutating func senderVerified(_ verdict: SenderVerdict) -> Action {
        switch state {
        case .verifyingSender(let envelope):
            switch verdict {
            case .accepted:
                state = .addressing(envelope)
                return .reply(.senderAccepted)
            case .refused(let reply):
                state = .idle
                return refused(reply)
            }
        case .closed: return .close(nil)
        case .starting, .idle, .verifyingGreeting, .addressing, .verifyingRecipient, .verifyingContent, .receivingContent,
            .receivingChunk, .betweenChunks, .discardingChunk, .settlingContent, .authenticating, .settlingAuthentication,
            .securing:
            preconditionFailure("no sender was to be verified")
        }
    }

    private mutating func receivedRecipient(_ path: Path, _ request: NotificationRequest?) -> Action {
        guard case .addressing(let envelope) = state else { return .reply(.badSequence) }
        let refused = Envelope(reversePath: envelope.reversePath, recipients: path.address.map { [$0] } ?? [])
        // 452, not 552: the client may offer the rest in a second transaction (RFC 5321 §4.5.3.1.10).
        guard envelope.recipients.count < configuration.limits.recipients else { return .refuse(.tooManyRecipients, refused) }
        pendingRequest = request
        switch path {
        case .null: return .reply(.badRecipient)
        case .postmaster:
            state = .verifyingRecipient(envelope)
            return .verifyRecipient(.postmaster)
        case .address(let address, let needsSMTPUTF8):
            guard !needsSMTPUTF8 || envelope.isSMTPUTF8 else { return .refuse(.utf8NotDeclared, refused) }
            state = .verifyingRecipient(envelope)
            return .verifyRecipient(.address(address))
        }
    }

    /// The answer to `.verifyRecipient`.
    package mutating func recipientVerified(_ verdict: RecipientVerdict) -> Action {
        switch state {
        case .verifyingRecipient(var envelope):
            state = .idle  // the envelope has one owner again and is not copied
            switch verdict {
            case .accepted(let address):
                envelope.recipients.append(address)
                if let pendingRequest { envelope.wishes.requests[address] = pendingRequest }
                state = .addressing(envelope)
                return .reply(.recipientAccepted)
            case .refused(let reply):
                state = .addressing(envelope)
                return refused(reply)
            }
        case .closed: return .close(nil)
        case .starting, .idle, .verifyingGreeting, .verifyingSender, .addressing, .verifyingContent, .receivingContent,
            .receivingChunk, .betweenChunks, .discardingChunk, .settlingContent, .authenticating, .settlingAuthentication,
            .securing:
            preconditionFailure("no recipient was to be verified")
        }
    }

    private mutating func receivedData() -> Action {
        guard case .addressing(let envelope) = state else { return .reply(.badSequence) }
        guard !envelope.recipients.isEmpty else { return .reply(.noRecipients) }
        state = .verifyingContent(envelope, .data)
        return .verifyContent(envelope)
    }

    /// The answer to `.verifyContent`; a refusal ends the mail.
    package mutating func contentVerified(_ verdict: SenderVerdict) -> Action? {
        switch state {
        case .verifyingContent(let envelope, let command):
            state = .idle
            if case .refused(let reply) = verdict, reply.code.number == 421 { return close(reply) }
            switch (command, verdict) {
            case (.data, .accepted):
                state = .receivingContent(envelope, newDecoder())
                return .reply(.startContent)
            case (.data, .refused(let reply)): return counted(.reply(reply))
            case (.chunk(let octets, let isLast), .accepted):
                beginChunk(octets, isLast, envelope, newDecoder())
                return nil
            case (.chunk(let octets, _), .refused(let reply)):
                refuseChunk(octets, reply)
                return nil
            }
        case .closed: return .close(nil)
        case .starting, .idle, .verifyingGreeting, .verifyingSender, .addressing, .verifyingRecipient, .receivingContent,
            .receivingChunk, .betweenChunks, .discardingChunk, .settlingContent, .authenticating, .settlingAuthentication,
            .securing:
            preconditionFailure("no content was to be verified")
        }
    }

    func newDecoder() -> ContentDecoder {
        ContentDecoder(
            maximumSize: configuration.limits.messageSize,
            maximumReceivedFields: configuration.limits.receivedFields)
    }
}
