package import MailTypes
import NIOCore

/// Content, by DATA (RFC 5321 §4.1.1.4) and by BDAT (RFC 3030), and the driver's answer about it.
extension SMTPServerSession {
    mutating func receiveContent(
        _ buffer: inout ByteBuffer, _ envelope: Envelope, _ decoder: ContentDecoder
    ) -> Action {
        var decoder = decoder
        let output = decoder.decode(&buffer)
        switch output {
        case .octets(let octets):
            state = .receivingContent(envelope, decoder)
            return .content(octets)
        case .needMoreInput:
            state = .receivingContent(envelope, decoder)
            return .needMoreInput
        case .ended: return contentEnded(envelope, decoder)
        }
    }

    /// The answer to `.contentEnded`: the reply, by which the mail is ours or the client's.
    package mutating func contentSettled(_ reply: Reply) -> Action {
        switch state {
        case .settlingContent:
            state = .idle
            if reply.code.severity == 2 { mailAccepted() }
            return refused(reply)
        case .closed: return .close(nil)
        case .starting, .idle, .verifyingGreeting, .verifyingSender, .addressing, .verifyingRecipient, .verifyingContent,
            .receivingContent, .receivingChunk, .betweenChunks, .discardingChunk, .authenticating, .settlingAuthentication,
            .securing:
            preconditionFailure("no content was to be settled")
        }
    }

    private mutating func contentEnded(_ envelope: Envelope, _ decoder: ContentDecoder) -> Action {
        if let refusal = decoder.refusal {
            state = .idle
            return counted(.discardContent(Self.reply(to: refusal)))
        }
        state = .settlingContent
        return .contentEnded(envelope, decoder.facts)
    }

    private static func reply(to refusal: ContentDecoder.Refusal) -> Reply {
        switch refusal {
        case .bareLineEnd: .bareLineEnd
        case .tooLarge: .tooLarge
        case .tooManyReceivedFields: .mailLoop
        }
    }
}

/// BDAT. The announced octets are taken whatever the reply will be, so that the dialogue stays in step.
extension SMTPServerSession {
    /// `nil`: the chunk's octets follow.
    mutating func receivedChunkCommand(octets: Int, isLast: Bool) -> Action? {
        switch state {
        case .addressing(let envelope):
            guard envelope.recipients.isEmpty else {
                state = .verifyingContent(envelope, .chunk(octets: octets, isLast: isLast))
                return .verifyContent(envelope)
            }
            refuseChunk(octets, .noRecipients)
        case .betweenChunks(let envelope, let decoder): beginChunk(octets, isLast, envelope, decoder)
        case .idle: refuseChunk(octets, .badSequence)
        case .starting, .verifyingGreeting, .verifyingSender, .verifyingRecipient, .verifyingContent, .receivingContent,
            .receivingChunk, .discardingChunk, .settlingContent, .authenticating, .settlingAuthentication, .securing,
            .closed:
            preconditionFailure("a command was read where none can be")
        }
        return nil
    }

    mutating func beginChunk(_ octets: Int, _ isLast: Bool, _ envelope: Envelope, _ decoder: ContentDecoder) {
        let (total, overflows) = decoder.facts.octets.addingReportingOverflow(octets)
        guard !overflows, total <= configuration.limits.messageSize else { return refuseChunk(octets, .tooLarge) }
        state = .receivingChunk(envelope, decoder, remaining: octets, isLast: isLast)
    }

    /// A failed chunk fails the transaction (RFC 3030 §2).
    mutating func refuseChunk(_ octets: Int, _ reply: Reply) {
        state = .discardingChunk(remaining: octets, then: reply)
    }

    mutating func receiveChunk(
        _ buffer: inout ByteBuffer, _ envelope: Envelope, _ decoder: ContentDecoder, remaining: Int, isLast: Bool
    ) -> Action? {
        var decoder = decoder
        guard remaining > 0 else { return chunkEnded(envelope, decoder, isLast) }
        let available = min(buffer.readableBytes, remaining)
        guard available > 0 else { return .needMoreInput }
        let octets = decoder.decodeChunk(&buffer, maximumLength: available)
        state = .receivingChunk(envelope, decoder, remaining: remaining - available, isLast: isLast)
        return octets.map(Action.content)
    }

    private mutating func chunkEnded(_ envelope: Envelope, _ decoder: ContentDecoder, _ isLast: Bool) -> Action {
        var decoder = decoder
        if isLast { decoder.chunksEnded() }
        guard decoder.refusal == nil, !isLast else { return contentEnded(envelope, decoder) }
        state = .betweenChunks(envelope, decoder)
        return .reply(.chunkAccepted)
    }

    mutating func discardChunk(_ buffer: inout ByteBuffer, remaining: Int, _ reply: Reply) -> Action {
        let available = min(buffer.readableBytes, remaining)
        buffer.moveReaderIndex(forwardBy: available)
        guard available == remaining else {
            state = .discardingChunk(remaining: remaining - available, then: reply)
            return .needMoreInput
        }
        state = .idle
        return counted(.discardContent(reply))
    }
}
